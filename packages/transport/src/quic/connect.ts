import { lookup } from 'node:dns/promises';
import { type Limits, type Observer as WireObserver, withLimits } from '@interleave/wire';
import type { Http3Options } from '@interleave/wire/http3';
import { ClientConnection } from '../client/connection.ts';
import { ClientSession } from '../client/session.ts';
import { newConnectionId } from '../connection-id.ts';
import type { ConnectionFacts } from '../facts.ts';
import type { CloseReason, ConnectionObserver, SessionHost } from '../host.ts';
import { DeadlineWheel } from '../timers.ts';
import { commonConfig } from './config.ts';
import type { QuicEnd } from './connection.ts';
import { UdpEndpoint } from './endpoint.ts';
import { Http3Protocol } from './http3-protocol.ts';
import { describeEnd, Http3Session } from './http3-session.ts';
import { loadQuiche, type Quiche, type QuicheConfig } from './quiche.ts';
import { QuicUnavailableError } from './server.ts';

export interface QuicConnectOptions {
  /** A name or an address. Default: `localhost`. */
  readonly host?: string;
  readonly port: number;
  readonly tls?: {
    /** PEM of the authorities to trust. Without any, and without `rejectUnauthorized: false`, no server is trusted. */
    readonly ca?: string;
    /** Default: `host`. */
    readonly servername?: string;
    /** False takes any certificate. Default: true. */
    readonly rejectUnauthorized?: boolean;
  };
  readonly limits?: Partial<Limits>;
  /** Milliseconds for the handshake. Default: 10,000. */
  readonly timeout?: number;
  readonly signal?: AbortSignal;
  readonly observer?: ConnectionObserver;
  /** Sees every frame. */
  readonly observeWire?: WireObserver;
  /** Keeps what resumes a connection, by `host:port`: later connections are shorter by what they know already. */
  readonly tickets?: Pick<Map<string, Uint8Array>, 'get' | 'set'>;
  /**
   * With a ticket: be connected before the handshake is, and send requests in its first flight (0-RTT). Send only what may be
   * played back by others: safe methods (RFC 8470 §4). Default: false.
   */
  readonly earlyData?: boolean;
}

const wheel = new DeadlineWheel();

/**
 * Opens an HTTP/3 connection, on a UDP socket of its own.
 *
 * @throws {QuicUnavailableError} without a QUIC binding; an Error that says why the handshake failed; the signal's reason.
 */
export async function connectQuic(options: QuicConnectOptions): Promise<ClientConnection> {
  const { quiche, reason } = await loadQuiche();
  if (quiche === null) throw new QuicUnavailableError(reason);
  const { host = 'localhost', port, timeout = 10_000, signal } = options;
  signal?.throwIfAborted();
  const limits = withLimits(options.limits);
  const { address, family } = await lookup(host);
  const ignore = (): void => {};
  const endpoint = await UdpEndpoint.bind({
    quiche,
    host: family === 6 ? '::' : '0.0.0.0',
    port: 0,
    accept: null,
    // What becomes of single datagrams is for QUIC's timers.
    onError: ignore,
  });
  const key = `${host}:${port}`;
  const ticket = options.tickets?.get(key) ?? null;
  let over: (reason: CloseReason) => void = ignore;
  const closed = new Promise<CloseReason>((resolve) => {
    over = resolve;
  });
  const observer: ConnectionObserver = {
    connection: (facts: ConnectionFacts) => options.observer?.connection?.(facts),
    closed: (facts: ConnectionFacts, reason: CloseReason) => {
      options.observer?.closed?.(facts, reason);
      over(reason);
    },
  };
  const { observeWire } = options;
  const settings: Http3Options = { role: 'client', limits, ...(observeWire && { observer: observeWire }) };
  try {
    return await new Promise((resolve, reject) => {
      const settle = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', aborted);
      };
      const fail = (error: unknown): void => {
        settle();
        reject(error);
      };
      const aborted = (): void => fail(signal?.reason);
      const timer = setTimeout(() => fail(new Error(`No connection to ${key} within ${timeout} ms.`)), timeout);
      signal?.addEventListener('abort', aborted, { once: true });
      endpoint.connect(
        { host: address, port, serverName: options.tls?.servername ?? host },
        config(quiche, options, limits),
        ticket,
        {
          begin: (quic) => {
            const protocol = new Http3Protocol(settings, () => quic.streams.openable);
            const id = newConnectionId();
            const context = { observer, connections: new Set<Http3Session<ClientSession>>(), wheel };
            const session = (held: SessionHost): ClientSession => new ClientSession(protocol, held, { pipeline: 1 });
            const http3 = new Http3Session(quic, id, protocol, session, context);
            settle();
            resolve(new ClientConnection(http3, closed));
            return http3;
          },
          keepTicket: (found) => options.tickets?.set(key, found),
          failed: (end: QuicEnd) => fail(new Error(`Cannot connect to ${key} by QUIC: ${describeEnd(end)}`)),
        },
      );
      // The last datagram says goodbye: it leaves first.
      closed.then(() => setTimeout(() => endpoint.close(0), CLOSE_MS));
    });
  } catch (error) {
    await endpoint.close(0);
    throw error;
  }
}

const CLOSE_MS = 10;

function config(quiche: Quiche, { tls, earlyData }: QuicConnectOptions, limits: Limits): QuicheConfig {
  const ca = tls?.ca === undefined ? null : new TextEncoder().encode(tls.ca);
  const made = quiche.Config.withBoringSslCtx(tls?.rejectUnauthorized ?? true, false, ca, null, null, null);
  if (earlyData ?? false) made.enableEarlyData();
  return commonConfig(made, limits);
}
