/**
 * `node:http2` of the Node that runs this, at its `stream` event (the core API, below the `node:http` look-alike).
 * `--hold` takes requests and never answers them.
 */
import { createServer } from 'node:http2';
import { serveContestant } from '../server-process.ts';
import { BODY, CONTENT_LENGTH, CONTENT_TYPE } from '../workloads/answer.ts';

const hold = process.argv.includes('--hold');

await serveContestant((count) =>
  createServer(hold ? { maxSessionMemory: 1000, settings: { maxConcurrentStreams: 100_000 } } : {})
    .on('stream', (stream) => {
      count();
      stream.on('error', () => {});
      if (hold) return;
      stream.respond({ ':status': 200, 'content-type': CONTENT_TYPE, 'content-length': CONTENT_LENGTH });
      stream.end(BODY);
    })
    .listen(0, '127.0.0.1'),
);
