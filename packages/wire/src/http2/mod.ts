/**
 * HTTP/2 (RFC 9113) as a state machine without I/O, for servers and clients.
 *
 * @module
 */
export { Http2Connection, type Http2Options } from './connection.ts';
export { ErrorCode, errorName } from './error_code.ts';
export { Flag, FrameType, frameKind } from './frame.ts';
export { Setting } from './settings.ts';
export {
  STREAM_INPUTS,
  STREAM_STATES,
  STREAM_TRANSITIONS,
  type StreamInput,
  type StreamState,
  type StreamTransition,
} from './stream_state.ts';
