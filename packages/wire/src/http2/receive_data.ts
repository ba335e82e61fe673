import type { Core } from './core.ts';
import { ErrorCode } from './error_code.ts';
import { connectionFault, limitFault } from './fault.ts';
import { Flag } from './frame.ts';
import type { FrameReader } from './frame_reader.ts';
import type { Http2Stream } from './stream.ts';
import { mayReceive, RECEIVE_END_STREAM } from './stream_state.ts';

/** A piece of a DATA frame (RFC 9113 §6.1). The frame counts against the windows as a whole, when its first piece comes. */
export function receiveData(core: Core, reader: FrameReader): void {
  if (reader.first && !beginFrame(core, reader)) return;
  const { streamId, start, end } = reader;
  const size = end - start;
  const stream = core.streams.get(streamId);
  if (stream === undefined) {
    // Of a stream that we have reset: nobody will use it, and the connection's window must not pay for it.
    if (size > 0) core.giveBack(size);
    else if (reader.length === 0) core.passes(core.guard.courtesy(core.now, 'empty DATA on a stream that was reset'));
    return;
  }
  stream.unconsumed += size;
  stream.receivedAt = core.millisecond;
  const endStream = reader.last && (reader.flags & Flag.END_STREAM) !== 0;
  const short = endStream && stream.declared >= 0 && stream.received !== stream.declared;
  if (size > 0 || (endStream && !short)) {
    const data = reader.bytes.subarray(start, end);
    const made = core.joiner.add(stream, core.events, data, endStream && !short);
    if (made && reader.first && !endStream && !hasRoom(core, stream, reader.length - reader.padding)) return;
  }
  if (short) {
    const reason = `${stream.received} octets of content, ${stream.declared} declared (RFC 9113 §8.1.1)`;
    core.streamError(stream, ErrorCode.PROTOCOL_ERROR, reason);
  } else if (endStream) core.move(stream, RECEIVE_END_STREAM);
}

/** Checks what can be known when a DATA frame begins, and takes it from the windows. False when the connection is over. */
function beginFrame(core: Core, reader: FrameReader): boolean {
  const { streamId, length, padding } = reader;
  if (!core.receiveWindow.take(length)) {
    core.fail(
      connectionFault(ErrorCode.FLOW_CONTROL_ERROR, 'More content than the window of the connection (RFC 9113 §6.9.1)'),
    );
    return false;
  }
  if (padding > 0) core.giveBack(padding);
  const stream = core.streams.get(streamId);
  if (stream === undefined) return beginLate(core, streamId, length);
  if (!mayReceive(stream.state)) {
    core.fail(connectionFault(ErrorCode.STREAM_CLOSED, `DATA on stream ${streamId} after its end (RFC 9113 §5.1)`));
    return false;
  }
  if (!stream.take(length)) {
    core.fail(
      connectionFault(
        ErrorCode.FLOW_CONTROL_ERROR,
        `More content than the window of stream ${streamId} (RFC 9113 §6.9.1)`,
      ),
    );
    return false;
  }
  if (padding > 0) giveToStream(core, stream, padding);
  const content = length - padding;
  const endStream = (reader.flags & Flag.END_STREAM) !== 0;
  if (content > 0 || endStream) stream.emptyFrames = 0;
  else if (++stream.emptyFrames > core.limits.maxEmptyDataFrames) {
    const reason = `More than ${core.limits.maxEmptyDataFrames} empty DATA frames in a row on stream ${streamId}`;
    core.fail(limitFault('maxEmptyDataFrames', reason));
    return false;
  }
  stream.received += content;
  if (!stream.headReceived) core.streamError(stream, ErrorCode.PROTOCOL_ERROR, 'DATA before the head (RFC 9113 §8.1)');
  else if (stream.declared >= 0 && stream.received > stream.declared) {
    const reason = `More content than the ${stream.declared} octets declared (RFC 9113 §8.1.1)`;
    core.streamError(stream, ErrorCode.PROTOCOL_ERROR, reason);
  }
  return core.live;
}

function beginLate(core: Core, streamId: number, length: number): boolean {
  if (core.streams.isIdle(streamId)) {
    core.fail(connectionFault(ErrorCode.PROTOCOL_ERROR, `DATA on stream ${streamId}, which is idle (RFC 9113 §5.1)`));
  } else if (!core.streams.wasReset(streamId)) {
    core.fail(connectionFault(ErrorCode.STREAM_CLOSED, `DATA on stream ${streamId}, which is closed (RFC 9113 §5.1)`));
  } else if (!core.streams.takeLate(streamId, length)) {
    const reason = `More content than the window of stream ${streamId}, which was reset (RFC 9113 §6.9)`;
    core.fail(connectionFault(ErrorCode.FLOW_CONTROL_ERROR, reason));
  }
  return core.live;
}

/** Small frames cost far more than their octets: they may lag behind the application only so far. */
function hasRoom(core: Core, stream: Http2Stream, content: number): boolean {
  const { smallDataBytes, smallDataBudget, streamWindow } = core.limits;
  if (content >= smallDataBytes) return true;
  stream.wasted += smallDataBytes - content;
  const budget = Math.max(smallDataBudget, streamWindow / 2);
  if (stream.wasted <= budget) return true;
  const reason = `DATA frames below ${smallDataBytes} octets on stream ${stream.id} waste more than ${budget} octets`;
  core.fail(limitFault('smallDataBudget', reason));
  return false;
}

/** The application has used octets of a stream's content. */
export function consume(core: Core, streamId: number, octets: number): void {
  const stream = core.streams.get(streamId);
  if (stream === undefined) {
    const left = core.lingering.get(streamId);
    if (left === undefined) return;
    const used = Math.min(left, octets);
    if (used === left) core.lingering.delete(streamId);
    else core.lingering.set(streamId, left - used);
    core.giveBack(used);
    return;
  }
  const used = Math.min(stream.unconsumed, octets);
  if (used === 0) return;
  // What the small frames have wasted is made good as they are used up.
  if (stream.wasted > 0) stream.wasted = Math.floor(stream.wasted * (1 - used / stream.unconsumed));
  stream.unconsumed -= used;
  if (mayReceive(stream.state)) giveToStream(core, stream, used);
  core.giveBack(used);
}

function giveToStream(core: Core, stream: Http2Stream, octets: number): void {
  stream.give(octets);
  const increment = stream.announce();
  if (increment > 0) core.writer.windowUpdate(stream.id, increment);
}
