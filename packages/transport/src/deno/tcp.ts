import type { Limits, Observer as WireObserver } from '@interleave/wire';
import { type RequestHandler, toExchangeHandler } from '../adapter.ts';
import { type AlpnProtocol, refuseUnknown } from '../protocols.ts';
import type { ExchangeHandler, Observer } from '../session.ts';
import { type ServedConnection, serveExchangesOn } from '../web/serve.ts';
import { type DenoConn, type DenoListener, denoApi, endpointOf } from './api.ts';

export interface DenoServeOptions {
  /** 0, the default, lets the system choose. */
  readonly port?: number;
  /** Default: every IPv4 address, as Deno has it. */
  readonly hostname?: string;
  /** PEM: the certificate with its chain, and its key. Null, the default, is cleartext. */
  readonly tls?: { readonly cert: string; readonly key: string } | null;
  /** Chosen by ALPN in this order; in cleartext the first is spoken. Default: `['http/1.1']`. */
  readonly protocols?: readonly AlpnProtocol[];
  readonly limits?: Partial<Limits>;
  readonly observer?: Observer;
  /** Sees every frame, head and chunk of the connections for which it returns an observer. */
  readonly observeWire?: () => WireObserver | undefined;
  /** Told of handshakes that fail. Default: nothing. */
  readonly onError?: (error: unknown) => void;
}

/** A listening server. */
export interface DenoServer {
  readonly address: { readonly address: string; readonly port: number; readonly family: 'IPv4' | 'IPv6' };
  /** Open connections. */
  readonly connections: ReadonlySet<ServedConnection>;
  /** Takes no more connections, lets exchanges finish for up to `grace` milliseconds (default 5,000), then cuts the rest. */
  close(options?: { readonly grace?: number }): Promise<void>;
}

/**
 * Listens on TCP, with TLS or without, and hands every exchange to `handler` as an event object.
 *
 * Deno tells the chosen ALPN protocol and nothing else of a handshake: the other facts of TLS are null.
 *
 * @throws Deno's error for a port that cannot be had; {RangeError} for a protocol or limit that is not known.
 */
export function serveExchanges(options: DenoServeOptions, handler: ExchangeHandler): DenoServer {
  const { protocols = ['http/1.1'], hostname, port = 0, tls = null } = options;
  for (const protocol of protocols) refuseUnknown(protocol);
  const where = hostname === undefined ? { port } : { port, hostname };
  const listener: DenoListener =
    tls === null
      ? denoApi().listen(where)
      : denoApi().listenTls({ ...where, cert: tls.cert, key: tls.key, alpnProtocols: [...protocols] });
  const connections = new Set<ServedConnection>();

  const serve = async (conn: DenoConn): Promise<void> => {
    const since = performance.now();
    let chosen: string | null = null;
    try {
      chosen = tls === null ? null : ((await conn.handshake?.())?.alpnProtocol ?? null);
    } catch (error) {
      options.onError?.(error);
      conn.close();
      return;
    }
    conn.setNoDelay?.(true);
    const protocol = tls === null ? (protocols[0] ?? 'http/1.1') : chosen === 'h2' ? 'h2' : 'http/1.1';
    const observeWire = options.observeWire?.();
    const connection = serveExchangesOn(
      conn,
      {
        protocol,
        ...(options.limits === undefined ? {} : { limits: options.limits }),
        ...(options.observer === undefined ? {} : { observer: options.observer }),
        ...(observeWire === undefined ? {} : { observeWire }),
        facts: {
          local: endpointOf(conn.localAddr),
          remote: endpointOf(conn.remoteAddr),
          tls: tls === null ? null : { ...UNTOLD, alpn: chosen, handshakeMs: performance.now() - since },
        },
      },
      handler,
    );
    connections.add(connection);
    await connection.closed;
    connections.delete(connection);
  };

  const accepting = (async () => {
    // Ends when the listener is closed. One connection that fails is none of the others' business.
    for await (const conn of listener) serve(conn).catch((error) => options.onError?.(error));
  })().catch((error) => options.onError?.(error));

  return {
    address: endpointOf(listener.addr),
    connections,
    async close({ grace = 5_000 } = {}) {
      listener.close();
      await accepting;
      for (const connection of connections) connection.shutdown();
      const timer = setTimeout(() => {
        for (const connection of connections) connection.destroy('The server has stopped.');
      }, grace);
      await Promise.all([...connections].map(({ closed }) => closed));
      clearTimeout(timer);
    },
  };
}

/** Listens on TCP, and answers each request with what `handler` returns. */
export function serve(options: DenoServeOptions, handler: RequestHandler): DenoServer {
  return serveExchanges(options, toExchangeHandler(handler, options.tls ? 'https' : 'http'));
}

/** What Deno does not tell of a TLS connection. */
const UNTOLD = {
  version: null,
  cipher: null,
  group: null,
  alpnOffered: null,
  sni: null,
  resumed: null,
  earlyData: null,
  clientRandomHash: null,
} as const;
