/** Node's own HTTP/2 server behind the contract: no port, the connection is two web streams. */
import { performServerHandshake, type ServerHttp2Stream } from 'node:http2';
import { Duplex, Readable } from 'node:stream';
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
      const body = Readable.toWeb(stream) as ReadableStream<Uint8Array>;
      const request = { method: fields[':method'] ?? '', target: fields[':path'] ?? '', headers, body };
      const answer = await handler(request);
      stream.respond({ ':status': answer.status, ...Object.fromEntries(answer.headers) });
      stream.end(Buffer.from(await answer.arrayBuffer()));
    });
    session.on('close', () => resolve());
    session.on('error', () => resolve());
  });
}

await judgePeer(serve);
