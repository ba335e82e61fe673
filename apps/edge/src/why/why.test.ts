import { describe, expect, it } from 'vitest';
import { type Asked, answersOf, findingOf, type Standing, type Standings } from './finding.ts';
import { freshOrigin, hindrance, otherOrigin, REASON_IDS, REASONS, type ReasonId, reasonPlan } from './reasons.ts';
import { whyTimeline } from './timeline.ts';
import { runWords } from './words.ts';

const HERE = 'http://localhost:4100';

/** A request that took from `from` to `to`. */
function asked(connection: string, nth: number, from: number, to: number, more: Partial<Asked> = {}): Asked {
  return {
    id: `${connection}-${nth}-${from}`,
    label: 'GET /api/v1/request',
    origin: HERE,
    credentials: true,
    webSocket: false,
    connection,
    protocol: 'http/1.1',
    nth,
    streamId: null,
    resumed: false,
    phases: [{ phase: 'server', from, to }],
    handshake: nth === 1 ? { from: from - 1, to: from } : null,
    goodbye: false,
    leftOver: 0,
    arrivals: [],
    ...more,
  };
}

const stands = (entries: Record<string, Standing>): Standings => new Map(Object.entries(entries));
const letter = (id: string): string => id.toUpperCase();
const ended = (cause: string): Standing => ({ cause, idleMs: cause === 'idle' ? 1500 : 3 });
const six = Array.from({ length: 6 }, (_, i) => asked(`c${i}`, i === 0 ? 2 : 1, 10, 400));

const CASES: readonly (readonly [ReasonId, readonly Asked[], Standings, string])[] = [
  [
    'first',
    [
      asked('a', 1, 0, 5, { origin: 'http://w1.localhost:4100' }),
      asked('a', 2, 6, 9, { origin: 'http://w1.localhost:4100' }),
    ],
    stands({ a: null }),
    'w1.localhost:4100 had never been asked',
  ],
  [
    'idle',
    [asked('a', 3, 0, 5), asked('b', 1, 1600, 1605)],
    stands({ a: ended('idle'), b: null }),
    'B is new: A carried nothing for 1.5 s, and the server ended it as idle.',
  ],
  [
    'goodbye',
    [asked('a', 3, 0, 5), asked('a', 4, 6, 9, { goodbye: true }), asked('b', 1, 10, 15)],
    stands({ a: ended('local'), b: null }),
    'with Connection: close',
  ],
  [
    'goodbye',
    [asked('a', 4, 6, 9, { goodbye: true, protocol: 'h2' }), asked('b', 1, 10, 15, { protocol: 'h2' })],
    stands({ a: ended('local') }),
    'with GOAWAY',
  ],
  [
    'six',
    [
      ...six,
      asked('c0', 3, 10, 800, {
        phases: [
          { phase: 'waiting', from: 10, to: 400 },
          { phase: 'server', from: 400, to: 800 },
        ],
      }),
    ],
    stands({}),
    '7 requests at once, 6 connections: all that were open were busy, so 5 were opened. One waited',
  ],
  [
    'credentials',
    [asked('a', 3, 0, 5), asked('b', 1, 6, 9, { credentials: false }), asked('a', 4, 10, 12)],
    stands({ a: null, b: null }),
    'A carries your cookies',
  ],
  [
    'origin',
    [asked('a', 3, 0, 5), asked('b', 1, 6, 9, { origin: 'http://127.0.0.1:4100' })],
    stands({ a: null }),
    '127.0.0.1:4100 is another origin',
  ],
  [
    'protocol',
    [asked('a', 1, 0, 5, { protocol: 'h2' }), asked('b', 1, 6, 9, { protocol: 'h3' })],
    stands({ a: null }),
    'over QUIC',
  ],
  [
    'died',
    [asked('a', 3, 0, 5), asked('b', 1, 6, 9, { arrivals: ['a', 'b'] })],
    stands({ a: ended('local') }),
    'One fetch, two requests: the first went out on A',
  ],
  [
    'left-over',
    [asked('a', 3, 0, 5), asked('a', 4, 6, 9, { leftOver: 13 }), asked('b', 1, 10, 15)],
    stands({ a: ended('peer') }),
    'came 13 bytes that belong to none',
  ],
  [
    'websocket',
    [asked('a', 3, 0, 5), asked('b', 1, 6, 9, { webSocket: true }), asked('a', 4, 10, 12)],
    stands({ a: null, b: ended('upgraded') }),
    'took it away from HTTP',
  ],
];

