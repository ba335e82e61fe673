import { describe, expect, it } from 'vitest';
import { lifeOf, MOST_LANES } from './life.ts';
import {
  EMPTY,
  letterOf,
  MOST_EXCHANGES,
  parseTab,
  type Remembered,
  remember,
  rememberEnd,
  type Tab,
} from './memory.ts';
import { ribbonTicks } from './ticks.ts';
import { changeWords, endingWords, runWords } from './words.ts';

function exchange(id: string, connection: string, nth: number | null, more: Partial<Remembered> = {}): Remembered {
  const from = Number.parseInt(id, 36) * 10;
  return {
    id,
    label: 'GET /',
    connection,
    protocol: 'http/1.1',
    nth,
    phases: [
      { phase: 'server', from, to: from + 3 },
      { phase: 'response', from: from + 3, to: from + 4 },
    ],
    handshake: null,
    openedAt: from - 5,
    state: nth === 1 ? 'new' : 'reused',
    resumed: false,
    earlyData: false,
    closing: false,
    ...more,
  };
}

const tabOf = (...exchanges: Remembered[]): Tab => exchanges.reduce(remember, EMPTY);

describe('a tab', () => {
  it('letters connections in the order in which it met them', () => {
    const tab = tabOf(exchange('1', 'k1', 1), exchange('2', 'k2', 1), exchange('3', 'k1', 2));
    expect([letterOf(tab, 'k1'), letterOf(tab, 'k2'), letterOf(tab, 'k3')]).toEqual(['A', 'B', null]);
    const many = { ...EMPTY, met: Array.from({ length: 60 }, (_, i) => `k${i}`) };
    expect(['k25', 'k26', 'k52'].map((k) => letterOf(many, k))).toEqual(['Z', 'AA', 'BA']);
  });

  it('remembers an exchange once, and forgets the oldest', () => {
    const twice = remember(tabOf(exchange('1', 'k1', 1)), exchange('1', 'k1', 1, { label: 'GET /again' }));
    expect(twice.exchanges).toHaveLength(1);
    const full = Array.from({ length: MOST_EXCHANGES + 5 }, (_, i) => exchange(`${i + 1}`, 'k1', i + 1)).reduce(
      remember,
      EMPTY,
    );
    expect(full.exchanges).toHaveLength(MOST_EXCHANGES);
    expect(full.exchanges.at(-1)?.nth).toBe(MOST_EXCHANGES + 5);
  });

  it('comes back from storage as it was, and is empty when what is stored is not a tab', () => {
    const tab = rememberEnd(tabOf(exchange('1', 'k1', 1)), 'k1', 99);
    expect(parseTab(JSON.stringify(tab))).toEqual(tab);
    for (const text of [null, '', '{', 'null', '[]', '{"v":2}', '{"v":1,"met":[1],"exchanges":[],"ended":{}}'])
      expect(parseTab(text)).toEqual(EMPTY);
    expect(parseTab('{"v":1,"met":[],"exchanges":[{"id":1}],"ended":{}}')).toEqual(EMPTY);
  });
});

it('a connection that HTTP/3 needs of its own is explained by Alt-Svc', () => {
  const first = exchange('1', 'k1', 1, { protocol: 'h2' });
  const now = exchange('2', 'k2', 1, { protocol: 'h3', state: 'preconnected' });
  expect(changeWords(tabOf(first), now, tabOf(first, now))).toContain(
    'Connection B stood ready: the answers on A said',
  );
  const ended = rememberEnd(tabOf(first), 'k1', 5);
  expect(changeWords(ended, now, remember(ended, now))).toContain('you asked the server to end A');
});

