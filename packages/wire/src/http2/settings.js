import { ErrorCode } from './error_code.ts';
import { connectionFault } from './fault.ts';
import { INITIAL_WINDOW, MAX_MAX_FRAME_SIZE, MAX_WINDOW, MIN_MAX_FRAME_SIZE } from './frame.ts';
/** Identifiers of settings (RFC 9113 §6.5.2, RFC 8441 §3, RFC 9218 §2.1). */
export const Setting = {
  HEADER_TABLE_SIZE: 0x1,
  ENABLE_PUSH: 0x2,
  MAX_CONCURRENT_STREAMS: 0x3,
  INITIAL_WINDOW_SIZE: 0x4,
  MAX_FRAME_SIZE: 0x5,
  MAX_HEADER_LIST_SIZE: 0x6,
  ENABLE_CONNECT_PROTOCOL: 0x8,
  NO_RFC7540_PRIORITIES: 0x9,
};
/** Octets of one setting in a frame. */
export const SETTING_SIZE = 6;
/** What the peer's SETTINGS say, starting with what they mean before any came. */
export class PeerSettings {
  headerTableSize = 4096;
  maxConcurrentStreams = Number.POSITIVE_INFINITY;
  initialWindowSize = INITIAL_WINDOW;
  maxFrameSize = MIN_MAX_FRAME_SIZE;
  maxHeaderListSize = Number.POSITIVE_INFINITY;
  enableConnectProtocol = false;
  noRfc7540Priorities = false;
  /** A SETTINGS frame has come. */
  known = false;
  /**
   * Applies one frame. `fromServer` says that a server has sent it.
   *
   * Unknown settings are ignored (RFC 9113 §6.5.2); what a window's change does to streams is the caller's business.
   */
  apply(settings, fromServer) {
    for (const [id, value] of settings) {
      const fault = this.#set(id, value, fromServer);
      if (fault !== null) return fault;
    }
    this.known = true;
    return null;
  }
  #set(id, value, fromServer) {
    switch (id) {
      case Setting.HEADER_TABLE_SIZE:
        this.headerTableSize = value;
        return null;
      case Setting.ENABLE_PUSH:
        // A server may say that it does not expect push, never that it does (RFC 9113 §6.5.2).
        return value === 0 || (value === 1 && !fromServer) ? null : refused('ENABLE_PUSH', value);
      case Setting.MAX_CONCURRENT_STREAMS:
        this.maxConcurrentStreams = value;
        return null;
      case Setting.INITIAL_WINDOW_SIZE:
        if (value > MAX_WINDOW) return refused('INITIAL_WINDOW_SIZE', value, ErrorCode.FLOW_CONTROL_ERROR);
        this.initialWindowSize = value;
        return null;
      case Setting.MAX_FRAME_SIZE:
        if (value < MIN_MAX_FRAME_SIZE || value > MAX_MAX_FRAME_SIZE) return refused('MAX_FRAME_SIZE', value);
        this.maxFrameSize = value;
        return null;
      case Setting.MAX_HEADER_LIST_SIZE:
        this.maxHeaderListSize = value;
        return null;
      case Setting.ENABLE_CONNECT_PROTOCOL:
        if (value > 1 || (value === 0 && this.enableConnectProtocol)) {
          return refused('ENABLE_CONNECT_PROTOCOL', value, ErrorCode.PROTOCOL_ERROR, 'RFC 8441 §3');
        }
        this.enableConnectProtocol = value === 1;
        return null;
      case Setting.NO_RFC7540_PRIORITIES:
        if (value > 1 || (this.known && (value === 1) !== this.noRfc7540Priorities)) {
          return refused('NO_RFC7540_PRIORITIES', value, ErrorCode.PROTOCOL_ERROR, 'RFC 9218 §2.1');
        }
        this.noRfc7540Priorities = value === 1;
        return null;
      default:
        return null;
    }
  }
}
function refused(name, value, code = ErrorCode.PROTOCOL_ERROR, rule = 'RFC 9113 §6.5.2') {
  return connectionFault(code, `SETTINGS_${name} of ${value} is not allowed (${rule})`);
}
