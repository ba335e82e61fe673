/** What servers keep of exchanges that are over, counted. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { collectGarbage } from '../collect.ts';
import { Exchanges } from './http2-forgotten.ts';

setFlagsFromString('--expose-gc');
const host = {
  name: 'node' as const,
  load: async () => ({}),
  turn: () => new Promise<void>((resolve) => setImmediate(resolve)),
  rest: () => new Promise<void>((resolve) => setTimeout(resolve, 0)),
  realNow: () => performance.now(),
  collect: runInNewContext('gc') as () => void,
};
type Request = { headers: Headers; body: ReadableStream };
const request = (): Request => ({ headers: new Headers(), body: new ReadableStream() });

/** Twenty exchanges; `keep` sees what a server has in its hands. */
async function exchanged(keep: (request: Request, response: Response) => void): Promise<Exchanges> {
  const exchanges = new Exchanges();
  const handler = exchanges.watched(async (_: never) => new Response('body'));
  for (let i = 0; i < 20; i++) {
    const one = request();
    keep(one, await handler(one as never));
  }
  return exchanges;
}

describe('what is left of exchanges', () => {
  const kept: unknown[] = [];

  it('counts none where nothing is kept', async () => {
    expect(await (await exchanged(() => {})).reachable(host)).toBe(0);
  });

  it.each([
    ['requests', (one: Request) => kept.push(one)],
    ['the bodies of requests', (one: Request) => kept.push(one.body)],
    ['the fields of requests', (one: Request) => kept.push(one.headers)],
    ['replies', (_: Request, reply: Response) => kept.push(reply)],
    ['readers of replies', (_: Request, reply: Response) => kept.push(reply.body?.getReader())],
  ])('counts %s that are kept', async (_, keep) => {
    const exchanges = await exchanged(keep);
    expect([exchanges.count, await exchanges.reachable(host)]).toEqual([20, 20]);
  });

  it('knows nothing where nothing was collected', async () => {
    const lazy = { ...host, collect: () => {} };
    expect(await collectGarbage(lazy)).toBe(false);
    expect(await (await exchanged(() => {})).reachable(lazy)).toBe(null);
  });
});
