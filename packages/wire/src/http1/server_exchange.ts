import type { OutputQueue } from '../bytes/output_queue.ts';
import type { HttpVersion } from '../head.ts';
import type { OutgoingContent } from './outgoing.ts';
import { type MessageStep, REQUEST_STEPS, RESPONSE_STEPS } from './state.ts';
import type { CreatedUnit } from './tap.ts';

/** One request and its response, as a server sees them. */
export class ServerExchange {
  readonly id: number;
  readonly method: string;
  readonly version: HttpVersion;
  /** The connection persists after this exchange, as far as the request says. */
  readonly persists: boolean;
  /** What the client offers to switch to, or null. */
  readonly upgrade: string | null;
  /** The client waits for 100 (Continue) before it sends content. */
  awaitsContinue: boolean;

  /** The one that came after it, in its `ExchangeQueue`. */
  next: ServerExchange | null = null;
  request: MessageStep = REQUEST_STEPS.idle;
  response: MessageStep = RESPONSE_STEPS.idle;
  content: OutgoingContent | null = null;
  /** The response said that it is the last. */
  last = false;
  /** It is its turn: what it writes goes straight into the output. */
  front: boolean;
  /** What was written before this exchange's turn, if anything was. */
  queue: OutputQueue | null = null;
  /** Units that an observer is told of when the queue gets its place in the output. */
  units: CreatedUnit[] | null = null;
  /** `sendData` took fewer bytes than offered. */
  starved = false;
  /** Bytes of the request that were handed out and not consumed. */
  unconsumed = 0;
  /** Bytes of the request that came after the response was done, and were thrown away. */
  dropped = 0;

  constructor(
    id: number,
    method: string,
    version: HttpVersion,
    persists: boolean,
    upgrade: string | null,
    awaitsContinue: boolean,
    front: boolean,
  ) {
    this.id = id;
    this.method = method;
    this.version = version;
    this.persists = persists;
    this.upgrade = upgrade;
    this.awaitsContinue = awaitsContinue;
    this.front = front;
  }

  /** While it waits for an answer, what follows it may not be HTTP. */
  get maySwitch(): boolean {
    return (this.upgrade !== null || this.method === 'CONNECT') && this.response.name === 'idle';
  }

  /** Nothing is left to read or to write. */
  get done(): boolean {
    return this.request.name === 'done' && this.response.name === 'done';
  }
}
