/** HTTP on Deno's own sockets: TCP, TLS and, with `--unstable-net`, QUIC. Nothing of Node is imported. */
export * from '../mod.ts';
export {
  connectQuic,
  type DenoQuicConnectOptions,
  type DenoQuicServeOptions,
  type DenoQuicServer,
  serveQuic,
  serveQuicExchanges,
} from './quic.ts';
export { type DenoServeOptions, type DenoServer, serve, serveExchanges } from './tcp.ts';
