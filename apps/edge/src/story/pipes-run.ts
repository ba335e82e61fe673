import { Http1Connection } from '@interleave/wire/http1';
import { PipeClient } from '../pipe/client.ts';
import type { ByteParts } from './parts.ts';
import { messageBorders } from './pipelining-run.ts';

/** The exchange that goes over every pipe: the app answers it to browsers as the core does in a pipe. */
export const TARGET = '/hello';
export const ANSWER = 'This answers /hello.\n';

/** What stands in the box before the visitor types. */
export const TYPED = 'GET /hello HTTP/1.1\nHost: pipe\n\n';
export const LONGEST_TYPED = 2_000;

/** Our own client, over whatever `send` does. */
export function pipeClient(send: (bytes: Uint8Array) => void, now: () => number): PipeClient {
  return new PipeClient({
    connection: (observe) => new Http1Connection({ role: 'client', observe, now: now() }),
    send,
    now,
  });
}

/** Lines that were typed, as HTTP ends them: with CR LF (RFC 9112 §2.2). */
export function typedBytes(text: string): Uint8Array {
  return new TextEncoder().encode(text.slice(0, LONGEST_TYPED).replace(/\r?\n/g, '\r\n'));
}

/** How many bytes differ, place by place; what is longer counts as different. A Date is the clock's, not the pipe's. */
export function differingBytes(a: Uint8Array, b: Uint8Array): number {
  const [x, y] = [withoutDate(a), withoutDate(b)];
  let n = Math.abs(x.length - y.length);
  for (let i = 0; i < Math.min(x.length, y.length); i++) if (x[i] !== y[i]) n++;
  return n;
}

function withoutDate(bytes: Uint8Array): string {
  return new TextDecoder('latin1').decode(bytes).replace(/^date: .*\r\n/im, '');
}

/** Where messages begin and end in one direction of a client's bytes. */
export function bordersOf(client: Pick<PipeClient, 'units'>, direction: 'created' | 'received'): ByteParts[] {
  return messageBorders(client.units, direction);
}
