import type { FieldSection } from '../fields/field.ts';
import { FieldFault, validateRequest, validateResponse, validateTrailers } from '../fields/validate.ts';
import type { DecodedBlock } from '../hpack/decoder.ts';
import type { Core } from './core.ts';
import { ErrorCode } from './error_code.ts';
import { connectionFault, limitFault } from './fault.ts';
import type { Http2Stream } from './stream.ts';
import { mayReceive, RECEIVE_END_STREAM, RECEIVE_HEADERS } from './stream_state.ts';

/** Requests that may come before the peer can know how many streams it may have: refusing these is nobody's mistake. */
const EARLY_REFUSALS = 1_000;
const CHECKED = { linesChecked: true };
const CHECKED_CONNECT = { linesChecked: true, connectProtocol: true };

/**
 * A whole field block has come: a head or trailers (RFC 9113 §8.1). Returns its lines, for an observer.
 *
 * Whatever becomes of the stream, the block is decoded unless the connection ends: the decoder's table depends on it.
 */
export function receiveBlock(
  core: Core,
  streamId: number,
  endStream: boolean,
  block: Uint8Array,
  start: number,
  end: number,
): FieldSection | null {
  const stream = core.streams.get(streamId);
  if (!mayCome(core, streamId, stream)) return null;
  const decoded = core.decoder.decode(block, start, end);
  if ('code' in decoded) {
    core.fail(decoded);
    return null;
  }
  const fields = core.tap === null ? null : decoded.fields.slice();
  if (stream === undefined) {
    if (core.streams.wasReset(streamId))
      core.passes(core.guard.courtesy(core.now, 'HEADERS on a stream that was reset'));
    else if (core.role === 'server') openRequest(core, streamId, endStream, decoded);
  } else if (stream.headReceived) receiveTrailers(core, stream, endStream, decoded);
  else receiveResponse(core, stream, endStream, decoded);
  return fields;
}

/** False, with the connection failed, where no HEADERS may come. */
function mayCome(core: Core, streamId: number, stream: Http2Stream | undefined): boolean {
  const { streams } = core;
  if (stream !== undefined) {
    if (mayReceive(stream.state)) return true;
    core.fail(connectionFault(ErrorCode.STREAM_CLOSED, `HEADERS on stream ${streamId} after its end (RFC 9113 §5.1)`));
    return false;
  }
  if (streams.wasReset(streamId)) return true;
  const idle = streams.isIdle(streamId);
  if (idle && core.role === 'server' && streams.isPeers(streamId)) return true;
  if (idle) {
    core.fail(
      connectionFault(
        ErrorCode.PROTOCOL_ERROR,
        `HEADERS on stream ${streamId}, which the peer cannot open (RFC 9113 §5.1.1)`,
      ),
    );
  } else if (streams.wasSkipped(streamId)) {
    core.fail(
      connectionFault(ErrorCode.PROTOCOL_ERROR, `Stream ${streamId} is opened after a higher one (RFC 9113 §5.1.1)`),
    );
  } else {
    core.fail(
      connectionFault(ErrorCode.STREAM_CLOSED, `HEADERS on stream ${streamId}, which is closed (RFC 9113 §5.1)`),
    );
  }
  return false;
}

function openRequest(core: Core, streamId: number, endStream: boolean, decoded: DecodedBlock): void {
  const { streams, limits } = core;
  streams.opensPeer(streamId);
  if (streamId > core.acceptUpTo) {
    // GOAWAY has said that this stream is not acted upon (RFC 9113 §6.8).
    streams.remember(streamId, endStream ? 0 : core.initialReceiveWindow);
    return;
  }
  if (core.peerStreams >= limits.maxConcurrentStreams) {
    core.refuse(streamId, ErrorCode.REFUSED_STREAM, endStream);
    if (core.settingsAcknowledged || streamId > EARLY_REFUSALS * 2) {
      core.passes(core.guard.glitch(core.now, `a stream beyond the ${limits.maxConcurrentStreams} allowed`));
    }
    return;
  }
  if (core.explicitRelease && core.unreleased.size >= limits.maxUnreleasedStreams) {
    const reason = `More than ${limits.maxUnreleasedStreams} requests are being worked on, those given up included`;
    core.fail(limitFault('maxUnreleasedStreams', reason));
    return;
  }
  if (decoded.exceeded !== null) {
    tooLarge(core, streamId, endStream);
    return;
  }
  const request =
    decoded.fault ?? validateRequest(decoded.fields, '2', core.connectProtocol ? CHECKED_CONNECT : CHECKED);
  const fault = request instanceof FieldFault ? request : lengthFault(request.contentLength, endStream);
  if (fault !== null || request instanceof FieldFault) {
    core.refuse(streamId, ErrorCode.PROTOCOL_ERROR, endStream);
    core.passes(core.guard.glitch(core.now, `a malformed request: ${(fault as FieldFault).reason}`));
    return;
  }
  const { head } = request;
  const stream = core.open(streamId);
  stream.headReceived = true;
  stream.declared = request.contentLength;
  stream.head = head.method === 'HEAD';
  stream.connect = head.method === 'CONNECT';
  const priority = core.earlyPriorities.get(streamId) ?? core.policy.ofRequest(head.fields);
  stream.urgency = priority.urgency;
  stream.incremental = priority.incremental;
  if (core.earlyPriorities.size > 0) core.earlyPriorities.delete(streamId);
  core.guard.streamOpened();
  if (core.explicitRelease) core.unreleased.add(streamId);
  core.move(stream, RECEIVE_HEADERS);
  core.emit({ type: 'request', streamId, head, endStream });
  if (endStream) core.move(stream, RECEIVE_END_STREAM);
  else {
    stream.receivedAt = core.millisecond;
    core.watch();
  }
}

