import { createServer as createHttpServer, type RequestListener } from 'node:http';
import {
  createSecureServer,
  type Http2ServerRequest,
  type Http2ServerResponse,
  type Http2Session,
  type SecureServerOptions,
} from 'node:http2';
import { createServer as createHttpsServer, type ServerOptions } from 'node:https';
import { type AddressInfo, createServer as createTcpServer, type Server as NetServer, type Socket } from 'node:net';

/** A server on loopback that knows, by socket, how many requests came on each connection. */
export interface TestServer {
  readonly port: number;
  /** The number of requests of each connection that carried any, largest first. */
  counts(): number[];
  /** Connections that carried nothing. */
  unused(): number;
  close(): Promise<void>;
}

/** By HTTP/1.1, with Node's own server; over TLS where options are given. `idleMs` is how long it keeps an idle connection. */
export async function httpServer(
  handle: RequestListener,
  { tls, idleMs = 60_000 }: { readonly tls?: ServerOptions; readonly idleMs?: number } = {},
): Promise<TestServer> {
  const requests = new Map<Socket, number>();
  const listener: RequestListener = (request, response) => {
    requests.set(request.socket, (requests.get(request.socket) ?? 0) + 1);
    handle(request, response);
  };
  const server = tls === undefined ? createHttpServer(listener) : createHttpsServer(tls, listener);
  server.keepAliveTimeout = idleMs;
  // Node adds a second of its own, and this server is to do what it is told.
  server.keepAliveTimeoutBuffer = 0;
  server.on(tls === undefined ? 'connection' : 'secureConnection', (socket: Socket) => {
    requests.set(socket, 0);
  });
  return started(server, requests, () => server.closeAllConnections());
}

/** By HTTP/2 over TLS, with these settings; the same handlers as by HTTP/1.1. */
export async function http2Server(
  handle: (request: Http2ServerRequest, response: Http2ServerResponse) => void,
  options: SecureServerOptions,
): Promise<TestServer> {
  const requests = new Map<Http2Session, number>();
  const server = createSecureServer(options, (request, response) => {
    const { session } = request.stream;
    if (session !== undefined) requests.set(session, (requests.get(session) ?? 0) + 1);
    handle(request, response);
  });
  server.on('session', (session) => requests.set(session, 0));
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => sockets.add(socket));
  return started(server, requests, () => {
    for (const socket of sockets) socket.destroy();
  });
}

/** Bytes as they come: `answer` is handed each head, and the socket to write to. */
export async function rawServer(answer: (head: string, nth: number, socket: Socket) => void): Promise<TestServer> {
  const requests = new Map<Socket, number>();
  const server = createTcpServer((socket) => {
    requests.set(socket, 0);
    socket.on('error', () => {});
    let text = '';
    socket.setEncoding('latin1').on('data', (chunk: string) => {
      text += chunk;
      for (let end = text.indexOf('\r\n\r\n'); end >= 0; end = text.indexOf('\r\n\r\n')) {
        const head = text.slice(0, end);
        const body = Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0);
        if (text.length < end + 4 + body) return;
        text = text.slice(end + 4 + body);
        const nth = (requests.get(socket) ?? 0) + 1;
        requests.set(socket, nth);
        answer(head, nth, socket);
      }
    });
  });
  return started(server, requests, () => {
    for (const socket of requests.keys()) socket.destroy();
  });
}

async function started(
  server: NetServer,
  requests: ReadonlyMap<unknown, number>,
  end: () => void,
): Promise<TestServer> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    counts: () => [...requests.values()].filter((n) => n > 0).sort((a, b) => b - a),
    unused: () => [...requests.values()].filter((n) => n === 0).length,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        end();
      }),
  };
}