describe('the life of connections', () => {
  it('has a lane for each connection and a bar for each exchange', () => {
    const tab = tabOf(exchange('1', 'k1', 3), exchange('2', 'k1', 4), exchange('3', 'k2', 1, { resumed: true }));
    const life = lifeOf(tab, '3');
    expect(life.title).toBe('5 exchanges on 2 connections, 2 of them before this tab looked.');
    expect(life.lanes.map((l) => [l.label, l.beginning, l.earlier, l.exchanges.length, l.closedAt])).toEqual([
      ['A', 'new', 2, 2, null],
      ['B', 'resumed', undefined, 1, null],
    ]);
    expect(life.lanes[1]?.exchanges[0]?.current).toBe(true);
  });

  it('ends a lane only where somebody said that it ended', () => {
    const closing = tabOf(exchange('1', 'k1', 1, { closing: true }));
    expect(lifeOf(closing, null).lanes[0]).toMatchObject({ closedAt: 14, marks: [{ kind: 'close', by: 'server' }] });
    const asked = rememberEnd(tabOf(exchange('1', 'k1', 1)), 'k1', 50);
    expect(lifeOf(asked, null).lanes[0]?.closedAt).toBe(50);
  });

  it('does not invent how a connection began', () => {
    const life = lifeOf(tabOf(exchange('1', 'k1', null, { resumed: null, state: 'reused', openedAt: null })), null);
    expect(life.lanes[0]).toMatchObject({ beginning: 'unknown', openedAt: null });
  });

  it('says how many connections it leaves out', () => {
    const tab = tabOf(...Array.from({ length: MOST_LANES + 2 }, (_, i) => exchange(`${i + 1}`, `k${i}`, 1)));
    expect(lifeOf(tab, null).lanes).toHaveLength(MOST_LANES);
    expect(lifeOf(tab, null).title).toContain('2 older connections not drawn');
    expect(lifeOf(EMPTY, null).title).toContain('No connection can be named');
  });
});

describe('what the ribbon says', () => {
  const first = exchange('1', 'k1', 1);
  const say = (before: Tab, now: Remembered): string => changeWords(before, now, remember(before, now));

  it.each<[string, Tab, Remembered, string]>([
    ['first exchange of the tab', EMPTY, first, 'This tab begins here'],
    ['first of the tab, not of the connection', EMPTY, exchange('1', 'k1', 4), 'though not in this tab'],
    ['same connection', tabOf(first), exchange('2', 'k1', 2), 'The same connection as before, A'],
    [
      'ended by the visitor',
      rememberEnd(tabOf(first), 'k1', 5),
      exchange('2', 'k2', 1),
      'Connection B is new: you asked the server to end A.',
    ],
    [
      'closed after the response',
      tabOf({ ...first, closing: true }),
      exchange('2', 'k2', 1),
      'the server closed A after its response',
    ],
    ['nobody knows', tabOf(first), exchange('2', 'k2', 1), 'it does not say which'],
    ['preconnected', tabOf(first), exchange('2', 'k2', 1, { state: 'preconnected' }), 'Connection B stood ready'],
    ['back again', tabOf(first, exchange('2', 'k2', 1)), exchange('3', 'k1', 2), 'Back on connection A'],
  ])('%s', (_, before, now, words) => expect(say(before, now)).toContain(words));

  it('names the cause that the server gives', () => {
    expect(endingWords('A', null)).toContain('still open');
    expect(endingWords('A', 'idle')).toContain('idle for too long');
    expect(endingWords('A', 'transport-error')).toBe('A broke off (transport-error).');
  });
});

describe('a run in one sentence', () => {
  it('counts connections and names the exchanges', () => {
    const run = [exchange('2', 'k1', 2), exchange('3', 'k1', 3), exchange('4', 'k1', 4)];
    expect(runWords(tabOf(...run), run, 3)).toBe('Three fetches, one connection, A: exchanges 2, 3 and 4.');
    const short = [
      exchange('2', 'k1', 1),
      exchange('3', 'k2', 1, { resumed: true }),
      exchange('4', 'k3', 1, { resumed: true }),
    ];
    expect(runWords(tabOf(...short), short, 3)).toBe(
      'Three fetches, three connections: A, B and C. Two of them resumed an earlier TLS session.',
    );
    expect(runWords(EMPTY, [], 3)).toContain('nothing to count');
    expect(runWords(tabOf(...run), run.slice(0, 2), 3)).toContain('One did not arrive');
  });
});

describe('ticks', () => {
  it('stay within their width, however many exchanges there were', () => {
    expect(ribbonTicks(1, [1])).toContain('width="3"');
    expect(ribbonTicks(100_000, [])).toMatch(/width="19\d(\.\d)?"/);
  });
});
