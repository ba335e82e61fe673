import { type AddressInfo, createServer, type Server as NetServer, type Socket } from 'node:net';
import { createServer as createTlsServer, type TLSSocket, type TlsOptions } from 'node:tls';
import { type Limits, type Observer as WireObserver, withLimits } from '@interleave/wire';
import { type RequestHandler, toExchangeHandler } from '../adapter.ts';
import { newConnectionId } from '../connection-id.ts';
import type { TlsFacts } from '../facts.ts';
import type { ByteObserver } from '../host.ts';
import { type AlpnProtocol, refuseUnknown, serverProtocol } from '../protocols.ts';
import { type ExchangeHandler, type Observer, ServerSession, type SessionPolicy } from '../session.ts';
import { DeadlineWheel } from '../timers.ts';
import { type ConnectionContext, SocketConnection } from './connection.ts';
import type { Hold } from './hold.ts';
import { sniff } from './sniff.ts';
import { noteAlpnOffer, noteKeyLog, tlsFacts } from './tls-facts.ts';

export interface ServeOptions {
  /** 0, the default, lets the system choose. */
  readonly port?: number;
  /** Address to listen on; without one, every IPv4 and IPv6 address. */
  readonly host?: string;
  /** True: the IPv6 address is not taken for IPv4 as well. */
  readonly ipv6Only?: boolean;
  /** Certificate and key make it a TLS server; null, the default, is cleartext. */
  readonly tls?: TlsOptions | null;
  /**
   * Default: `['http/1.1']`. Over TLS the first one that the client offers is spoken; in cleartext, with both, HTTP/2 with
   * those who begin with its preface (prior knowledge, RFC 9113 §3.3) and HTTP/1.1 with all others.
   */
  readonly protocols?: readonly AlpnProtocol[];
  readonly limits?: Partial<Limits>;
  /** False: every response ends its connection. `server.persistent` changes it later. Default: true. */
  readonly persistent?: boolean;
  /** Adds Date to final responses. Default: true. */
  readonly date?: boolean;
  /** Connections that may be open at once; more are closed unanswered. Default: no bound but the system's. */
  readonly maxConnections?: number;
  /** Milliseconds for a TLS handshake. Default: 10,000. */
  readonly handshakeTimeout?: number;
  readonly observer?: Observer;
  /** Sees every frame, head and chunk of the connections for which it returns an observer. */
  readonly observeWire?: (connectionId: string) => WireObserver | undefined;
  /** Sees the bytes of the connections for which it returns an observer. */
  readonly observeBytes?: (connectionId: string) => ByteObserver | undefined;
  /** Told of faults that belong to no exchange: failed handshakes, errors of the listener. Default: nothing. */
  readonly onError?: (error: Error) => void;
}

/** One accepted connection. */
export type ServerConnection = SocketConnection<ServerSession>;

/** A listening server. */
export interface Server {
  readonly address: AddressInfo;
  /** Open connections. */
  readonly connections: ReadonlySet<ServerConnection>;
  /** False: every response from now on ends its connection. */
  persistent: boolean;
  /** Holds back bytes of the connection that gets so far first; null, the default, holds none. */
  hold: Hold | null;
  /** Alt-Svc for all final responses from now on (RFC 7838), such as `h3=":4113"; ma=3600`; null for none. */
  altSvc: string | null;
  /** Ends connections that have no exchange under way, in order; returns how many. */
  endIdle(): number;
  /** Takes no more connections, lets exchanges finish for up to `grace` milliseconds (default 5,000), then cuts the rest. */
  close(options?: { readonly grace?: number }): Promise<void>;
}

// One wheel for all servers of the process: a timer costs more than a slot.
const wheel = new DeadlineWheel();

/**
 * Listens, and hands every exchange to `handler` as an event object. This is the lean layer: `serve` puts
 * `Request → Response` on top of it.
 *
 * @throws the listener's error (`EADDRINUSE`, `EACCES`), or a RangeError for a protocol or limit that is not known.
 */
