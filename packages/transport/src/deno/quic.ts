import { type Limits, type Observer as WireObserver, withLimits } from '@interleave/wire';
import { type RequestHandler, toExchangeHandler } from '../adapter.ts';
import { ClientConnection } from '../client/connection.ts';
import { ClientSession } from '../client/session.ts';
import { newConnectionId } from '../connection-id.ts';
import type { CloseReason, ConnectionObserver, SessionHost } from '../host.ts';
import { Http3Protocol } from '../quic/http3-protocol.ts';
import { type Http3Context, Http3Session } from '../quic/http3-session.ts';
import { type ExchangeHandler, type Observer, ServerSession, type SessionPolicy } from '../session.ts';
import { DeadlineWheel } from '../timers.ts';
import { type DenoApi, type DenoQuicConn, denoApi, endpointOf } from './api.ts';
import { DenoQuicConnection } from './quic-connection.ts';
import type { DenoServer } from './tcp.ts';

export interface DenoQuicServeOptions {
  /** Default: `127.0.0.1`. */
  readonly hostname?: string;
  readonly port?: number;
  /** PEM: the certificate with its chain, and its key. */
  readonly tls: { readonly cert: string; readonly key: string };
  readonly limits?: Partial<Limits>;
  readonly observer?: Observer;
  /** Asked for each connection, by its id, who sees its frames. */
  readonly observeWire?: (connectionId: string) => WireObserver | undefined;
  /** Told of handshakes that fail. Default: nothing. */
  readonly onError?: (error: unknown) => void;
}

/** A listening HTTP/3 server. */
export interface DenoQuicServer extends Pick<DenoServer, 'address' | 'close'> {
  readonly connections: ReadonlySet<Http3Session<ServerSession>>;
}

const wheel = new DeadlineWheel();

function quicOf(deno: DenoApi): Required<Pick<DenoApi, 'QuicEndpoint' | 'connectQuic'>> {
  const { QuicEndpoint, connectQuic } = deno;
  if (QuicEndpoint !== undefined && connectQuic !== undefined) return { QuicEndpoint, connectQuic };
  throw new Error('This Deno has no QUIC: run it with --unstable-net.');
}

/**
 * Listens on UDP and hands every exchange of HTTP/3 to `handler`, by `Deno.QuicEndpoint`.
 *
 * What Deno's QUIC cannot do: a response that breaks off ends its whole connection, since a stream cannot be reset; codes of
 * resets by the peer are lost; version, connection ids, round-trip time and resumption are not told; no early data.
 *
 * @throws {Error} without `--unstable-net`, or for a port that cannot be had.
 */
export function serveQuicExchanges(options: DenoQuicServeOptions, handler: ExchangeHandler): DenoQuicServer {
  const { QuicEndpoint } = quicOf(denoApi());
  const limits = withLimits(options.limits);
  const policy: SessionPolicy = { persistent: true, date: true };
  const observer = options.observer ?? null;
  const context: Http3Context<ServerSession> = { observer, connections: new Set(), wheel };
  const endpoint = new QuicEndpoint({ hostname: options.hostname ?? '127.0.0.1', port: options.port ?? 0 });
  const listener = endpoint.listen({
    ...options.tls,
    alpnProtocols: ['h3'],
    maxIdleTimeout: limits.idleTimeout,
    maxConcurrentBidirectionalStreams: limits.maxConcurrentStreams,
    // Three of HTTP/3's own, and those of unknown types that are put up with.
    maxConcurrentUnidirectionalStreams: 3 + limits.maxUnknownStreams,
  });
  let closing = false;

  const begin = (conn: DenoQuicConn, since: number): void => {
    const id = newConnectionId();
    const quic = new DenoQuicConnection(conn, false, performance.now() - since);
    const observe = options.observeWire?.(id);
    const settings = { role: 'server', limits, connectProtocol: true } as const;
    const protocol = new Http3Protocol(observe === undefined ? settings : { ...settings, observer: observe }, () => 0);
    const session = (host: SessionHost): ServerSession => new ServerSession(protocol, host, handler, policy, observer);
    quic.attach(new Http3Session(quic, id, protocol, session, context));
  };

  const accepting = (async () => {
    while (!closing) {
      const incoming = await listener.incoming();
      const since = performance.now();
      incoming.accept().then(
        (conn) => begin(conn, since),
        (error: unknown) => options.onError?.(error),
      );
    }
  })().catch((error: unknown) => {
    if (!closing) options.onError?.(error);
  });

  return {
    address: endpointOf(endpoint.addr),
    connections: context.connections,
    async close({ grace = 5_000 } = {}) {
      closing = true;
      listener.stop();
      for (const connection of context.connections) connection.shutdown();
      const until = performance.now() + grace;
      while (context.connections.size > 0 && performance.now() < until) await pause(20);
      for (const connection of context.connections) connection.destroy('The server has stopped.');
      await pause(CLOSE_MS);
      endpoint.close();
      await accepting;
    },
  };
}

/** Listens on UDP, and answers each request with what `handler` returns. */
export function serveQuic(options: DenoQuicServeOptions, handler: RequestHandler): DenoQuicServer {
  return serveQuicExchanges(options, toExchangeHandler(handler, 'https'));
}

export interface DenoQuicConnectOptions {
  /** Default: `localhost`. */
  readonly hostname?: string;
  readonly port: number;
  /** PEM of the authorities to trust beside the system's. */
  readonly caCerts?: readonly string[];
  readonly limits?: Partial<Limits>;
  readonly observer?: ConnectionObserver;
  readonly observeWire?: WireObserver;
}

/**
 * Opens an HTTP/3 connection by `Deno.connectQuic`.
 *
 * @throws {Error} without `--unstable-net`, or Deno's error when there is no connection.
 */
export async function connectQuic(options: DenoQuicConnectOptions): Promise<ClientConnection> {
  const { connectQuic: dial } = quicOf(denoApi());
  const { hostname = 'localhost', port, caCerts } = options;
  const limits = withLimits(options.limits);
  const since = performance.now();
  const conn = await dial({ hostname, port, alpnProtocols: ['h3'], ...(caCerts && { caCerts: [...caCerts] }) });
  const quic = new DenoQuicConnection(conn, true, performance.now() - since);
  let over: (reason: CloseReason) => void = () => {};
  const closed = new Promise<CloseReason>((resolve) => {
    over = resolve;
  });
  const observer: ConnectionObserver = {
    connection: (facts) => options.observer?.connection?.(facts),
    closed: (facts, reason) => {
      options.observer?.closed?.(facts, reason);
      over(reason);
    },
  };
  const { observeWire } = options;
  const protocol = new Http3Protocol(
    { role: 'client', limits, ...(observeWire && { observer: observeWire }) },
    () => quic.streams.openable,
  );
  const context = { observer, connections: new Set<Http3Session<ClientSession>>(), wheel };
  const http3 = new Http3Session(
    quic,
    newConnectionId(),
    protocol,
    (host) => new ClientSession(protocol, host, { pipeline: 1 }),
    context,
  );
  quic.attach(http3);
  return new ClientConnection(http3, closed);
}

const CLOSE_MS = 10;

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
