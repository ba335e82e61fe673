import type { FieldSection } from '../fields/field.ts';
import { DEFAULT_PRIORITY } from '../priority/priority.ts';
import type { Scheduled } from '../priority/scheduler.ts';
import { ReceiveWindow } from './flow_window.ts';
import type { SendQueue } from './send_queue.ts';
import { IDLE } from './stream_state.ts';

/**
 * One stream (RFC 9113 §5): an exchange, as far as both ends have got with it.
 *
 * It is its own receive window, and the fields that every DATA frame asks for stand first: with thousands of streams, what a
 * frame costs is how much memory it touches.
 */
export class Http2Stream extends ReceiveWindow implements Scheduled<Http2Stream> {
  readonly id: number;
  /** A number of `STREAM_STATES`. */
  state: number = IDLE;

  // Receiving

  /** Octets that were handed out and not given back. */
  unconsumed = 0;
  /** What Content-Length declared, or -1 when nothing is declared, or nothing of it holds. */
  declared = -1;
  received = 0;
  /** Empty DATA frames in a row. */
  emptyFrames = 0;
  /** Room that small DATA frames have wasted and the application has not caught up with. */
  wasted = 0;
  /** The final head has come: what follows are content and trailers. */
  headReceived = false;
  /** Small content of the present call, still growing: see `DataJoiner`. */
  joined: JoinedData | null = null;
  /** The latest time that content came. */
  receivedAt = 0;

  // Sending

  /** What the peer lets us send (RFC 9113 §6.9). */
  sendWindow: number;
  /** The final head has been sent. */
  headSent = false;
  /** Content is dropped rather than sent: to HEAD, 204, 304. */
  bodiless = false;
  queue: SendQueue | null = null;
  /** END_STREAM follows what is in the queue. */
  endQueued = false;
  /** Trailers follow what is in the queue. */
  trailers: FieldSection | null = null;
  /** The latest time that content was sent, or began to wait. */
  sentAt = 0;
  /** `sendData` has taken less than offered: a `writable` is owed. */
  refused = false;
  /** Is among those that may be told. */
  woken = false;

  // Scheduling

  urgency: number = DEFAULT_PRIORITY.urgency;
  incremental: boolean = DEFAULT_PRIORITY.incremental;
  next: Http2Stream | null = null;
  previous: Http2Stream | null = null;

  // The request, and what of it decides about the response

  /** The request was HEAD: the response has no content, whatever its fields say. */
  head = false;
  /** The request was CONNECT: what follows a 2xx is a tunnel. */
  connect = false;
  interimReceived = 0;

  /** A stream that is idle, with these windows; `receiveTarget` is the size to which ours is restored. */
  constructor(id: number, receiveWindow: number, receiveTarget: number, sendWindow: number) {
    super(receiveWindow, receiveTarget);
    this.id = id;
    this.sendWindow = sendWindow;
  }

  /** Octets that wait to be sent. */
  get queued(): number {
    return this.queue === null ? 0 : this.queue.length;
  }
}

/** Content of several small frames, put together. */
export interface JoinedData {
  readonly event: { data: Uint8Array; flowControlledLength: number; endStream: boolean };
  buffer: Uint8Array | null;
  length: number;
}
