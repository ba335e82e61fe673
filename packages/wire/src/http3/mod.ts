/**
 * HTTP/3 (RFC 9114) as a state machine without I/O, for servers and clients, over any transport that has QUIC's streams.
 *
 * @module
 */
export { Http3Connection, type Http3Options, type StreamAction, type StreamOutput } from './connection.ts';
export { H3ErrorCode, h3ErrorName } from './error_code.ts';
export { H3FrameType, H3StreamType, h3FrameKind } from './frame.ts';
export { MESSAGE_TRANSITIONS, type MessageInput, type MessageState } from './message_state.ts';
export { H3Setting } from './settings.ts';
