import { decodeLatin1 } from '../bytes/latin1.ts';
import { parsePriority } from '../priority/parse.ts';
import { type Core, isUnprocessed } from './core.ts';
import { ErrorCode, errorName } from './error_code.ts';
import { connectionFault, limitFault } from './fault.ts';
import { Flag, MAX_STREAM_ID, MAX_WINDOW } from './frame.ts';
import { type FrameReader, readUint32 } from './frame_reader.ts';
import { SETTING_SIZE, Setting } from './settings.ts';
import type { Http2Stream } from './stream.ts';

/** RST_STREAM (RFC 9113 §6.4). */
export function receiveReset(core: Core, reader: FrameReader): void {
  const { streamId } = reader;
  const code = readUint32(reader.bytes, reader.start);
  const stream = core.streams.get(streamId);
  if (stream === undefined) {
    if (refusesIdle(core, streamId, 'RST_STREAM')) return;
    core.passes(core.guard.courtesy(core.now, 'RST_STREAM on a stream that is closed'));
    return;
  }
  // Only a client can reset streams without end: a server has no more than we have opened.
  if (core.role === 'server' && !core.passes(core.guard.reset(core.now))) return;
  core.resetByPeer(stream);
  const reason = `The peer has reset the stream: ${errorName(code)}`;
  const unprocessed = core.role === 'client' && isUnprocessed(code);
  core.emit({ type: 'reset', streamId, code, initiator: 'peer', reason, unprocessed });
}

/** WINDOW_UPDATE (RFC 9113 §6.9). */
export function receiveWindowUpdate(core: Core, reader: FrameReader): void {
  const { streamId } = reader;
  const increment = readUint32(reader.bytes, reader.start) & 0x7fff_ffff;
  const stream = streamId === 0 ? undefined : core.streams.get(streamId);
  if (streamId !== 0 && stream === undefined && refusesIdle(core, streamId, 'WINDOW_UPDATE')) return;
  if (increment === 0) {
    core.fail(connectionFault(ErrorCode.PROTOCOL_ERROR, 'WINDOW_UPDATE of 0 (RFC 9113 §6.9)'));
    return;
  }
  if (!core.passes(core.guard.courtesy(core.now, 'WINDOW_UPDATE'))) return;
  if (streamId === 0) {
    if (!core.sendWindow.add(increment)) overflow(core, 'the connection');
    return;
  }
  if (stream === undefined) return;
  stream.sendWindow += increment;
  if (stream.sendWindow > MAX_WINDOW) overflow(core, `stream ${streamId}`);
  else windowOpened(core, stream);
}

function overflow(core: Core, whose: string): void {
  core.fail(
    connectionFault(ErrorCode.FLOW_CONTROL_ERROR, `The window of ${whose} exceeds 2^31-1 octets (RFC 9113 §6.9.1)`),
  );
}

/** The stream's window has grown: what waited for it can go on. */
function windowOpened(core: Core, stream: Http2Stream): void {
  if (stream.sendWindow <= 0) return;
  if (stream.queued > 0) core.scheduler.add(stream);
  else core.wake(stream);
}

/** SETTINGS (RFC 9113 §6.5). */
export function receiveSettings(core: Core, reader: FrameReader): ReadonlyMap<number, number> | null {
  if ((reader.flags & Flag.ACK) !== 0) {
    if (core.settingsAcknowledged)
      core.passes(core.guard.courtesy(core.now, 'a SETTINGS acknowledgement that nobody waits for'));
    else settingsAcknowledged(core);
    return null;
  }
  const { bytes, start, end } = reader;
  const count = (end - start) / SETTING_SIZE;
  const { maxSettingsPerFrame } = core.limits;
  if (count > maxSettingsPerFrame) {
    core.fail(
      limitFault('maxSettingsPerFrame', `${count} entries in one SETTINGS frame, above ${maxSettingsPerFrame}`),
    );
    return null;
  }
  if (core.peer.known && !core.passes(core.guard.courtesy(core.now, 'SETTINGS'))) return null;
  const settings = new Map<number, number>();
  // Read before anything is applied: a value that is said twice goes through the peer twice.
  const window = core.peer.initialWindowSize;
  for (let at = start; at < end; at += SETTING_SIZE) {
    const id = ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
    const value = readUint32(bytes, at + 2);
    // The last of several values counts, and each of them has to be allowed (RFC 9113 §6.5.3).
    if (
      settings.has(id) &&
      !core.passes(core.peer.apply(new Map([[id, settings.get(id) as number]]), core.role === 'client'))
    )
      return settings;
    settings.delete(id);
    settings.set(id, value);
  }
  applySettings(core, settings, window);
  return settings;
}

/** `window`: what the peer gave each stream to begin with, before this frame. */
function applySettings(core: Core, settings: ReadonlyMap<number, number>, window: number): void {
  const { peer } = core;
  if (!core.passes(peer.apply(settings, core.role === 'client'))) return;
  if (peer.noRfc7540Priorities) core.policy.aware = true;
  if (settings.has(Setting.HEADER_TABLE_SIZE)) core.encoder.setPeerTableSize(peer.headerTableSize);
  const change = peer.initialWindowSize - window;
  if (change !== 0) {
    for (const stream of core.streams.values()) {
      stream.sendWindow += change;
      if (stream.sendWindow > MAX_WINDOW) {
        overflow(core, `stream ${stream.id}`);
        return;
      }
      if (change > 0) windowOpened(core, stream);
      else if (stream.sendWindow <= 0) core.scheduler.remove(stream);
    }
  }
  if (!core.passes(core.guard.ackQueued())) return;
  core.writer.settingsAck();
  core.emit({ type: 'settings', settings });
}