export async function serveExchanges(options: ServeOptions, handler: ExchangeHandler): Promise<Server> {
  const policy: SessionPolicy = { persistent: options.persistent ?? true, date: options.date ?? true };
  const observer = options.observer ?? null;
  const context: ConnectionContext<ServerSession> = { observer, wheel, connections: new Set() };
  const protocols = options.protocols ?? ['http/1.1'];
  const limits = withLimits(options.limits);
  for (const protocol of protocols) refuseUnknown(protocol);
  const accept = (socket: Socket, alpn: AlpnProtocol, tls: TlsFacts | null): void => {
    const id = newConnectionId();
    const observe = options.observeWire?.(id);
    const protocol = serverProtocol(alpn, { limits, now: performance.now(), observe });
    new SocketConnection(
      socket,
      id,
      tls,
      context,
      (host) => new ServerSession(protocol, host, handler, policy, observer),
      options.observeBytes?.(id),
    );
  };
  const acceptCleartext = (socket: Socket): void => {
    if (protocols.length === 1) accept(socket, protocols[0] as AlpnProtocol, null);
    else sniff(socket, limits.headTimeout, (protocol) => accept(socket, protocol, null));
  };
  const listener = options.tls
    ? tlsListener({ ...options.tls, handshakeTimeout: options.handshakeTimeout ?? 10_000 }, protocols, options, accept)
    : createServer({ noDelay: true, allowHalfOpen: true }, acceptCleartext);
  const sockets = new Set<Socket>();
  listener.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  if (options.maxConnections !== undefined) listener.maxConnections = options.maxConnections;
  await listen(listener, options);
  listener.on('error', (error) => options.onError?.(error));

  return {
    get address() {
      return listener.address() as AddressInfo;
    },
    connections: context.connections,
    get persistent() {
      return policy.persistent;
    },
    set persistent(value) {
      policy.persistent = value;
    },
    get hold() {
      return context.hold ?? null;
    },
    set hold(value) {
      context.hold = value;
    },
    get altSvc() {
      return policy.altSvc ?? null;
    },
    set altSvc(value) {
      policy.altSvc = value;
    },
    endIdle() {
      let ended = 0;
      for (const connection of [...context.connections]) {
        if (connection.session.open > 0) continue;
        connection.shutdown();
        ended++;
      }
      return ended;
    },
    close: ({ grace = 5_000 } = {}) => close(listener, context, sockets, grace),
  };
}

/** Listens, and answers each request with what `handler` returns. */
export function serve(options: ServeOptions, handler: RequestHandler): Promise<Server> {
  return serveExchanges(options, toExchangeHandler(handler, options.tls ? 'https' : 'http'));
}

function tlsListener(
  tls: TlsOptions,
  protocols: readonly AlpnProtocol[],
  options: ServeOptions,
  accept: (socket: Socket, alpn: AlpnProtocol, tls: TlsFacts | null) => void,
): NetServer {
  // When each TCP connection came, by the peer's address: the TLS socket is another object than the TCP one.
  const acceptedAt = new Map<string, number>();
  const server = createTlsServer({
    noDelay: true,
    allowHalfOpen: true,
    // Tickets are good for as long as RFC 8446 lets them be used sensibly in one sitting; Node's default is 5 minutes.
    sessionTimeout: 7_200,
    ...tls,
    ALPNCallback(this: TLSSocket, { protocols: offered }) {
      noteAlpnOffer(this, offered);
      return protocols.find((protocol) => offered.includes(protocol));
    },
  });
  server.on('connection', (socket: Socket) => {
    const key = peerKey(socket);
    acceptedAt.set(key, performance.now());
    socket.once('close', () => acceptedAt.delete(key));
  });
  server.on('keylog', (line, socket) => noteKeyLog(socket, line));
  server.on('tlsClientError', (error) => options.onError?.(error));
  server.on('secureConnection', (socket) => {
    const since = acceptedAt.get(peerKey(socket));
    acceptedAt.delete(peerKey(socket));
    // A client without ALPN speaks HTTP/1.1 (RFC 9113 §3.2: h2 needs ALPN).
    if (socket.alpnProtocol === false && !protocols.includes('http/1.1')) {
      socket.destroy();
      return;
    }
    const facts = tlsFacts(socket, since === undefined ? null : performance.now() - since);
    // What the handshake chose is one of ours.
    accept(socket, socket.alpnProtocol === 'h2' ? 'h2' : 'http/1.1', facts);
  });
  return server;
}

function peerKey(socket: Socket): string {
  return `${socket.remoteAddress} ${socket.remotePort}`;
}

function listen(listener: NetServer, options: ServeOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    listener.once('error', reject);
    const where = {
      port: options.port ?? 0,
      ...(options.host === undefined ? {} : { host: options.host }),
      ...(options.ipv6Only === undefined ? {} : { ipv6Only: options.ipv6Only }),
      backlog: 1024,
    };
    listener.listen(where, () => {
      listener.off('error', reject);
      resolve();
    });
  });
}

function close(
  listener: NetServer,
  context: ConnectionContext<ServerSession>,
  sockets: ReadonlySet<Socket>,
  grace: number,
): Promise<void> {
  return new Promise((resolve) => {
    const deadline = setTimeout(() => {
      for (const connection of [...context.connections]) connection.destroy('The server has stopped.');
      // What is left never became a connection: unfinished handshakes, and transports that were handed over.
      for (const socket of [...sockets]) socket.destroy();
    }, grace);
    listener.close(() => {
      clearTimeout(deadline);
      // The listener is told that a socket is gone a moment before the socket itself.
      setImmediate(resolve);
    });
    for (const connection of [...context.connections]) connection.shutdown();
  });
}
