/**
 * Interleave's server at the event handler, the layer of `node:http`'s callback; `--adapter` at `Request → Response`.
 * `--h2` speaks HTTP/2 in the clear, `--idle` keeps idle connections, `--hold` takes requests and never answers them.
 */
import { type ServeOptions, serve, serveExchanges } from '@interleave/transport/node';
import type { Limits } from '@interleave/wire';
import { serveContestant } from '../server-process.ts';
import { BODY, BODY_BYTES, CONTENT_TYPE } from '../workloads/answer.ts';

const asked = new Set(process.argv.slice(2));
const forever: Partial<Limits> =
  asked.has('--idle') || asked.has('--hold') ? { idleTimeout: 600_000, bodyTimeout: 600_000 } : {};
const many: Partial<Limits> = asked.has('--hold')
  ? { maxConcurrentStreams: 100_000, maxUnreleasedStreams: 200_000 }
  : {};
const options: ServeOptions = {
  host: '127.0.0.1',
  protocols: [asked.has('--h2') ? 'h2' : 'http/1.1'],
  limits: { ...forever, ...many },
};

await serveContestant(async (count) => {
  const server = asked.has('--adapter')
    ? await serve(options, () => {
        count();
        return new Response(BODY, { headers: { 'content-type': CONTENT_TYPE } });
      })
    : await serveExchanges(options, (exchange) => {
        count();
        if (!asked.has('--hold')) exchange.reply({ status: 200, fields: [['content-type', CONTENT_TYPE]] }, BODY_BYTES);
      });
  return { port: server.address.port };
});
