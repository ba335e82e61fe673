import { decodeLatin1 } from '../bytes/latin1.ts';
import type { RemoteFault } from '../errors.ts';
import { parsePriority } from '../priority/parse.ts';
import type { ControlHandler } from './control_stream.ts';
import type { Core } from './core.ts';
import { H3ErrorCode } from './error_code.ts';
import { h3Fault } from './fault.ts';
import { H3Setting } from './settings.ts';

/** What the frames of the control stream do to the connection. */
export function controlHandler(core: Core): ControlHandler {
  return {
    settings: (settings) => {
      core.peerSettings = settings;
      core.peerMaxFieldSection = settings.get(H3Setting.MAX_FIELD_SECTION_SIZE) ?? Number.POSITIVE_INFINITY;
      const capacity = settings.get(H3Setting.QPACK_MAX_TABLE_CAPACITY) ?? 0;
      core.encoder.configure(capacity, settings.get(H3Setting.QPACK_BLOCKED_STREAMS) ?? 0);
      core.emit({ type: 'settings', settings });
    },
    goaway: (id) => goaway(core, id),
    priorityUpdate: (streamId, value) => priorityUpdate(core, streamId, value),
    glitch: () => core.glitch(),
    frame: (type, length, details) => core.tap?.frame('received', core.peerControl, type, length, details),
  };
}

/** RFC 9114 §5.2: requests from `id` on were not acted upon; a client's GOAWAY names a push instead, of which there are none. */
function goaway(core: Core, id: number): RemoteFault | null {
  if (core.goawayReceived >= 0 && id > core.goawayReceived) {
    return h3Fault(H3ErrorCode.H3_ID_ERROR, `GOAWAY went up from ${core.goawayReceived} to ${id} (RFC 9114 §5.2)`);
  }
  core.goawayReceived = id;
  // The vocabulary that all versions share names the last stream that counts, not the first that does not.
  const lastStreamId = core.role === 'client' ? Math.min(id - 4, Number.MAX_SAFE_INTEGER) : 0;
  core.emit({ type: 'goaway', lastStreamId, code: H3ErrorCode.H3_NO_ERROR, debugData: new Uint8Array(0) });
  if (core.role === 'server') return null;
  for (const stream of [...core.streams.values()]) {
    if (stream.id < id) continue;
    const reason = 'The server went away before this request';
    core.tellReset('peer', stream, H3ErrorCode.H3_REQUEST_REJECTED, reason);
    if (!stream.sendClosed) core.act('reset', stream.id, H3ErrorCode.H3_REQUEST_CANCELLED);
    if (!stream.receiveClosed) core.act('stop-sending', stream.id, H3ErrorCode.H3_REQUEST_CANCELLED);
    core.forget(stream);
  }
  return null;
}

/** RFC 9218 §7.2. What comes before its stream is kept, within bounds; what comes after it is dropped. */
function priorityUpdate(core: Core, streamId: number, value: Uint8Array): RemoteFault | null {
  if (!core.courtesy()) {
    const reason = `limit glitchBurst: more than ${core.limits.glitchBurst} PRIORITY_UPDATE frames that no request explains, and other oddities`;
    return h3Fault(H3ErrorCode.H3_EXCESSIVE_LOAD, reason, 'glitchBurst');
  }
  core.policy.aware = true;
  if (!core.policy.listens || value.length > core.limits.maxPriorityValueBytes) return null;
  const priority = parsePriority(decodeLatin1(value, 0, value.length));
  if (priority === null || core.streams.isDone(streamId)) return null;
  const stream = core.streams.get(streamId);
  if (stream === undefined || !stream.announced) {
    const { earlyPriorities, limits } = core;
    if (earlyPriorities.has(streamId) || earlyPriorities.size < limits.maxPendingPriorityUpdates) {
      earlyPriorities.set(streamId, priority);
    }
    return null;
  }
  stream.urgency = priority.urgency;
  stream.incremental = priority.incremental;
  core.emit({ type: 'priority', streamId, priority });
  return null;
}