/** 431 (RFC 6585 §5), without bothering the application. */
function tooLarge(core: Core, streamId: number, endStream: boolean): void {
  core.writer.headers(streamId, [[':status', '431']], [['content-length', '0']], true, core.peer.maxFrameSize);
  if (!endStream) core.refuse(streamId, ErrorCode.NO_ERROR, endStream);
  core.passes(core.guard.glitch(core.now, 'a request whose fields are too large'));
}

function receiveResponse(core: Core, stream: Http2Stream, endStream: boolean, decoded: DecodedBlock): void {
  if (decoded.exceeded !== null) {
    core.streamError(
      stream,
      ErrorCode.ENHANCE_YOUR_CALM,
      `limit: ${decoded.exceeded}. The head of the response is too large`,
    );
    return;
  }
  const response = decoded.fault ?? validateResponse(decoded.fields, '2', CHECKED);
  if (response instanceof FieldFault) {
    core.streamError(stream, ErrorCode.PROTOCOL_ERROR, `Malformed response: ${response.reason}`);
    return;
  }
  const { head } = response;
  if (head.status < 200) {
    if (endStream)
      core.streamError(stream, ErrorCode.PROTOCOL_ERROR, 'An interim response ends the stream (RFC 9113 §8.1)');
    else if (++stream.interimReceived > core.limits.maxInterimResponses) {
      core.streamError(
        stream,
        ErrorCode.ENHANCE_YOUR_CALM,
        'limit: maxInterimResponses. The final response does not come',
      );
    } else core.emit({ type: 'informational', streamId: stream.id, head });
    return;
  }
  const tunnel = stream.connect && head.status < 300;
  const without = stream.head || head.status === 204 || head.status === 304;
  // What has no content may still declare the length that it would have had (RFC 9113 §8.1.1).
  stream.declared = tunnel ? -1 : without ? 0 : response.contentLength;
  const fault = lengthFault(stream.declared, endStream);
  if (fault !== null) {
    core.streamError(stream, ErrorCode.PROTOCOL_ERROR, fault.reason);
    return;
  }
  stream.headReceived = true;
  core.move(stream, RECEIVE_HEADERS);
  core.emit({ type: 'response', streamId: stream.id, head, endStream });
  if (endStream) core.move(stream, RECEIVE_END_STREAM);
}

function receiveTrailers(core: Core, stream: Http2Stream, endStream: boolean, decoded: DecodedBlock): void {
  const fault =
    decoded.fault ??
    validateTrailers(decoded.fields, '2', CHECKED) ??
    lengthFault(stream.declared - stream.received, true);
  if (!endStream) {
    core.streamError(stream, ErrorCode.PROTOCOL_ERROR, 'HEADERS after the head without END_STREAM (RFC 9113 §8.1)');
  } else if (decoded.exceeded !== null) {
    core.streamError(stream, ErrorCode.ENHANCE_YOUR_CALM, `limit: ${decoded.exceeded}. The trailers are too large`);
  } else if (fault !== null) {
    core.streamError(stream, ErrorCode.PROTOCOL_ERROR, `Malformed trailers: ${fault.reason}`);
  } else {
    core.emit({ type: 'trailers', streamId: stream.id, fields: decoded.fields });
    core.move(stream, RECEIVE_END_STREAM);
  }
}

/** The stream ends although content is still missing. */
function lengthFault(missing: number, endStream: boolean): FieldFault | null {
  if (!endStream || missing <= 0) return null;
  return new FieldFault(
    'content-length',
    `The stream ends ${missing} octets before the declared end (RFC 9113 §8.1.1)`,
  );
}