/** Ours have been acknowledged: what they restrict is restricted from here on (RFC 9113 §6.5.3). */
function settingsAcknowledged(core: Core): void {
  core.settingsAcknowledged = true;
  core.decoder.setMaxTableSize(core.limits.maxDecoderTableBytes);
  const change = Math.min(MAX_WINDOW, core.limits.streamWindow) - core.initialReceiveWindow;
  if (change !== 0) {
    core.initialReceiveWindow += change;
    for (const stream of core.streams.values()) stream.available += change;
  }
  core.emit({ type: 'settings-ack' });
}

/** PING that asks for an answer (RFC 9113 §6.7). */
export function receivePing(core: Core, reader: FrameReader): void {
  if (!core.passes(core.guard.ackQueued()) || !core.passes(core.guard.courtesy(core.now, 'PING'))) return;
  core.writer.ping(reader.bytes, reader.start, true);
}

/** GOAWAY (RFC 9113 §6.8). */
export function receiveGoaway(core: Core, reader: FrameReader): void {
  const { bytes, start, end } = reader;
  const lastStreamId = readUint32(bytes, start) & MAX_STREAM_ID;
  const code = readUint32(bytes, start + 4);
  if (core.role === 'client' && lastStreamId > core.peerAcceptsUpTo) {
    const reason = `GOAWAY names stream ${lastStreamId} after ${core.peerAcceptsUpTo} (RFC 9113 §6.8)`;
    core.fail(connectionFault(ErrorCode.PROTOCOL_ERROR, reason));
    return;
  }
  if (core.peerLeaves && !core.passes(core.guard.courtesy(core.now, 'GOAWAY'))) return;
  core.peerLeaves = true;
  core.emit({ type: 'goaway', lastStreamId, code, debugData: bytes.slice(start + 8, end) });
  if (core.role === 'server') return;
  core.peerAcceptsUpTo = lastStreamId;
  for (const stream of core.streams.values()) {
    if (stream.id <= lastStreamId) continue;
    core.resetByPeer(stream);
    const reason = 'The server is going away and has not acted on the request (RFC 9113 §6.8)';
    const streamId = stream.id;
    core.emit({
      type: 'reset',
      streamId,
      code: ErrorCode.REFUSED_STREAM,
      initiator: 'peer',
      reason,
      unprocessed: true,
    });
  }
}

/** PRIORITY (RFC 9113 §6.3): deprecated, checked and ignored. */
export function receivePriority(core: Core, reader: FrameReader): void {
  if (dependsOnItself(core, reader.streamId, reader.bytes, reader.start)) return;
  core.passes(core.guard.courtesy(core.now, 'PRIORITY'));
}

/** A stream that depends on itself: one of the cheapest ways to provoke errors, so it ends the connection. */
export function dependsOnItself(core: Core, streamId: number, bytes: Uint8Array, at: number): boolean {
  if ((readUint32(bytes, at) & MAX_STREAM_ID) !== streamId) return false;
  core.fail(connectionFault(ErrorCode.PROTOCOL_ERROR, `Stream ${streamId} depends on itself (RFC 7540 §5.3.1)`));
  return true;
}

/** PRIORITY_UPDATE (RFC 9218 §7.1). Returns the stream that it is about. */
export function receivePriorityUpdate(core: Core, reader: FrameReader): number {
  const { bytes, start, end } = reader;
  const { limits, streams } = core;
  const streamId = readUint32(bytes, start) & MAX_STREAM_ID;
  if (core.role === 'client' || streamId === 0 || !streams.isPeers(streamId)) {
    core.fail(connectionFault(ErrorCode.PROTOCOL_ERROR, `PRIORITY_UPDATE for stream ${streamId} (RFC 9218 §7.1)`));
    return streamId;
  }
  if (!core.passes(core.guard.courtesy(core.now, 'PRIORITY_UPDATE'))) return streamId;
  core.policy.aware = true;
  if (end - start - 4 > limits.maxPriorityValueBytes) return streamId;
  const priority = parsePriority(decodeLatin1(bytes, start + 4, end));
  if (priority === null || !core.policy.listens) return streamId;
  const stream = streams.get(streamId);
  if (stream !== undefined) {
    core.scheduler.update(stream, priority);
    core.emit({ type: 'priority', streamId, priority });
  } else if (streams.isIdle(streamId)) {
    const early = core.earlyPriorities;
    if (early.has(streamId) || early.size < limits.maxPendingPriorityUpdates) early.set(streamId, priority);
  }
  return streamId;
}

/** PUSH_PROMISE (RFC 9113 §6.6): a client has said that it wants none, a server never gets one. */
export function receivePushPromise(core: Core): void {
  const reason =
    core.role === 'client' ? 'although SETTINGS_ENABLE_PUSH is 0 (RFC 9113 §6.6)' : 'from a client (RFC 9113 §8.4)';
  core.fail(connectionFault(ErrorCode.PROTOCOL_ERROR, `PUSH_PROMISE ${reason}`));
}

/** True, with the connection failed, for a stream that nobody has opened (RFC 9113 §5.1). */
function refusesIdle(core: Core, streamId: number, frame: string): boolean {
  if (!core.streams.isIdle(streamId)) return false;
  core.fail(connectionFault(ErrorCode.PROTOCOL_ERROR, `${frame} on stream ${streamId}, which is idle (RFC 9113 §5.1)`));
  return true;
}
