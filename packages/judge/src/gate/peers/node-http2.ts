/** Node's own HTTP/2 server behind the contract: no port, the connection is two web streams. */
import { performServerHandshake, type ServerHttp2Stream } from 'node:http2';
import { Duplex } from 'node:stream';
import type { ReadableStream as NodeReadable, WritableStream as NodeWritable } from 'node:stream/web';
import type { Connection } from '../../raw/pipe.ts';
import { type Handler, judgePeer } from './judge-peer.ts';

function serve(connection: Connection, handler: Handler): Promise<void> {
  return new Promise((resolve) => {
    const socket = Duplex.fromWeb({
      readable: connection.readable as NodeReadable,
      writable: connection.writable as NodeWritable,
    });
    const session = performServerHandshake(socket);
    session.on('stream', async (stream: ServerHttp2Stream, fields) => {
      stream.on('error', () => {});
      const headers = new Headers();
      for (const [name, value] of Object.entries(fields)) if (!name.startsWith(':')) headers.set(name, String(value));
      headers.set('host', fields[':authority'] ?? '');
      const body = bodyOf(stream);
      const request = { method: fields[':method'] ?? '', target: fields[':path'] ?? '', headers, body };
      const answer = await handler(request);
      stream.respond({ ':status': answer.status, ...Object.fromEntries(answer.headers) });
      stream.end(Buffer.from(await answer.arrayBuffer()));
    });
    session.on('close', () => resolve());
    session.on('error', () => resolve());
  });
}

/** Whoever gives the body up still owes a reply: `Readable.toWeb` would reset the stream. */
function bodyOf(stream: ServerHttp2Stream): ReadableStream<Uint8Array> {
  let isOver = false;
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        const over = (end: () => void): void => {
          if (!isOver) end();
          isOver = true;
        };
        stream.on('data', (chunk: Buffer) => {
          if (isOver) return;
          controller.enqueue(Uint8Array.from(chunk));
          stream.pause();
        });
        stream.on('end', () => over(() => controller.close()));
        stream.on('aborted', () => over(() => controller.error(new Error('The client has given up'))));
        stream.on('close', () => over(() => controller.error(new Error('The stream is closed'))));
        stream.pause();
      },
      pull: () => void stream.resume(),
      cancel() {
        isOver = true;
        stream.resume();
      },
    },
    { highWaterMark: 0 },
  );
}

await judgePeer(serve);
