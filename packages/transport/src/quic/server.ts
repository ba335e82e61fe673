import { randomBytes } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { type Limits, type Observer as WireObserver, withLimits } from '@interleave/wire';
import { type RequestHandler, toExchangeHandler } from '../adapter.ts';
import { newConnectionId } from '../connection-id.ts';
import type { ByteObserver, SessionHost } from '../host.ts';
import { type ExchangeHandler, type Observer, ServerSession, type SessionPolicy } from '../session.ts';
import { DeadlineWheel } from '../timers.ts';
import { commonConfig } from './config.ts';
import type { QuicConnection } from './connection.ts';
import { refuseUnsafeEarlyData } from './early-data.ts';
import { UdpEndpoint } from './endpoint.ts';
import { HelloNotes } from './handshake.ts';
import { Http3Protocol } from './http3-protocol.ts';
import { describeEnd, type Http3Context, Http3Session } from './http3-session.ts';
import type { Link } from './link.ts';
import { loadQuiche, type Quiche, type QuicheConfig } from './quiche.ts';

export interface QuicServeOptions {
  /** Address to listen on. Default: `127.0.0.1`. */
  readonly host?: string;
  /** 0, the default, lets the system choose. */
  readonly port?: number;
  /** PEM: the certificate with its chain, and its key. */
  readonly tls: { readonly cert: string; readonly key: string };
  readonly limits?: Partial<Limits>;
  /** False: every connection is told to go away with its first request. `server.persistent` changes it later. Default: true. */
  readonly persistent?: boolean;
  /** Adds Date to final responses. Default: true. */
  readonly date?: boolean;
  /** Takes requests that come with the first packets of a resumed connection (0-RTT). Default: true. */
  readonly earlyData?: boolean;
  /** Connections that may be open at once; first packets beyond that are dropped. Default: 1,000. */
  readonly maxConnections?: number;
  /** Milliseconds for a handshake. Default: 10,000. */
  readonly handshakeTimeout?: number;
  readonly observer?: Observer;
  /** Asked for each connection, by its id, who sees its frames. */
  readonly observeWire?: (connection: string) => WireObserver | undefined;
  /** Asked for each connection, by its id, who sees the bytes of its streams. */
  readonly observeBytes?: (connection: string) => ByteObserver | undefined;
  /** Told of faults that belong to no exchange: failed handshakes, errors of the socket. Default: nothing. */
  readonly onError?: (error: Error) => void;
}

/** A server of HTTP/3 on one UDP address. */
export interface QuicServer {
  readonly address: AddressInfo;
  /** Open connections. */
  readonly connections: ReadonlySet<Http3Session>;
  /** False: every connection from now on ends with its next response. */
  persistent: boolean;
  /** What its datagrams pass: loses, delays and reorders them on demand. */
  readonly link: Link;
  /** Ends connections that have no exchange under way, in order; returns how many. */
  endIdle(): number;
  /** Takes no more connections, lets exchanges finish for up to `grace` milliseconds (default 5,000), then cuts the rest. */
  close(options?: { readonly grace?: number }): Promise<void>;
}

/** There is no QUIC on this machine; the message says why. */
export class QuicUnavailableError extends Error {
  override readonly name = 'QuicUnavailableError';
}

/** One key for all servers of the process: a ticket from one address resumes at another. It dies with the process. */
const TICKET_KEY = randomBytes(48);

const wheel = new DeadlineWheel();

/**
 * Listens on UDP and hands every exchange to `handler`, the same that serves HTTP/1.1 and HTTP/2.
 *
 * @throws {QuicUnavailableError} without a QUIC binding; the socket's error (`EADDRINUSE`); quiche's, when the certificate does
 * not fit its key.
 */
export async function serveQuicExchanges(options: QuicServeOptions, handler: ExchangeHandler): Promise<QuicServer> {
  const { quiche, reason } = await loadQuiche();
  if (quiche === null) throw new QuicUnavailableError(reason);
  const limits = withLimits(options.limits);
  const policy: SessionPolicy = { persistent: options.persistent ?? true, date: options.date ?? true };
  const observer = options.observer ?? null;
  const context: Http3Context = { observer, connections: new Set(), wheel };
  const safely = refuseUnsafeEarlyData(handler);
  const begin = (quic: QuicConnection): Http3Session => {
    const id = newConnectionId();
    const observe = options.observeWire?.(id);
    const settings = { role: 'server', limits, connectProtocol: true } as const;
    const protocol = new Http3Protocol(observe === undefined ? settings : { ...settings, observer: observe }, () => 0);
    const session = (host: SessionHost): ServerSession => new ServerSession(protocol, host, safely, policy, observer);
    return new Http3Session(quic, id, protocol, session, context, options.observeBytes?.(id));
  };
  const endpoint = await UdpEndpoint.bind({
    quiche,
    host: options.host ?? '127.0.0.1',
    port: options.port ?? 0,
    accept: {
      config: serverConfig(quiche, options, limits),
      maxConnections: options.maxConnections ?? 1_000,
      handshakeTimeout: options.handshakeTimeout ?? 10_000,
      begin,
      notes: (destinationId) => new HelloNotes(destinationId),
      failed: (end) => options.onError?.(new Error(`A QUIC handshake failed: ${describeEnd(end)}`)),
    },
    onError: (error) => options.onError?.(error),
  });
  return {
    get address() {
      return endpoint.address;
    },
    connections: context.connections,
    get persistent() {
      return policy.persistent;
    },
    set persistent(value) {
      policy.persistent = value;
    },
    link: endpoint.link,
    endIdle() {
      let ended = 0;
      for (const connection of [...context.connections]) {
        if (connection.session.open > 0) continue;
        connection.shutdown();
        ended++;
      }
      return ended;
    },
    async close({ grace = 5_000 } = {}) {
      endpoint.refuse();
      for (const connection of [...context.connections]) connection.shutdown();
      await drained(context.connections, grace);
      for (const connection of [...context.connections]) connection.destroy('The server has stopped.');
      // Long enough for the last datagrams to leave; a peer that misses them finds out by its own timer.
      await new Promise((resolve) => setTimeout(resolve, CLOSE_MS));
      await endpoint.close(0);
    },
  };
}

/** Listens on UDP, and answers each request with what `handler` returns. */
export function serveQuic(options: QuicServeOptions, handler: RequestHandler): Promise<QuicServer> {
  return serveQuicExchanges(options, toExchangeHandler(handler, 'https'));
}

const CLOSE_MS = 10;

async function drained(connections: ReadonlySet<Http3Session>, grace: number): Promise<void> {
  const until = performance.now() + grace;
  while (connections.size > 0 && performance.now() < until) await new Promise((resolve) => setTimeout(resolve, 20));
}

function serverConfig(quiche: Quiche, options: QuicServeOptions, limits: Limits): QuicheConfig {
  const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
  const { cert, key } = options.tls;
  const config = quiche.Config.withBoringSslCtx(false, false, null, [bytes(key)], [bytes(cert)], null);
  config.setTicketKey(TICKET_KEY);
  if (options.earlyData ?? true) config.enableEarlyData();
  return commonConfig(config, limits);
}
