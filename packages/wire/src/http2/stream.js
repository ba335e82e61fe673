import { DEFAULT_PRIORITY } from '../priority/priority.ts';
import { IDLE } from './stream_state.ts';
/** One stream (RFC 9113 §5): an exchange, as far as both ends have got with it. */
export class Http2Stream {
  id;
  /** A number of `STREAM_STATES`. */
  state = IDLE;
  // The request, and what of it decides about the response
  /** The request was HEAD: the response has no content, whatever its fields say. */
  head = false;
  /** The request was CONNECT: what follows a 2xx is a tunnel. */
  connect = false;
  // Receiving
  /** The final head has come: what follows are content and trailers. */
  headReceived = false;
  interimReceived = 0;
  /** What Content-Length declared, or -1 when nothing is declared, or nothing of it holds. */
  declared = -1;
  received = 0;
  /** Made with the first DATA: most requests have none. */
  window = null;
  /** Octets that were handed out and not given back. */
  unconsumed = 0;
  /** Empty DATA frames in a row. */
  emptyFrames = 0;
  /** Room that small DATA frames have wasted and the application has not caught up with. */
  wasted = 0;
  /** The latest time that content came. */
  receivedAt = 0;
  /** Small content of the present call, still growing: see `DataJoiner`. */
  joined = null;
  // Sending
  /** The final head has been sent. */
  headSent = false;
  /** Content is dropped rather than sent: to HEAD, 204, 304. */
  bodiless = false;
  /** What the peer lets us send (RFC 9113 §6.9). */
  sendWindow;
  queue = null;
  /** END_STREAM follows what is in the queue. */
  endQueued = false;
  /** Trailers follow what is in the queue. */
  trailers = null;
  /** `sendData` has taken less than offered: a `writable` is owed. */
  refused = false;
  /** Is among those that may be told. */
  woken = false;
  /** The latest time that content was sent, or began to wait. */
  sentAt = 0;
  // Scheduling
  urgency = DEFAULT_PRIORITY.urgency;
  incremental = DEFAULT_PRIORITY.incremental;
  next = null;
  previous = null;
  constructor(id, sendWindow) {
    this.id = id;
    this.sendWindow = sendWindow;
  }
  /** Octets that wait to be sent. */
  get queued() {
    return this.queue === null ? 0 : this.queue.length;
  }
}
