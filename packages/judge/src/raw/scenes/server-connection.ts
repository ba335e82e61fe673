/** What the server scene knows about one connection beyond its bytes. */
import { join } from '../bytes.ts';
import type { Pipe } from '../pipe.ts';
import type { ParsedReply } from '../replies.ts';

export type Call = {
  request: string;
  trace: Error;
  parts: Uint8Array[];
  bodyDone: boolean;
  bodyFailed?: boolean;
  status: number | null;
  /** The handler threw: there is no answer, and none will come. */
  threw?: boolean;
  /** Of a reply whose body comes in pieces: how many were asked for, and whether the body is over. */
  pulls?: number;
  reply?: 'open' | 'over';
};

export class Conn {
  readonly pipe: Pipe;
  readonly calls: Call[] = [];
  /** Whole replies that were read, in order, with the request that each answers. */
  readonly replies: { to: string; reply: ParsedReply }[] = [];
  /** How far the received bytes have been read as replies. */
  at = 0;
  /** Where the last `send` begins in the sent bytes. */
  sendFrom = 0;
  /** How many calls there were when the judge broke the connection off. */
  callsAtReset = 0;
  settled: null | { how: 'resolved' } | { how: 'rejected'; error: unknown } = null;

  constructor(pipe: Pipe) {
    this.pipe = pipe;
  }
}

/** The handler was called, and has not come to an end. */
export function isRunning(call: Call): boolean {
  return call.status === null && call.threw !== true && call.bodyFailed !== true;
}

/** How much of all request bodies the handler has read. */
export function readBytes(conn: Conn): number {
  return conn.calls.reduce((sum, call) => sum + call.parts.reduce((n, part) => n + part.length, 0), 0);
}

export function bodyOf(call: Call): Uint8Array {
  return join(call.parts);
}
