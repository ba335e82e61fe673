import { PassThrough } from 'node:stream';
import { serveExchanges, toExchangeHandler } from '@interleave/transport/node';
import { createWorkshop } from './workshop/mod.ts';

const root = process.argv[2]!;
const port = Number(process.argv[3]);
const origin = `http://localhost:${port}`;
const w = createWorkshop({ root, stateDir: root + '/.interleave', origin });
const s = await serveExchanges(
  { host: '127.0.0.1', port, protocols: ['http/1.1'], onError: (e: Error) => console.error(e), tls: null } as never,
  toExchangeHandler((r: Request) => w.fetch(r), 'http') as never,
);
console.log('up', origin, await w.next());
await w.start(process.argv[4] === 'tty' ? process.stdout : new PassThrough());
process.on('SIGINT', async () => {
  await w.stop();
  await s.close({ grace: 0 });
  process.exit(0);
});
