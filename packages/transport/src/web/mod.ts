/** HTTP on connections given as web streams: for Deno, Workers, browsers and tests. Nothing of Node is imported. */
export * from '../mod.ts';
export { connectOn, type StreamConnectOptions } from './connect.ts';
export type { KnownFacts, StreamConnection } from './connection.ts';
export {
  type ServedConnection,
  type StreamServeOptions,
  serveExchangesOn,
  serveOn,
} from './serve.ts';
export { type WebSocketLike, type WebSocketStreamOptions, webSocketStreams } from './websocket.ts';
