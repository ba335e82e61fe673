import type { Context } from 'hono';
import { ownOrigins } from '../conn.ts';
import type { AppEnv } from '../env.ts';
import type { Echo } from './echo-record.ts';
import { headBytes } from './frames.ts';

/** Larger messages would teach no more. */
const MOST_BYTES = 4_096;
const MOST_MESSAGES = 200;
const LONGEST_LIFE = 60_000;

/** `POST /echo`: says back what it was told, with the size of the head that it took to say it. */
export async function echo(c: Context<AppEnv>): Promise<Response> {
  const length = Number(c.req.header('content-length') ?? 0);
  if (length > MOST_BYTES) return c.json({ error: `At most ${MOST_BYTES} bytes are said back.` }, 413);
  const said = await c.req.text();
  if (said.length > MOST_BYTES) return c.json({ error: `At most ${MOST_BYTES} bytes are said back.` }, 413);
  return c.json<Echo>({ v: 1, said, head: requestHead(c), record: c.get('record') });
}

/** `GET /echo` as a WebSocket: the first message tells the size of the head that opened it, then each is said back. */
export function echoSocket(c: Context<AppEnv>): Response {
  if (c.req.header('upgrade')?.toLowerCase() !== 'websocket') {
    return c.text('POST says back what you send; with Upgrade: websocket, each message is said back.\n', 426, {
      Upgrade: 'websocket',
      Connection: 'Upgrade',
    });
  }
  const asking = c.req.header('origin');
  const own = [new URL(c.req.url).origin, ...ownOrigins(c.get('origins'))];
  if (asking !== undefined && !own.includes(asking)) return c.text('Only pages of this app open this.\n', 403);
  const { 0: client, 1: server } = new WebSocketPair();
  server.accept();
  server.send(JSON.stringify({ v: 1, head: requestHead(c), record: c.get('record') }));
  let messages = 0;
  const life = setTimeout(() => server.close(1001, 'An echo lasts 60 seconds.'), LONGEST_LIFE);
  server.addEventListener('message', ({ data }) => {
    messages++;
    if (messages > MOST_MESSAGES) return server.close(1008, `At most ${MOST_MESSAGES} messages are said back.`);
    if (typeof data !== 'string' || data.length > MOST_BYTES)
      return server.close(1009, `Text of at most ${MOST_BYTES} characters is said back.`);
    server.send(data);
  });
  server.addEventListener('close', () => {
    clearTimeout(life);
    server.close(1000);
  });
  return new Response(null, { status: 101, webSocket: client });
}

/** The size of the head that asked. */
export function requestHead(c: Context<AppEnv>): { fields: number; bytes: number } {
  const url = new URL(c.req.url);
  // What the edge has put there is not of the visitor's own request.
  const fields = [...c.req.raw.headers].filter(([name]) => !/^(?:cf-|mf-|x-forwarded-|x-real-ip$)/.test(name));
  return { fields: fields.length, bytes: headBytes(`${c.req.method} ${url.pathname}${url.search} HTTP/1.1`, fields) };
}
