import type { CheckResult } from '@interleave/judge';
import { data, greeting, headers, response } from '@interleave/judge/http2';
import { describe, expect, it } from 'vitest';
import { bandsPart } from './bands-part.ts';
import { runPart, runTitle } from './check-part.ts';
import { idMatchPart } from './id-match-part.ts';
import { packetsPart } from './packets-part.ts';
import { runOf } from './testing/http2-run.ts';

const x = (times: number) => ({ repeat: 'x', times });
const asked = (...streams: readonly number[]) => streams.map((n) => headers(n, `GET /<i>${n}`, { end: true }));
const text = async (html: unknown): Promise<string> => String(await html);

describe('bands', () => {
  const run = runOf(
    [
      ['judge', [greeting(), ...asked(1, 3)]],
      ['learner', [response(1, 200), response(3, 200), ...[1, 3, 1, 3].map((stream) => data(stream, x(25)))]],
    ],
    'bands',
  );

  it('are one path a reply, with names that a peer cannot turn into markup', async () => {
    const html = await text(bandsPart(run, 'c1', 'After'));
    expect(html).toContain('After <span class="quiet">MX0-1, this run</span>');
    expect(html).toContain('A GET /&lt;i&gt;1');
    expect(html).not.toContain('<i>');
    // On the wire and in its own lane, wide and narrow.
    expect(html.match(/<path class="band-0"/g)).toHaveLength(4);
  });

  it('are uncovered frame by frame, and wholly by the last one', async () => {
    const html = await text(bandsPart(run, 'c1', 'After'));
    const [way = ''] = /data-way="([^"]*)"/.exec(html)?.slice(1) ?? [];
    const stops = way.split(' ').map((stop) => Number(stop.split(',')[1]));
    expect(stops).toEqual(stops.toSorted((a, b) => a - b));
    expect(stops.at(-1)).toBe(1230 - 190 - 2);
  });

  it('stand above the frames, the earlier run above them, and the timeline is folded', async () => {
    const html = await text(runPart({ ...run, oracle: 'raw' }, 'x', '', { label: 'your run 3', test: run }));
    const places = [
      'Before <span class="quiet">your run 3',
      'replay-bar',
      'After',
      'Frames: ',
      'The run as a timeline',
    ];
    const found = places.map((place) => html.indexOf(place));
    expect(found).toEqual(found.toSorted((a, b) => a - b));
    expect(found[0]).toBeGreaterThan(0);
    expect(runTitle(run)).toBe('2 replies share the connection in 4 stripes');
  });
});

describe('arrows by id', () => {
  const said = [
    ['learner', [greeting(), ...asked(1, 3)]],
    ['judge', [response(3, 200), data(3, 'b', { end: true }), response(1, 200), data(1, 'a', { end: true })]],
  ] as const;
  const run = runOf(said, 'arrows');
  const exchanges = [1, 3].map((stream, i) => ({ n: i + 1, stream, request: `GET /<i>${stream}`, status: 200 }));
  const whole = { ...run, connections: [{ ...run.connections[0], exchanges }] } as unknown as CheckResult;

  it('lead to the reply of the same id, and each can be changed on its way', async () => {
    const html = await text(idMatchPart(whole, 'c1', 'x', null));
    expect(html).toContain('aria-label="GET /&lt;i&gt;1, id 1: reply 2; GET /&lt;i&gt;3, id 3: reply 1"');
    expect(html).toContain('2 replies to 2 requests, and 1 pair of arrows crosses.');
    expect(html).toContain('Each request still gets its own.');
    expect(html).not.toContain('<i>');
  });

  it('come with the replay of the frames that end them', async () => {
    const html = await text(idMatchPart(whole, 'c1', 'x', null));
    expect(html).toMatch(/<g data-at="\d+">/);
  });
});

describe('packets', () => {
  const entry = (what: 'arrived' | 'passed on', connection: string, packet: number, from: number, to: number) => ({
    tick: 0,
    at: 0,
    connection,
    by: 'judge',
    what,
    from,
    to,
    ...(what === 'arrived' ? { packet } : {}),
  });
  const lost = {
    checkId: 'HL3-1',
    transcript: [
      entry('arrived', 'stream 1', 0, 0, 5),
      entry('passed on', 'stream 1', 0, 0, 5),
      entry('arrived', 'stream 3', 2, 5, 10),
      entry('arrived', 'stream 3', 3, 0, 5),
      entry('passed on', 'stream 3', 0, 0, 10),
    ],
  } as unknown as CheckResult;

  it('show the hole, and the one row that waits for it', async () => {
    const html = await text(packetsPart(lost, null));
    expect(html).toContain('Packet 1 is lost, and 1 of 2 streams waits');
    expect(html).toContain('stream 3: waits from packet 2 to packet 3');
    expect(html).toContain('stream 1: never waits');
  });

  it('are nothing where none was lost', () => {
    expect(packetsPart({ ...lost, transcript: lost.transcript.slice(0, 2) }, null)).toBeNull();
  });
});
