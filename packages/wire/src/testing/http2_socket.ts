import { createServer, type Server, type Socket } from 'node:net';
import type { Event } from '../events.ts';
import { Http2Connection, type Http2Options } from '../http2/connection.ts';

// Node only: imported by *.node.test.ts files alone. The least that moves an HTTP/2 connection's bytes over a socket.

/** A connection on a socket: `act` is called with every event, and output goes out when it has returned. */
export class SocketDriver {
  readonly connection: Http2Connection;
  readonly socket: Socket;
  readonly #act: (event: Event, driver: SocketDriver) => void;
  #blocked = false;
  #scheduled = false;

  constructor(socket: Socket, options: Http2Options, act: (event: Event, driver: SocketDriver) => void) {
    this.socket = socket;
    this.#act = act;
    this.connection = new Http2Connection(options);
    socket.setNoDelay(true);
    socket.on('data', (bytes) => this.#dispatch(this.connection.receive(bytes, performance.now())));
    socket.on('end', () => this.#dispatch(this.connection.receiveEnd(performance.now())));
    socket.on('drain', () => {
      this.#blocked = false;
      this.flush();
    });
    socket.on('error', () => socket.destroy());
    this.flush();
  }

  /** Something was sent outside an event. */
  schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.flush();
    });
  }

  flush(): void {
    while (!this.#blocked && this.connection.pendingOutput > 0) {
      const views = this.connection.takeOutput(262_144);
      if (views.length === 0) break;
      this.socket.cork();
      for (const view of views) if (!this.socket.write(view)) this.#blocked = true;
      this.socket.uncork();
      for (const event of this.connection.poll(performance.now())) this.#act(event, this);
    }
    if (this.connection.wantsClose && this.connection.pendingOutput === 0) this.socket.end();
  }

  #dispatch(events: readonly Event[]): void {
    for (const event of events) this.#act(event, this);
    for (const event of this.connection.poll(performance.now())) this.#act(event, this);
    this.flush();
  }
}

/** Listens on a loopback port and hands every event to `act`. */
export async function listen(
  options: Omit<Http2Options, 'role'>,
  act: (event: Event, driver: SocketDriver) => void,
  port = 0,
): Promise<{ server: Server; port: number }> {
  const server = createServer((socket) => new SocketDriver(socket, { ...options, role: 'server' }, act));
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { server, port: address.port };
}
