import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from 'vitest';
import { Endings } from './endings.ts';
import { Holds } from './hold-api.ts';
import { LISTENERS, type Listener } from './listeners.ts';
import { type Paint, type ReadyScreen, readyScreen, wrap } from './screen.ts';

const bare: Paint = (_, text) => text;
const coloured: Paint = (_, text) => `\u001b[1m${text}\u001b[0m`;

function listeners(takenBy: string | null = null): Listener[] {
  return LISTENERS.map((plan) => ({
    plan,
    port: plan.port,
    origin: `${plan.scheme}://localhost:${plan.port}`,
    addresses: ['127.0.0.1'],
    wanted: 4100,
    takenBy,
    quic: plan.quic ? ({ on: true } as const) : null,
    links: [],
    holds: new Holds(),
    endings: new Endings(),
    connection: () => null,
    hold: () => {},
    disturb: () => {},
    closing: false,
    connections: 0,
    endIdle: () => 0,
    close: async () => {},
  }));
}

const screen: ReadyScreen = {
  listeners: listeners(),
  failed: [],
  home: 'http://localhost:4100',
  seconds: 1.26,
  authorityFile: '/state/authority.pem',
  next: { id: 'KA2', title: 'One connection, many exchanges', file: 'work/1-keep-alive/connection.ts' },
  notes: [],
};

describe('the ready screen', () => {
  test('names every listener, the next exercise and what to type', () => {
    const text = readyScreen(screen, bare);
    for (const { plan } of screen.listeners) expect(text).toContain(`${plan.scheme}://localhost:${plan.port}`);
    expect(text).toContain('KA2 · One connection, many exchanges');
    expect(text).toContain('work/1-keep-alive/connection.ts');
    expect(text).toContain('npm run browser');
    expect(text).toContain('ready in 1.3 s');
  });

  test('fits 80 columns, whatever it has to say', () => {
    const worst: ReadyScreen = {
      ...screen,
      listeners: listeners('node scripts/some-other-server-with-a-long-name.mjs (pid 4711)'),
      failed: LISTENERS.map((plan) => ({
        plan,
        reason: 'Port 4100 is taken by nginx (pid 12), and so are the next 49.',
      })),
      notes: ['The Chromium judge is on its way: '.repeat(6)],
    };
    for (const line of readyScreen(worst, bare).split('\n')) expect([...line].length).toBeLessThanOrEqual(80);
  });

  test('colour changes nothing but colour', () => {
    expect(stripVTControlCharacters(readyScreen(screen, coloured))).toBe(readyScreen(screen, bare));
  });

  test('a taken port, no workshop and a finished one are said', () => {
    expect(readyScreen({ ...screen, listeners: listeners('nginx (pid 12)') }, bare)).toMatch(
      /taken by nginx \(pid\s+12\)/,
    );
    expect(readyScreen({ ...screen, next: 'off' }, bare)).toContain('see which connection carried it');
    expect(readyScreen({ ...screen, next: null }, bare)).toContain('Every exercise is done.');
  });
});

test('wrap keeps every word', () => {
  expect(wrap('one two three', 7)).toEqual(['one two', 'three']);
  expect(wrap('extraordinarily', 4)).toEqual(['extraordinarily']);
});
