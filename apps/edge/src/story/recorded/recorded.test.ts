import { extent } from '@interleave/trace/timeline';
import { describe, expect, it } from 'vitest';
import { CLOUDFLARE, CLOUDFLARE_HEADERS, labCf } from '../../cf-examples.ts';
import app from '../../index.tsx';
import { recordedTimeline } from './run.ts';
import { RECORDED_RESUME, RECORDED_TILES } from './runs.ts';

describe('the recorded runs', () => {
  it.each([
    ['h1', 6],
    ['h2', 1],
    ['h3', 1],
  ] as const)('over %s: 48 pictures on %i, as their titles say', (protocol, connections) => {
    const lanes = RECORDED_TILES[protocol];
    expect(lanes).toHaveLength(connections);
    expect(lanes.flatMap(({ exchanges }) => exchanges)).toHaveLength(48);
  });

  it('has one request that stayed, one that came back and one that arrived', () => {
    expect(RECORDED_RESUME.map(({ beginning, exchanges }) => [beginning, exchanges.length])).toEqual([
      ['reused', 1],
      ['resumed', 1],
      ['new', 1],
    ]);
  });

  it.each(['/tiles', '/resume'])(
    'stand on %s where the app cannot make them, each labelled, and never in the lab',
    async (path) => {
      const ask = async (cf: unknown): Promise<string> => {
        const request = new Request(`https://app.example${path}`, {
          headers: { accept: 'text/html', ...CLOUDFLARE_HEADERS },
        });
        return (await app.fetch(Object.defineProperty(request, 'cf', { value: cf }), {})).text();
      };
      expect(await ask(labCf())).not.toContain('Recorded');
      const page = await ask(CLOUDFLARE);
      expect(page).toContain('Recorded, not yours.');
      const figures = page.split('<section class="recorded"')[1]?.split('</section><p')[0] ?? '';
      expect(figures.match(/<figure>/g)?.length).toBe(figures.match(/>recorded ·/g)?.length);
      expect(page.length).toBeLessThan(180_000);
    },
  );

  it('never has two at a time on one connection of HTTP/1.1, and times that go forward', () => {
    for (const [protocol, lanes] of Object.entries(RECORDED_TILES)) {
      for (const { exchanges, handshake } of recordedTimeline('', lanes).lanes) {
        let free = handshake?.to ?? 0;
        for (const exchange of exchanges) {
          const times = exchange.phases.flatMap(({ from, to }) => [from, to]);
          expect(times).toEqual([...times].sort((a, b) => a - b));
          const sent = exchange.phases.find(({ phase }) => phase === 'server')?.from ?? 0;
          if (protocol === 'h1') expect(sent).toBeGreaterThanOrEqual(free);
          free = extent(exchange)?.to ?? 0;
        }
      }
    }
  });
});
