/** Node's own HTTP/2 client behind the contract: no port, the connection is two web streams. */
import { type ClientHttp2Session, type ClientHttp2Stream, connect as connectHttp2 } from 'node:http2';
import { Duplex } from 'node:stream';
import type { ReadableStream as NodeReadable, WritableStream as NodeWritable } from 'node:stream/web';
import type { Connection } from '../../raw/pipe.ts';
import { judgePeer, type Outgoing } from './judge-peer.ts';

/** Bytes of a reply that wait here for their reader; Node's stream has its own window behind it. */
const QUEUE = 60_000;
const CANCEL = 8;

async function connect(connection: Connection): Promise<(request: Outgoing) => Promise<Response>> {
  const socket = Duplex.fromWeb({
    readable: connection.readable as NodeReadable,
    writable: connection.writable as NodeWritable,
  });
  const session = connectHttp2('http://workshop', { createConnection: () => socket, settings: { enablePush: false } });
  session.on('error', () => {});
  return (request) => ask(session, request);
}

function ask(session: ClientHttp2Session, request: Outgoing): Promise<Response> {
  const { origin, method, target, headers, body } = request;
  return new Promise((resolve, reject) => {
    const { protocol, host } = new URL(origin);
    const head = { ':method': method, ':path': target, ':scheme': protocol.slice(0, -1), ':authority': host };
    const isWhole = body === undefined || body.length === 0;
    const stream = session.request({ ...head, ...Object.fromEntries(headers) }, { endStream: isWhole });
    stream.on('error', reject);
    stream.on('close', () => reject(new Error(`The stream is closed, with code ${stream.rstCode}`)));
    stream.on('response', (fields) => {
      const status = Number(fields[':status']);
      const own = Object.entries(fields).filter(([name]) => !name.startsWith(':'));
      const isEmpty = method === 'HEAD' || status === 204 || status === 304;
      if (isEmpty) stream.resume();
      const names = own.map(([name, value]): [string, string] => [name, String(value)]);
      resolve(new Response(isEmpty ? null : bodyOf(stream), { status, headers: names }));
    });
    if (!isWhole) stream.end(body);
  });
}

function bodyOf(stream: ClientHttp2Stream): ReadableStream<Uint8Array<ArrayBuffer>> {
  let isOver = false;
  return new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      start(controller) {
        const over = (end: () => void): void => {
          if (!isOver) end();
          isOver = true;
        };
        stream.on('data', (chunk: Buffer) => {
          if (isOver) return;
          controller.enqueue(Uint8Array.from(chunk));
          if ((controller.desiredSize ?? 0) <= 0) stream.pause();
        });
        stream.on('end', () =>
          over(() => (stream.rstCode ? controller.error(new Error('reset')) : controller.close())),
        );
        stream.on('close', () => over(() => controller.error(new Error('closed'))));
      },
      pull: () => void stream.resume(),
      cancel() {
        isOver = true;
        stream.close(CANCEL);
        stream.resume();
      },
    },
    new ByteLengthQueuingStrategy({ highWaterMark: QUEUE }),
  );
}

await judgePeer(connect, 'connect');
