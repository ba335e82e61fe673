import { LocalProtocolError } from '../errors.ts';
import { isFieldValue, isToken } from '../fields/characters.ts';
import type { FieldLine, FieldSection } from '../fields/field.ts';
import { validateRequest, validateTrailers } from '../fields/validate.ts';
import type { RequestInit, ResponseInit } from '../head.ts';
import type { Core } from './core.ts';
import { MAX_STREAM_ID, MIN_MAX_FRAME_SIZE } from './frame.ts';
import { outgoingFields } from './outgoing_fields.ts';
import { SendQueue } from './send_queue.ts';
import type { Http2Stream } from './stream.ts';
import { maySend, SEND_END_STREAM, SEND_HEADERS } from './stream_state.ts';

/** What every stream may queue, however much the others have: the scheduler needs something to choose from. */
const SHARE = MIN_MAX_FRAME_SIZE;
/** Content goes out in frames of at most this size even where larger ones are allowed: a large frame delays all others. */
const MOST_IN_FRAME = MIN_MAX_FRAME_SIZE;
const NO_FIELDS: FieldSection = [];

/** Sends heads, content and trailers. Content waits in its stream's queue until the scheduler lets it go (RFC 9218 §10). */
export class Sender {
  readonly #core: Core;
  /** Octets sent since windows last broke content up: at the end of a window that is filled, it happens to everybody. */
  #sinceDribble = 0;

  constructor(core: Core) {
    this.#core = core;
  }

  /** Streams that could be opened now. */
  get openable(): number {
    const core = this.#core;
    if (core.role !== 'client' || core.phase !== 'open' || core.peerLeaves) return 0;
    const ids = (MAX_STREAM_ID - 1 - core.streams.lastOwnId) / 2;
    return Math.max(0, Math.min(core.peer.maxConcurrentStreams - core.ownStreams, Math.floor(ids)));
  }

  request(head: RequestInit, endStream: boolean): number {
    const core = this.#core;
    if (core.role !== 'client') throw new LocalProtocolError('Cannot send a request: this is the server');
    if (this.openable === 0) throw new LocalProtocolError(`Cannot send a request: ${this.#whyNot()}`);
    if (head.protocol !== undefined && !core.peer.enableConnectProtocol) {
      throw new LocalProtocolError('Cannot send an extended CONNECT: the server has not allowed it (RFC 8441 §3)');
    }
    const pseudo = requestPseudo(head);
    const fields = outgoingFields(head.fields ?? NO_FIELDS);
    const checked = validateRequest([...pseudo, ...fields], '2', { connectProtocol: true });
    if (!('head' in checked)) throw new LocalProtocolError(`Cannot send a request: ${checked.reason}`);
    const id = core.streams.lastOwnId === 0 ? 1 : core.streams.lastOwnId + 2;
    const stream = core.open(id);
    stream.incremental = true;
    stream.headSent = true;
    stream.head = head.method === 'HEAD';
    stream.connect = head.method === 'CONNECT';
    core.streams.lastOwnId = id;
    core.move(stream, SEND_HEADERS);
    core.writer.headers(id, pseudo, fields, endStream, core.peer.maxFrameSize);
    if (endStream) core.move(stream, SEND_END_STREAM);
    return id;
  }

  response(streamId: number, head: ResponseInit, endStream: boolean): void {
    const core = this.#core;
    if (core.role !== 'server') throw new LocalProtocolError('Cannot send a response: this is the client');
    const stream = this.#sendable(streamId);
    if (stream === null) return;
    const { status } = head;
    if (!Number.isInteger(status) || status < 100 || status > 999 || status === 101) {
      throw new LocalProtocolError(
        `Cannot send status ${status}: give an integer from 100 to 999 that is not 101 (RFC 9113 §8.6)`,
      );
    }
    if (stream.headSent) throw new LocalProtocolError(`Cannot send a second response on stream ${streamId}`);
    const interim = status < 200;
    if (interim && endStream)
      throw new LocalProtocolError(`Cannot end stream ${streamId} with an interim response (RFC 9113 §8.1)`);
    const fields = outgoingFields(head.fields ?? NO_FIELDS);
    if (!interim) {
      stream.headSent = true;
      stream.bodiless = stream.head || status === 204 || status === 304;
    }
    core.writer.headers(streamId, [[':status', String(status)]], fields, endStream, core.peer.maxFrameSize);
    if (endStream) core.move(stream, SEND_END_STREAM);
  }

