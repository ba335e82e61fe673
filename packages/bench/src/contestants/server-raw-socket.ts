/**
 * A socket that answers without parsing: the least that any HTTP/1.1 server in JavaScript can cost.
 *
 * It looks at the first request of a connection for its length and takes all others to be as long.
 */
import { createServer } from 'node:net';
import { serveContestant } from '../server-process.ts';
import { BODY, CONTENT_LENGTH, CONTENT_TYPE, date } from '../workloads/answer.ts';

await serveContestant(() =>
  createServer({ noDelay: true }, (socket) => {
    let length = 0;
    let unanswered = 0;
    let answer = '';
    let made = '';
    socket.on('error', () => socket.destroy());
    socket.on('data', (bytes) => {
      if (length === 0) length = bytes.indexOf('\r\n\r\n') + 4;
      unanswered += bytes.length;
      const requests = Math.floor(unanswered / length);
      if (requests === 0) return;
      unanswered -= requests * length;
      const now = date();
      if (now !== made) {
        made = now;
        answer =
          `HTTP/1.1 200 OK\r\ncontent-type: ${CONTENT_TYPE}\r\ncontent-length: ${CONTENT_LENGTH}\r\n` +
          `date: ${now}\r\n\r\n${BODY}`;
      }
      socket.write(requests === 1 ? answer : answer.repeat(requests), 'latin1');
    });
  }).listen(0, '127.0.0.1'),
);
