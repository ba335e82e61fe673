/** HTTP/3 over QUIC on Node: `wire`'s framing over quiche's transport, on UDP sockets of our own. */

export * from '../mod.ts';
export { connectQuic, type QuicConnectOptions } from './connect.ts';
export type {
  QuicConnection,
  QuicEnd,
  QuicFacts,
  QuicHandler,
  QuicStreams,
  QuicTls,
  StreamRead,
} from './connection.ts';
export { Http3Session } from './http3-session.ts';
export { Link, type LinkCounts, LinkDirection, type LinkRules, type LinkSettings, PERFECT } from './link.ts';
export { loadQuiche, type QuicheOrReason } from './quiche.ts';
export {
  type QuicServeOptions,
  type QuicServer,
  QuicUnavailableError,
  serveQuic,
  serveQuicExchanges,
} from './server.ts';
