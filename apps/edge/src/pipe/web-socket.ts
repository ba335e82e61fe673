import { withLimits } from '@interleave/wire';
import { Http1Connection } from '@interleave/wire/http1';
import { Http2Connection } from '@interleave/wire/http2';
import type { Context } from 'hono';
import { ownOrigins } from '../conn.ts';
import type { AppEnv } from '../env.ts';
import { oneOf } from '../untrusted.ts';
import { PipeServer } from './server.ts';
import { pipeService, type Swap } from './service.ts';

/** One pipe may stand so long, in milliseconds: a page that was forgotten must not hold a Worker. */
const LONGEST_LIFE = 60_000;
/** Bytes that one pipe takes. A flood ends with 1009 and the name of this bound. */
const MOST_BYTES = 1_048_576;
/** Bytes that one pipe gives. A short request may ask for a long answer, and what a peer does not read waits in memory here. */
const MOST_GIVEN = 4_194_304;

/**
 * `GET /pipe?protocol=http/1.1|h2` as a WebSocket: its binary messages are the bytes of one HTTP connection, in order; where
 * one message ends means nothing. Inside it the core answers, as `pipeService` says; with `swap=c,d` it takes the answers of /c and
 * /d for each other.
 */
export function pipe(c: Context<AppEnv>): Response {
  if (c.req.header('upgrade')?.toLowerCase() !== 'websocket') {
    return c.text('This address speaks HTTP inside a WebSocket: ask for it with Upgrade: websocket.\n', 426, {
      Upgrade: 'websocket',
      Connection: 'Upgrade',
    });
  }
  const protocol = oneOf(c.req.query('protocol') ?? 'http/1.1', ['http/1.1', 'h2']);
  if (protocol === null) return c.text('A pipe speaks protocol=http/1.1 or protocol=h2.\n', 400);
  const swap = /^([a-z]),([a-z])$/.exec(c.req.query('swap') ?? '');
  // Nothing else keeps pages of others from opening a WebSocket here.
  const asking = c.req.header('origin');
  const own = [new URL(c.req.url).origin, ...ownOrigins(c.get('origins'))];
  if (asking !== undefined && !own.includes(asking)) return c.text('Only pages of this app open a pipe.\n', 403);
  const { 0: client, 1: server } = new WebSocketPair();
  server.binaryType = 'arraybuffer';
  server.accept();
  serve(server, protocol, swap ? [`/${swap[1]}`, `/${swap[2]}`] : null);
  return new Response(null, { status: 101, webSocket: client });
}

function serve(socket: WebSocket, protocol: 'http/1.1' | 'h2', swap: Swap | null): void {
  let taken = 0;
  let given = 0;
  let over = false;
  const now = performance.now();
  const limits = withLimits({ idleTimeout: 30_000 });
  const server = new PipeServer({
    service: pipeService((ms) => new Promise((done) => setTimeout(done, ms)), swap),
    connection:
      protocol === 'h2'
        ? new Http2Connection({ role: 'server', now, limits })
        : new Http1Connection({ role: 'server', now, limits }),
    date: () => new Date().toUTCString(),
    outlet: {
      send: (bytes) => {
        given += bytes.byteLength;
        if (given > MOST_GIVEN) end(1009, `A pipe gives ${MOST_GIVEN} bytes.`);
        else if (!over) socket.send(bytes);
      },
      close: () => end(1000, 'The HTTP connection inside has ended.'),
    },
  });
  const life = setTimeout(() => end(1001, `A pipe stands for ${LONGEST_LIFE / 1000} seconds.`), LONGEST_LIFE);
  let timer: number | null = null;

  const end = (code: number, reason: string): void => {
    if (over) return;
    over = true;
    clearTimeout(life);
    clearTimeout(timer);
    server.lost();
    socket.close(code, reason);
  };
  const file = (): void => {
    clearTimeout(timer);
    const at = server.nextDeadline();
    if (over || at === null) return;
    timer = setTimeout(
      () => {
        server.tick();
        file();
      },
      Math.max(0, at - performance.now()) + 1,
    );
  };

  socket.addEventListener('message', ({ data }) => {
    if (over) return;
    if (!(data instanceof ArrayBuffer)) return end(1003, 'A pipe carries bytes, not text.');
    taken += data.byteLength;
    if (taken > MOST_BYTES) return end(1009, `A pipe takes ${MOST_BYTES} bytes.`);
    server.receive(new Uint8Array(data));
    file();
  });
  socket.addEventListener('close', () => end(1000, ''));
  socket.addEventListener('error', () => end(1011, ''));
  file();
}
