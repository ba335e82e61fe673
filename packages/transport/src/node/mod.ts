/** HTTP servers on Node's TCP and TLS sockets. */

export * from '../mod.ts';
export type { AlpnProtocol } from '../protocols.ts';
export { SocketConnection, socketOf } from './connection.ts';
export { type ServeOptions, type Server, serve, serveExchanges } from './server.ts';
