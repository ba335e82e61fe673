import { describe, expect, it } from 'vitest';
import { noted } from '../counter/log.ts';
import { openingOf, stepOf } from '../counter/report.ts';
import { exchangeFacts } from './facts.ts';
import { EMPTY_LIVE, type Live } from './model.ts';
import { liveTimeline } from './picture.ts';
import { told } from './told.ts';

const EXCHANGE = {
  id: 'k3J9aQk3J9aQ',
  protocol: 'h2',
  tlsVersion: 'TLSv1.3',
  cipher: 'AEAD-AES128-GCM-SHA256',
  origin: 'https://app.example',
  at: 1_000,
  method: 'GET',
  path: '/',
} as const;

describe('what the edge counted, seen live', () => {
  const first = noted(null, EXCHANGE);
  const second = noted(first, { ...EXCHANGE, at: 1_500, path: '/story' });
  const live = [...openingOf(first), stepOf(second)].reduce<Live>(told, EMPTY_LIVE);

  it('claims of no exchange that it goes on: the edge does not hear of ends', () => {
    expect(live.exchanges.map(({ nth, outcome }) => [nth, outcome])).toEqual([
      [1, 'complete'],
      [2, 'complete'],
    ]);
    const [lane] = liveTimeline({ ...live, offset: 0 }, () => 'A', 60_000).lanes;
    const lengths = lane?.exchanges.flatMap(({ phases }) => phases.map(({ from, to }) => to - from));
    expect(lengths).toEqual([0, 0]);
  });

  it('is told as counted at the edge, and not as seen at a socket', () => {
    const lines = exchangeFacts(live, live.exchanges[1] ?? expect.fail('no exchange'), () => 'A');
    expect(JSON.stringify(lines)).not.toContain('socket');
    expect(lines).toContainEqual({
      name: 'At the server',
      value: 'noted when it began; its end is not told',
      source: 'the edge, which counts what reaches it',
    });
  });
});