describe('why a connection is new', () => {
  it.each(CASES)('%s: from what was seen, whichever button was pressed', (reason, all, standings, says) => {
    const findings = all.map((_, i) => findingOf(all, i, standings));
    const news = findings.filter((one) => one.kind === 'new' && one.reason !== 'first');
    if (reason === 'first') expect(findings.map(({ kind }) => kind)).toEqual(['new', 'same']);
    else for (const one of news) expect(one).toMatchObject({ kind: 'new', reason });
    expect(news.length > 0 || reason === 'first').toBe(true);
    expect(runWords(all, standings, letter, reason)).toContain(says);
  });

  it('is never read from the button: a run that shows another reason says which', () => {
    const [, [, all, standings] = ['idle', [], stands({})]] = CASES;
    expect(runWords(all, standings, letter, 'left-over')).toContain(
      'It came out differently here. B is new for another reason',
    );
  });

  it('a second connection that nothing explains is told as that', () => {
    const all = [asked('a', 3, 0, 5), asked('b', 1, 6, 9)];
    expect(findingOf(all, 1, stands({ a: null }))).toMatchObject({ kind: 'new', reason: 'unknown' });
    expect(runWords(all, stands({ a: null }), letter, 'idle')).toContain('nobody here says why');
  });

  it('streams are no reason: seven at a time on one connection', () => {
    const all = Array.from({ length: 7 }, (_, i) =>
      asked('a', i + 2, 10, 400, { protocol: 'h2', streamId: i * 2 + 3 }),
    );
    expect(findingOf(all, 6, stands({ a: null }))).toEqual({ kind: 'same', atATime: 7 });
    expect(runWords(all, stands({ a: null }), letter, 'six')).toContain('No new connection: A carried all 7 at a time');
  });

  it('a browser that throws left-over bytes away is told as that', () => {
    const all = [asked('a', 3, 0, 5), asked('a', 4, 6, 9, { leftOver: 13 }), asked('a', 5, 10, 15)];
    expect(runWords(all, stands({ a: null }), letter, 'left-over')).toContain('threw 13 bytes away');
    expect(answersOf('a', all, stands({ a: null })).carry).toMatch(/^Yes/);
  });

  it('what a browser remembers of Alt-Svc is no change', () => {
    const all = [asked('a', 1, 0, 5, { protocol: 'h3' })];
    expect(runWords(all, stands({ a: null }), letter, 'protocol')).toContain('remembers it for an hour');
  });

  it('without names nothing is claimed', () => {
    const all = [asked('a', 1, 0, 5, { connection: null })];
    expect(findingOf(all, 0, stands({}))).toEqual({ kind: 'unnamed' });
    expect(runWords(all, stands({}), letter, 'six')).toContain('No response named its connection');
  });
});

it.each(CASES)('%s: both questions are answered for every connection', (reason, all, standings) => {
  for (const id of new Set(all.map(({ connection }) => connection ?? ''))) {
    const { carry, share } = answersOf(id, all, standings);
    expect(carry).toMatch(/^(Yes|No|Nobody)/);
    expect(share).toMatch(/^(Yes|No|Nobody)/);
  }
  const gone = ['idle', 'goodbye', 'left-over', 'died'].includes(reason);
  if (gone) expect(answersOf('a', all, standings).carry).toMatch(/^No/);
});

it('lanes end where the server says, and the one that died has no bar for what was lost', () => {
  const [, all, standings] = CASES.find(([id]) => id === 'idle') ?? ['idle', [], stands({})];
  const idle = whyTimeline(all, standings, letter, 'two');
  expect(idle.lanes.map(({ label, closedAt }) => [label, closedAt])).toEqual([
    ['A', 1505],
    ['B', null],
  ]);
  const [, twice, told] = CASES.find(([id]) => id === 'died') ?? ['died', [], stands({})];
  const died = whyTimeline(twice, told, letter, 'two');
  expect(died.lanes.map(({ exchanges, marks }) => [exchanges.length, marks?.[0]?.kind])).toEqual([
    [1, 'rst'],
    [1, undefined],
  ]);
});

describe('the rows of the page', () => {
  it('are ten, each a true sentence', () => {
    expect(REASONS.map(({ id }) => id)).toEqual(REASON_IDS);
    expect(REASONS).toHaveLength(10);
    for (const { title, text, button } of REASONS) {
      expect(title + text).toMatch(/^[A-Z].*\.$/);
      expect(`${title}${text}${button}`).not.toMatch(/!/);
      expect(text.split('`').length % 2).toBe(1);
    }
  });

  const origins = {
    plain: HERE,
    h1: 'https://localhost:4111',
    h2: 'https://localhost:4112',
    altSvc: 'https://localhost:4113',
  };

  it('can all be caused over HTTP/1.1 in the lab; elsewhere each that cannot says who could', () => {
    const at = (more: object): (ReasonId | null)[] =>
      REASON_IDS.map((id) =>
        hindrance(id, { host: 'lab', protocol: 'http/1.1', origins, here: HERE, ...more }) ? id : null,
      );
    expect(at({}).filter(Boolean)).toEqual([]);
    expect(at({ protocol: 'h2' }).filter(Boolean)).toEqual(['died', 'left-over']);
    expect(hindrance('left-over', { host: 'lab', protocol: 'h2', origins, here: HERE })?.where).toBe(origins.h1);
    const quic = { ...origins, h3: 'https://localhost:4114' };
    expect(at({ protocol: 'h3', origins: quic, here: quic.h3 }).filter(Boolean)).toEqual([
      'first',
      'idle',
      'died',
      'left-over',
      'websocket',
    ]);
    expect(at({ here: 'http://127.0.0.1:4100' }).filter(Boolean), 'by another name').toEqual([
      'first',
      'origin',
      'protocol',
    ]);
    const edge = { host: 'cloudflare' as const, protocol: 'h2' as const, origins: {}, here: 'https://x.example' };
    const rest = REASON_IDS.filter((id) => hindrance(id, edge) === null);
    expect(rest).toEqual(['six', 'credentials', 'websocket']);
    for (const id of REASON_IDS) if (!rest.includes(id)) expect(hindrance(id, edge)?.text).toContain('npm start');
  });

  it('a plan is one of them, or all', () => {
    expect(reasonPlan(new URLSearchParams('reason=six'))).toBe('six');
    expect(reasonPlan(new URLSearchParams('reason=<script>'))).toBe('all');
  });

  it('other origins are of this machine', () => {
    expect(freshOrigin('https://localhost:4113', 'w1')).toBe('https://w1.localhost:4113');
    expect(otherOrigin({ here: HERE, origins })).toBe('http://127.0.0.1:4100');
    expect(otherOrigin({ here: 'https://localhost:4111', origins })).toBe('https://localhost:4112');
  });
});