  data(streamId: number, data: Uint8Array, endStream: boolean): number {
    const core = this.#core;
    const stream = this.#sendable(streamId);
    // The exchange is over for a reason that the application may not know yet: what it says falls into the void.
    if (stream === null) return data.length;
    if (!stream.headSent)
      throw new LocalProtocolError(`Cannot send content on stream ${streamId}: its head comes first`);
    const size = data.length;
    if (stream.bodiless) {
      if (endStream) this.#end(stream);
      return size;
    }
    const { queued } = stream;
    if (queued === 0 && core.scheduler.size === 0 && this.#fitsNow(stream, size)) {
      if (size > 0 || endStream) this.#frame(stream, data, endStream);
      return size;
    }
    const taken = Math.min(size, this.#room(stream));
    if (taken > 0) {
      stream.queue ??= new SendQueue();
      stream.queue.push(taken === size ? data : data.subarray(0, taken));
      core.queued += taken;
      if (queued === 0) {
        stream.sentAt = core.millisecond;
        core.watch();
      }
      core.scheduler.add(stream);
    }
    if (taken < size) this.#refuse(stream);
    else if (endStream) this.#end(stream);
    return taken;
  }

  trailers(streamId: number, fields: FieldSection): void {
    const stream = this.#sendable(streamId);
    if (stream === null) return;
    if (!stream.headSent)
      throw new LocalProtocolError(`Cannot send trailers on stream ${streamId}: its head comes first`);
    const sent = outgoingFields(fields);
    const fault = validateTrailers(sent, '2', { linesChecked: true });
    if (fault !== null) throw new LocalProtocolError(`Cannot send these trailers: ${fault.reason}`);
    if (stream.queued > 0) stream.trailers = sent;
    else this.#writeTrailers(stream, sent);
  }

  /** Octets that `data` would take. */
  capacity(streamId: number): number {
    const stream = this.#core.streams.get(streamId);
    if (stream === undefined || !maySend(stream.state) || !stream.headSent) return 0;
    return stream.endQueued || stream.trailers !== null ? 0 : this.#room(stream);
  }

  /** Moves content from the queues into the output, by priority, until `max` octets are there or a window is closed. */
  schedule(max: number): void {
    const core = this.#core;
    const { scheduler, output, sendWindow } = core;
    while (output.length < max && sendWindow.available > 0) {
      const stream = scheduler.peek();
      if (stream === null) return;
      const queue = stream.queue as SendQueue;
      const most = Math.min(stream.sendWindow, sendWindow.available, core.peer.maxFrameSize, MOST_IN_FRAME);
      const size = Math.min(queue.length, most);
      const last = size === queue.length;
      const endStream = last && stream.endQueued;
      // Windows that are opened by a few octets at a time make us send small frames: the peer's doing, and bounded.
      const dribble = size < core.limits.smallDataBytes && (!last || stream.refused);
      if (dribble && this.#sinceDribble < SHARE) {
        if (!core.passes(core.guard.glitch(core.now, 'a window that lets only a few octets pass'))) return;
      }
      core.writer.data(stream.id, size, endStream, (room) => queue.take(room));
      core.queued -= size;
      this.#sent(stream, size);
      if (dribble) this.#sinceDribble = 0;
      else core.guard.dataSent(size);
      if (last || stream.sendWindow <= 0) scheduler.remove(stream);
      scheduler.sent(stream);
      if (!last) continue;
      if (stream.trailers !== null) this.#writeTrailers(stream, stream.trailers);
      else if (endStream) core.move(stream, SEND_END_STREAM);
      else core.wake(stream);
    }
  }

  /** Tells the application where there is room again, most urgent first. */
  emitWritable(): void {
    const core = this.#core;
    const { woken } = core;
    if (woken.length === 0) return;
    core.woken = [];
    if (woken.length > 1) woken.sort((a, b) => a.urgency - b.urgency || a.id - b.id);
    for (const stream of woken) {
      stream.woken = false;
      if (!stream.refused) continue;
      const capacity = this.capacity(stream.id);
      if (capacity === 0) continue;
      stream.refused = false;
      core.emit({ type: 'writable', streamId: stream.id, capacity });
    }
  }

  /** The stream, or null when it is closed; what was never opened, or is ended by us, is our mistake. */
  #sendable(streamId: number): Http2Stream | null {
    const core = this.#core;
    const stream = core.streams.get(streamId);
    if (stream === undefined) {
      if (core.live && core.streams.isIdle(streamId))
        throw new LocalProtocolError(`Cannot send on stream ${streamId}: there is no such stream`);
      return null;
    }
    if (!maySend(stream.state) || stream.endQueued || stream.trailers !== null) {
      throw new LocalProtocolError(`Cannot send on stream ${streamId}: it has been ended`);
    }
    return stream;
  }

