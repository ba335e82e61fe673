/** What happened on a connection as events in qlog's style: from `wire`'s observer to a file. */
export {
  type ApiProblem,
  type ConnectionReport,
  type ExchangeReport,
  WATCH_LIMITS,
  type WatchMessage,
  type WatchRequest,
} from './connection-api.ts';
export { type ConnectionEvents, type EventName, SCHEMAS, type TraceEvent } from './event.ts';
export type { FieldLineBytes, LineForm } from './field-lines.ts';
export { type Told, unitEvents, type WireProtocol } from './from-wire.ts';
export { Http2Streams, type StreamWindows } from './http2-streams.ts';
export { ConnectionLog, type LogCounts, type LogOptions } from './log.ts';
export { LOG_LIMITS, LogBudget, type LogLimits } from './log-limits.ts';
export { qlogForQvis, qlogSequence } from './qlog.ts';
export { http2Reader, readerFor } from './readers.ts';
export type { ValuePolicy } from './values.ts';
