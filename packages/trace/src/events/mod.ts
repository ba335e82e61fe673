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
export { type WireEventOptions, wireEvents } from './from-wire.ts';
export { qlogForQvis, qlogSequence } from './qlog.ts';
export { ConnectionRecorder, type RecorderOptions } from './recorder.ts';
