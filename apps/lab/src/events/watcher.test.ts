import { ConnectionLog, type ConnectionReport, readerFor, type WatchMessage } from '@interleave/trace/events';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Watcher } from './watcher.ts';

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

const log = (): ConnectionLog =>
  new ConnectionLog({
    connectionId: 'c',
    startedAt: 0,
    now: () => 0,
    quic: false,
    reader: readerFor,
    limits: { records: 100_000, bytes: 1e9 },
  });

function watching(of: ConnectionLog): {
  watcher: Watcher;
  sent: WatchMessage[];
  closed: string[];
  reader: { takes: boolean };
} {
  const sent: WatchMessage[] = [];
  const closed: string[] = [];
  const reader = { takes: true };
  const report = (): ConnectionReport => ({ id: 'c' }) as ConnectionReport;
  const watcher = new Watcher(() => ({ log: of, startedAt: 0, report }), {
    send(message) {
      sent.push(message);
      return reader.takes;
    },
    close: (why) => closed.push(why),
  });
  return { watcher, sent, closed, reader };
}

test('a reader that is slower than the connection gets what it can take, and how much it missed', () => {
  const watched = log();
  const { watcher, sent, reader } = watching(watched);
  watcher.watch('c');
  reader.takes = false;
  for (let n = 0; n < 20_000; n++) watched.record('conn:request', { nth: n });
  vi.advanceTimersByTime(100);
  const before = sent.length;
  vi.advanceTimersByTime(5_000);
  // Nothing more goes to somebody who takes nothing.
  expect(sent.length).toBe(before);
  reader.takes = true;
  watcher.room();
  const events = sent.flatMap((message) => (message.type === 'events' ? message.events : []));
  const dropped = sent.find((message) => message.type === 'dropped');
  expect(events.map(({ data }) => data['nth'])).toEqual(events.map((_, n) => n));
  expect(events.length).toBe(8_192);
  expect(dropped).toMatchObject({ events: 20_000 - 8_192, why: expect.stringContaining('8192') });
  watched.record('conn:request', { nth: 'after' });
  vi.advanceTimersByTime(100);
  expect(sent.at(-1)).toMatchObject({ type: 'events', events: [{ data: { nth: 'after' } }] });
  watcher.stop();
});

test('a reader that takes nothing for long is closed by name, and costs nothing more', () => {
  const watched = log();
  const { watcher, sent, closed, reader } = watching(watched);
  reader.takes = false;
  watcher.watch('c');
  vi.advanceTimersByTime(31_000);
  expect(closed).toEqual(['stalled: nothing was read for 30 seconds']);
  const before = sent.length;
  watched.record('conn:request', {});
  vi.advanceTimersByTime(1_000);
  expect(sent.length).toBe(before);
});

test('of a connection that is over, everything is told, and that it is over', () => {
  const watched = log();
  watched.record('conn:closed', { cause: 'peer' });
  watched.end();
  const { watcher, sent } = watching(watched);
  watcher.watch('c');
  vi.advanceTimersByTime(100);
  expect(sent.map(({ type }) => type)).toEqual(['connection', 'events', 'ended']);
  watcher.stop();
});
