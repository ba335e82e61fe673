/** `node:http` of the Node that runs this. `--idle` keeps idle connections for ever. */
import { createServer } from 'node:http';
import { serveContestant } from '../server-process.ts';
import { BODY, CONTENT_LENGTH, CONTENT_TYPE } from '../workloads/answer.ts';

await serveContestant((count) => {
  const server = createServer((_request, response) => {
    count();
    response.setHeader('content-type', CONTENT_TYPE);
    response.setHeader('content-length', CONTENT_LENGTH);
    response.end(BODY);
  });
  if (process.argv.includes('--idle')) server.keepAliveTimeout = 0;
  return server.listen(0, '127.0.0.1');
});