  /** True when content can go straight into the output, past a queue that nobody is in. */
  #fitsNow(stream: Http2Stream, size: number): boolean {
    const core = this.#core;
    if (size === 0) return true;
    const windows = Math.min(stream.sendWindow, core.sendWindow.available);
    return size <= MOST_IN_FRAME && size <= windows && core.output.length + size <= core.limits.outputHighWater;
  }

  #frame(stream: Http2Stream, data: Uint8Array, endStream: boolean): void {
    const core = this.#core;
    core.writer.wholeData(stream.id, data, endStream);
    this.#sent(stream, data.length);
    core.guard.dataSent(data.length);
    if (endStream) core.move(stream, SEND_END_STREAM);
  }

  #sent(stream: Http2Stream, size: number): void {
    const core = this.#core;
    this.#sinceDribble += size;
    stream.sendWindow -= size;
    core.sendWindow.available -= size;
    stream.sentAt = core.millisecond;
  }

  /** The most that the stream's queue may grow by. */
  #room(stream: Http2Stream): number {
    const core = this.#core;
    const { queued } = stream;
    const common = core.limits.outputHighWater - core.queued - core.output.length;
    return Math.max(0, Math.min(stream.sendWindow - queued, Math.max(common, SHARE - queued)));
  }

  #refuse(stream: Http2Stream): void {
    const core = this.#core;
    if (!stream.refused && stream.queued === 0) stream.sentAt = core.millisecond;
    stream.refused = true;
    core.watch();
  }

  /** END_STREAM follows what is queued; a frame of its own when nothing is. */
  #end(stream: Http2Stream): void {
    if (stream.queued > 0) {
      stream.endQueued = true;
      return;
    }
    this.#core.writer.wholeData(stream.id, EMPTY, true);
    this.#core.move(stream, SEND_END_STREAM);
  }

  #writeTrailers(stream: Http2Stream, fields: FieldSection): void {
    const core = this.#core;
    core.writer.headers(stream.id, NO_FIELDS, fields, true, core.peer.maxFrameSize);
    core.move(stream, SEND_END_STREAM);
  }

  #whyNot(): string {
    const core = this.#core;
    if (core.phase !== 'open') return 'the connection is ending';
    if (core.peerLeaves) return 'the server has sent GOAWAY (RFC 9113 §6.8)';
    if (core.streams.lastOwnId >= MAX_STREAM_ID - 2) return 'no stream identifiers are left (RFC 9113 §5.1.1)';
    return `the server allows ${core.peer.maxConcurrentStreams} streams at a time; wait for one to end (RFC 9113 §5.1.2)`;
  }
}

const EMPTY: Uint8Array = new Uint8Array(0);

/** The pseudo-header fields of a request (RFC 9113 §8.3.1, RFC 8441 §4). */
function requestPseudo(head: RequestInit): FieldLine[] {
  const { method, target, scheme, authority, protocol } = head;
  if (!isToken(method))
    throw new LocalProtocolError(`Cannot send method ${JSON.stringify(method)}: it is not a token (RFC 9110 §9.1)`);
  const pseudo: FieldLine[] = [[':method', method]];
  if (method === 'CONNECT' && protocol === undefined) {
    pseudo.push([':authority', authority ?? target]);
    return pseudo;
  }
  pseudo.push([':scheme', scheme ?? 'https']);
  if (authority !== undefined) pseudo.push([':authority', authority]);
  pseudo.push([':path', target]);
  if (protocol !== undefined) pseudo.push([':protocol', protocol]);
  for (const [name, value] of pseudo) {
    if (!isFieldValue(value))
      throw new LocalProtocolError(`Cannot send ${name}: it has a character that no field may hold`);
  }
  return pseudo;
}
