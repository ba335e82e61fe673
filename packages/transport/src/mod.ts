/** `wire` on real transports: what every runtime shares. The entries `./node` and `./web` do the listening. */
export { type RequestHandler, type RequestInfo, sendResponse, toExchangeHandler } from './adapter.ts';
export { ClientConnection, type ClientTransport } from './client/connection.ts';
export { ClientExchange } from './client/exchange.ts';
export { RequestFailed } from './client/fetch.ts';
export { type Origin, Pool, type PoolOptions } from './client/pool.ts';
export { type ClientPolicy, ClientSession } from './client/session.ts';
export type { BodySink } from './content.ts';
export { Exchange } from './exchange.ts';
export type { ConnectionFacts, Endpoint, ExchangeFacts, TlsFacts } from './facts.ts';
export type {
  AbortReason,
  ByteObserver,
  CloseReason,
  ConnectionObserver,
  Session,
  SessionHost,
  UpgradedChannel,
} from './host.ts';
export { LeanResponse } from './lean-response.ts';
export { platformRequest, requestOf, requestUrl } from './request.ts';
export { type ExchangeHandler, type Observer, ServerSession, type SessionPolicy } from './session.ts';
export { DeadlineWheel, type Timed } from './timers.ts';
