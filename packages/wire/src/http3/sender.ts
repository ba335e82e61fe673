import { LocalProtocolError } from '../errors.ts';
import type { FieldSection } from '../fields/field.ts';
import type { RequestInit, ResponseInit } from '../head.ts';
import type { Core } from './core.ts';
import { frameHead, H3FrameType } from './frame.ts';
import { requestLines, responseLines, trailerLines } from './outgoing_fields.ts';
import type { MessageReceiver } from './receiver.ts';
import { RequestStream } from './request_stream.ts';
import { H3Setting } from './settings.ts';

/** Sends messages on request streams, in the order that RFC 9114 §4.1 wants. */
export class Sender {
  readonly #core: Core;
  readonly #receiver: MessageReceiver;
  #nextId = 0;

  constructor(core: Core, receiver: MessageReceiver) {
    this.#core = core;
    this.#receiver = receiver;
  }

  request(head: RequestInit, endStream: boolean): number {
    const core = this.#core;
    if (core.role !== 'client') throw new LocalProtocolError('Cannot send a request: this is the server');
    if (core.over || core.goawayReceived >= 0 || core.goawaySent >= 0) {
      throw new LocalProtocolError('Cannot send a request: the connection takes no new ones. Open another');
    }
    if (head.protocol !== undefined && core.peerSettings?.get(H3Setting.ENABLE_CONNECT_PROTOCOL) !== 1) {
      throw new LocalProtocolError(
        'Cannot send :protocol: the server has not offered extended CONNECT (RFC 9220 §3). Wait for its settings',
      );
    }
    const lines = requestLines(head);
    core.checkSize(lines);
    const stream = new RequestStream(this.#nextId, this.#receiver, true);
    this.#nextId += 4;
    stream.method = head.method;
    stream.announced = true;
    const { urgency, incremental } = core.policy.ofRequest(lines);
    stream.urgency = urgency;
    stream.incremental = incremental;
    core.streams.add(stream);
    core.sendHeaders(stream, lines);
    stream.sending = 'content';
    if (endStream) finish(stream);
    return stream.id;
  }

  response(streamId: number, head: ResponseInit, endStream: boolean): void {
    const core = this.#core;
    if (core.role !== 'server') throw new LocalProtocolError('Cannot send a response: this is the client');
    const stream = core.streams.get(streamId);
    if (stream === undefined || stream.sendClosed) return;
    if (stream.sending !== 'idle' && stream.sending !== 'interim') {
      throw new LocalProtocolError(`Cannot send a response on stream ${streamId}: it has one`);
    }
    core.sendHeaders(stream, responseLines(head));
    stream.sending = head.status < 200 ? 'interim' : 'content';
    if (head.status < 200) return;
    // From here on the request's stream carries bytes of another protocol: trailers would be a fault (RFC 9114 §4.4).
    if (stream.method === 'CONNECT' && head.status < 300) stream.step('tunnel');
    if (endStream) finish(stream);
  }

  data(streamId: number, data: Uint8Array, endStream: boolean): number {
    const core = this.#core;
    const stream = core.streams.get(streamId);
    if (stream === undefined || stream.sendClosed) return data.length;
    if (stream.sending !== 'content') {
      throw new LocalProtocolError(
        `Cannot send content on stream ${streamId}: ${stream.sending === 'done' ? 'its message has ended' : 'its head comes first'}`,
      );
    }
    const taken = Math.min(data.length, this.capacity(streamId));
    if (taken > 0) {
      stream.output.copy(frameHead(H3FrameType.DATA, taken));
      stream.output.append(taken === data.length ? data : data.subarray(0, taken));
      core.tap?.frame('created', streamId, H3FrameType.DATA, taken);
    }
    if (taken < data.length) stream.blockedWriter = true;
    else if (endStream) finish(stream);
    return taken;
  }

  trailers(streamId: number, fields: FieldSection): void {
    const core = this.#core;
    const stream = core.streams.get(streamId);
    if (stream === undefined || stream.sendClosed) return;
    if (stream.sending !== 'content') {
      throw new LocalProtocolError(`Cannot send trailers on stream ${streamId}: they stand behind a head, once`);
    }
    const lines = trailerLines(fields);
    if (lines.length > 0) core.sendHeaders(stream, lines);
    finish(stream);
  }

  capacity(streamId: number): number {
    const stream = this.#core.streams.get(streamId);
    return stream === undefined ? 0 : Math.max(0, this.#core.limits.outputHighWater - stream.output.length);
  }
}

function finish(stream: RequestStream): void {
  stream.finQueued = true;
  stream.sending = 'done';
}
