import type { ClientConnection } from '../client/connection.ts';
import { connectQuic, type QuicConnectOptions } from '../quic/connect.ts';
import { loadQuiche } from '../quic/quiche.ts';
import { type QuicServeOptions, type QuicServer, serveQuicExchanges } from '../quic/server.ts';
import type { ExchangeHandler } from '../session.ts';
import { makeCertificate } from './certificate.ts';

const certificate = makeCertificate();
const { quiche } = await loadQuiche();

/** Why tests over QUIC cannot run here, or null. */
export const noQuic: string | null =
  quiche === null ? 'There is no QUIC binding.' : certificate === null ? 'There is no openssl.' : null;

const open: (() => Promise<void>)[] = [];

/** Ends what the test has begun. */
export async function closeAll(): Promise<void> {
  await Promise.all(open.splice(0).map((close) => close()));
}

/** A server on a port of the system's choice. */
export async function serve(handler: ExchangeHandler, options: Partial<QuicServeOptions> = {}): Promise<QuicServer> {
  if (certificate === null) throw new Error('No certificate was made.');
  const server = await serveQuicExchanges({ tls: certificate, ...options }, handler);
  open.push(() => server.close({ grace: 0 }));
  return server;
}

/** A client that trusts it. */
export async function connect(
  server: QuicServer,
  options: Partial<QuicConnectOptions> = {},
): Promise<ClientConnection> {
  const tls = { ca: certificate?.cert ?? '', servername: 'localhost' };
  const connection = await connectQuic({ host: '127.0.0.1', port: server.address.port, tls, ...options });
  open.push(async () => {
    connection.destroy();
    await connection.closed;
  });
  return connection;
}

export const text = (value: string): Uint8Array => new TextEncoder().encode(value);

export const url = (path: string): string => `https://localhost${path}`;

/** Waits for other parts of the process to do what they have to do, as long as it takes. */
export async function eventually(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5));
}

/** Sends content back as it comes, at the pace of the slower side. */
export const echo: ExchangeHandler = (exchange) => {
  exchange.respond({ status: 200 });
  exchange.read({
    data: (piece) => {
      if (exchange.write(piece)) exchange.pull();
      else exchange.onWritable = () => exchange.pull();
    },
    end: () => exchange.end(),
    abort: () => {},
  });
  exchange.pull();
};
