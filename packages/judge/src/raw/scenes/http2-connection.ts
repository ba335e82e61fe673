/** What an HTTP/2 scene knows about one connection: what the judge has said, what it has read, who was called. */
import { Received, type Role } from '../http2/received.ts';
import { Sent } from '../http2/sent.ts';
import type { Pipe } from '../pipe.ts';
import type { Call } from './server-connection.ts';

export type Http2Call = Call & { cancelled?: boolean };

export class Http2Conn {
  readonly pipe: Pipe;
  readonly calls: Http2Call[] = [];
  readonly sent: Sent;
  readonly received: Received;
  /** Where the last `send` begins in what the judge has sent. */
  sendFrom = 0;
  /** How much the learner had written before the judge's last action. */
  mark = 0;
  settled: null | { how: 'resolved' } | { how: 'rejected'; error: unknown } = null;
  /** The given parts that the learner called although they give nothing any more. */
  readonly missed: Set<string> = new Set();
  /** The first block that the learner's coder could not decode, and what the coder said. */
  unread: { readonly block: Uint8Array; readonly error: unknown } | null = null;

  /** `learner`: which side the learner is. */
  constructor(pipe: Pipe, learner: Role) {
    this.pipe = pipe;
    this.sent = new Sent(learner === 'server');
    this.received = new Received(learner, this.sent);
  }

  /** Reads what has come in since, on both sides. */
  read(): void {
    this.sent.read(this.pipe.sent);
    this.received.read(this.pipe.received);
  }
}
