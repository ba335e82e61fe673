import { connect as connectTcp, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from 'node:tls';
import { type Limits, type Observer as WireObserver, withLimits } from '@interleave/wire';
import { ClientConnection } from '../client/connection.ts';
import { type Origin, Pool, type PoolOptions } from '../client/pool.ts';
import { ClientSession } from '../client/session.ts';
import { newConnectionId } from '../connection-id.ts';
import type { ConnectionFacts, TlsFacts } from '../facts.ts';
import type { CloseReason, ConnectionObserver } from '../host.ts';
import { type AlpnProtocol, clientProtocol, refuseUnknown } from '../protocols.ts';
import { DeadlineWheel } from '../timers.ts';
import { SocketConnection } from './connection.ts';
import { tlsFacts } from './tls-facts.ts';

export interface ConnectOptions {
  /** Default: `localhost`. */
  readonly host?: string;
  readonly port: number;
  /** Node's TLS settings make it a TLS connection; null, the default, is cleartext. */
  readonly tls?: ConnectionOptions | null;
  /** Offered by ALPN in this order; default `['h2', 'http/1.1']`. In cleartext the first is spoken; default `['http/1.1']`. */
  readonly protocols?: readonly AlpnProtocol[];
  readonly limits?: Partial<Limits>;
  /** HTTP/1.1 requests under way at once. Default: 1, one after another. */
  readonly pipeline?: number;
  /** Milliseconds for TCP and TLS together. Default: 10,000. */
  readonly timeout?: number;
  readonly signal?: AbortSignal;
  readonly observer?: ConnectionObserver;
  /** Sees every frame, head and chunk. */
  readonly observeWire?: WireObserver;
}

const wheel = new DeadlineWheel();

/**
 * Opens a connection and says which protocol it speaks: `connection.facts.protocol`.
 *
 * @throws the socket's error (`ECONNREFUSED`, a certificate that is not trusted …), the signal's reason, or a RangeError for a
 *   protocol or limit that is not known.
 */
export function connect(options: ConnectOptions): Promise<ClientConnection> {
  return dial(options, null);
}

type OnTicket = (session: Buffer) => void;

async function dial(options: ConnectOptions, onTicket: OnTicket | null): Promise<ClientConnection> {
  const tls = options.tls ?? null;
  const protocols = options.protocols ?? (tls === null ? (['http/1.1'] as const) : (['h2', 'http/1.1'] as const));
  for (const protocol of protocols) refuseUnknown(protocol);
  const limits = withLimits(options.limits);
  const { socket, facts } = await open(options, tls, protocols, onTicket);
  const alpn = tls === null ? protocols[0] : (socket as TLSSocket).alpnProtocol || 'http/1.1';
  if (alpn === undefined || !protocols.includes(alpn as AlpnProtocol)) {
    socket.destroy();
    throw new Error(`The server speaks ${alpn}, which was not asked for: ${protocols.join(', ')}.`);
  }
  const protocol = clientProtocol(alpn as AlpnProtocol, {
    limits,
    now: performance.now(),
    observe: options.observeWire,
  });
  let over: (reason: CloseReason) => void = () => {};
  const closed = new Promise<CloseReason>((resolve) => {
    over = resolve;
  });
  const observer: ConnectionObserver = {
    connection: (connection: ConnectionFacts) => options.observer?.connection?.(connection),
    closed: (connection: ConnectionFacts, reason: CloseReason) => {
      options.observer?.closed?.(connection, reason);
      over(reason);
    },
  };
  const transport = new SocketConnection<ClientSession>(
    socket,
    newConnectionId(),
    facts,
    { observer, wheel, connections: new Set() },
    (host) => new ClientSession(protocol, host, { pipeline: options.pipeline ?? 1 }),
  );
  return new ClientConnection(transport, closed);
}

/** A pool whose connections are opened by `connect`; TLS sessions are resumed from one connection to the next. */
export function connectPool(
  options: Omit<ConnectOptions, 'host' | 'port' | 'signal' | 'tls'> & {
    /** Node's TLS settings for `https:` origins. */
    readonly tls?: ConnectionOptions;
  } & Omit<PoolOptions, 'dial'> = {},
): Pool {
  const tickets = new Map<string, Buffer>();
  return new Pool({
    ...options,
    dial: ({ scheme, host, port }: Origin) => {
      if (scheme === 'http') return dial({ ...options, tls: null, host, port }, null);
      const key = `${host}:${port}`;
      const session = tickets.get(key);
      const tls = session === undefined ? { ...options.tls } : { ...options.tls, session };
      return dial({ ...options, tls, host, port }, (ticket) => tickets.set(key, ticket));
    },
  });
}

function open(
  options: ConnectOptions,
  tls: ConnectionOptions | null,
  protocols: readonly AlpnProtocol[],
  onTicket: OnTicket | null,
): Promise<{ socket: Socket; facts: TlsFacts | null }> {
  const { signal, host = 'localhost', port, timeout = 10_000 } = options;
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const socket =
      tls === null
        ? connectTcp({ host, port, noDelay: true, allowHalfOpen: true })
        : connectTls({ servername: isName(host) ? host : '', ...tls, host, port, ALPNProtocols: [...protocols] });
    let handshakeFrom = performance.now();
    const timer = setTimeout(() => fail(new Error(`No connection to ${host}:${port} within ${timeout} ms.`)), timeout);
    const fail = (error: unknown): void => {
      settle();
      socket.on('error', ignore).destroy();
      reject(error);
    };
    const aborted = (): void => fail(signal?.reason);
    const ready = (): void => {
      settle();
      const facts = tls === null ? null : tlsFacts(socket as TLSSocket, performance.now() - handshakeFrom);
      socket.setNoDelay(true);
      resolve({ socket, facts });
    };
    const settle = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', aborted);
      socket.off('error', fail);
    };
    socket.on('error', fail);
    signal?.addEventListener('abort', aborted, { once: true });
    socket.once('connect', () => {
      handshakeFrom = performance.now();
    });
    socket.once(tls === null ? 'connect' : 'secureConnect', ready);
    if (onTicket !== null) socket.on('session', onTicket);
  });
}

/** Server names are names: an address is none (RFC 6066 §3). */
function isName(host: string): boolean {
  return !/^[\d.]+$|:/.test(host);
}

function ignore(): void {}
