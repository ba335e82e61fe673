/** `wire` on real transports: what every runtime shares. The entries `./node` and `./web` do the listening. */
export { type RequestHandler, type RequestInfo, sendResponse, toExchangeHandler } from './adapter.ts';
export { type AbortReason, type BodySink, Exchange, type UpgradedChannel } from './exchange.ts';
export type { ConnectionFacts, Endpoint, ExchangeFacts, TlsFacts } from './facts.ts';
export { LeanResponse } from './lean-response.ts';
export { platformRequest, requestOf, requestUrl } from './request.ts';
export {
  type CloseReason,
  type ExchangeHandler,
  type Observer,
  ServerSession,
  type SessionHost,
  type SessionPolicy,
} from './session.ts';
export { DeadlineWheel, type Timed } from './timers.ts';
