/** spdy-transport: HTTP/2 in plain JavaScript, as it is on npm. */
import { createServer } from 'node:net';
import transport from 'spdy-transport';
import { serveContestant } from '../server-process.ts';
import { BODY, CONTENT_LENGTH, CONTENT_TYPE, date } from '../workloads/answer.ts';

await serveContestant((count) =>
  createServer({ noDelay: true }, (socket) => {
    const connection = transport.connection.create(socket, { protocol: 'http2', isServer: true });
    connection.on('error', () => socket.destroy());
    connection.on('stream', (stream) => {
      count();
      stream.on('error', () => {});
      stream.respond(200, { 'content-type': CONTENT_TYPE, 'content-length': CONTENT_LENGTH, date: date() });
      stream.end(BODY);
    });
    connection.start(4);
  }).listen(0, '127.0.0.1'),
);
