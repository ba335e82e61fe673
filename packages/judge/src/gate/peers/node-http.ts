/** Node's own HTTP server behind the contract: no port, the connection is two web streams. */
import { createServer } from 'node:http';
import { Duplex, Readable } from 'node:stream';
import type { ReadableStream as NodeReadable, WritableStream as NodeWritable } from 'node:stream/web';
import type { Connection } from '../../raw/pipe.ts';
import { type Handler, judgePeer } from './judge-peer.ts';

function serve(connection: Connection, handler: Handler): Promise<void> {
  return new Promise((resolve) => {
    const socket = Duplex.fromWeb(
      { readable: connection.readable as NodeReadable, writable: connection.writable as NodeWritable },
      { allowHalfOpen: true },
    );
    const server = createServer(async (request, response) => {
      const headers = new Headers();
      for (let i = 0; i < request.rawHeaders.length; i += 2) {
        headers.append(request.rawHeaders[i] ?? '', request.rawHeaders[i + 1] ?? '');
      }
      const body = Readable.toWeb(request) as ReadableStream<Uint8Array>;
      const answer = await handler({ method: request.method ?? '', target: request.url ?? '', headers, body });
      response.writeHead(answer.status, Object.fromEntries(answer.headers));
      response.end(Buffer.from(await answer.arrayBuffer()));
    });
    socket.on('close', () => resolve());
    socket.on('error', () => resolve());
    server.emit('connection', socket);
  });
}

await judgePeer(serve);
