/** HTTP servers on Node's TCP and TLS sockets. */

export * from '../mod.ts';
export { SocketConnection, socketOf } from './connection.ts';
export { type AlpnProtocol, type ServeOptions, type Server, serve, serveExchanges } from './server.ts';
