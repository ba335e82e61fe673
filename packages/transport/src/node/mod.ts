/** HTTP servers and clients on Node's TCP and TLS sockets. */

export * from '../mod.ts';
export type { AlpnProtocol } from '../protocols.ts';
export { type ConnectOptions, connect, connectPool } from './connect.ts';
export { SocketConnection, socketOf } from './connection.ts';
export { type HeldRange, Hold, type HoldRule } from './hold.ts';
export { type ServeOptions, type Server, type ServerConnection, serve, serveExchanges } from './server.ts';
