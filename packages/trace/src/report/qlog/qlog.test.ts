import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UnreadableRecording } from '../model.ts';
import { readRecording } from '../read.ts';

const START = Date.parse('2026-11-21T08:00:00.000Z');

interface Event {
  readonly time: number;
  readonly name: string;
  readonly data: object;
}

const REQUEST = [
  { name: ':method', value: 'GET' },
  { name: ':scheme', value: 'https' },
  { name: ':authority', value: 'a.test:8443' },
  { name: ':path', value: '/x' },
  { name: 'cookie', value: 'secret-cookie' },
  { name: 'authorization', value: 'secret-token' },
];

const headers = (time: number, name: string, stream: number, lines: object): Event => ({
  time,
  name,
  data: { stream_id: stream, frame: { frame_type: 'headers', headers: lines } },
});

/** Two requests of an HTTP/3 client, the second sent before the first is answered. */
const EVENTS: readonly Event[] = [
  headers(100, 'http3:frame_created', 0, REQUEST),
  headers(110, 'http3:frame_created', 4, REQUEST),
  headers(150, 'http3:frame_parsed', 0, [{ name: ':status', value: '200' }]),
  { time: 170, name: 'http3:frame_parsed', data: { stream_id: 0, frame: { frame_type: 'data' } } },
  headers(180, 'http3:frame_parsed', 4, [{ name: ':status', value: '404' }]),
  { time: 190, name: 'http3:frame_parsed', data: { stream_id: 3, frame: { frame_type: 'goaway', id: 4 } } },
  { time: 200, name: 'quic:connection_closed', data: { reason: 'done' } },
];

const FIELDS = { group_id: 'g1', time_format: 'relative_to_epoch', reference_time: reference() };

function reference(): object {
  return { clock_type: 'monotonic', epoch: 'unknown', wall_clock_time: new Date(START).toISOString() };
}

function sequence(events: readonly Event[] = EVENTS, common_fields: object = FIELDS): string {
  const header = {
    file_schema: 'urn:ietf:params:qlog:file:sequential',
    trace: { common_fields, vantage_point: { name: 'test 1', type: 'client' } },
  };
  return [header, ...events].map((record) => `\u001e${JSON.stringify(record)}\n`).join('');
}

function contained(events: readonly Event[] = EVENTS, common_fields: object = FIELDS): string {
  const trace = { common_fields, vantage_point: { name: 'test 1', type: 'client' }, events };
  return JSON.stringify({ file_schema: 'urn:ietf:params:qlog:file:contained', traces: [trace] });
}

describe('a qlog', () => {
  it('is one connection for its group, with an exchange for each stream', async () => {
    const recording = await readRecording(sequence());
    expect(recording).toMatchObject({ kind: 'qlog', writer: 'test 1', startedAt: START + 100, complete: true });
    expect(recording.connections).toMatchObject([
      {
        id: 'g1',
        sure: 'measured',
        transport: 'quic',
        protocol: 'h3',
        host: 'a.test',
        port: 8443,
        closed: 100,
        closeReason: 'done',
        exchanges: [0, 1],
      },
    ]);
    expect(recording.exchanges).toMatchObject([
      { method: 'GET', url: 'https://a.test:8443/x', status: 200, streamId: 0, start: 0, end: 70, credentials: true },
      { status: 404, streamId: 4, start: 10, end: 80 },
    ]);
    expect(recording.exchanges[0]?.timings).toMatchObject({ wait: 50, receive: 20 });
    expect(recording.incidents).toMatchObject([{ kind: 'goaway', at: 90, connection: 0, lastStreamId: 4 }]);
  });

  it('is the same contained as in a sequence', async () => {
    const { formatVersion, ...rest } = await readRecording(contained());
    expect(formatVersion).toContain('contained');
    expect({ ...rest, formatVersion: null }).toEqual({ ...(await readRecording(sequence())), formatVersion: null });
  });

  it.each([
    ['delta', (times: number[]) => times.map((time, at) => time - (times[at - 1] ?? 0)), START],
    ['relative_to_previous_event', (times: number[]) => times.map((time, at) => time - (times[at - 1] ?? 0)), START],
    ['relative', (times: number[]) => times, START],
    ['absolute', (times: number[]) => times.map((time) => START + time), undefined],
  ])('has the same times told as %s', async (time_format, told, reference_time) => {
    const times = told(EVENTS.map(({ time }) => time));
    const events = EVENTS.map((event, at) => ({ ...event, time: times[at] as number }));
    const common = { group_id: 'g1', time_format, ...(reference_time !== undefined && { reference_time }) };
    const { startedAt, connections, exchanges } = await readRecording(sequence(events, common));
    const plain = await readRecording(sequence());
    expect({ startedAt, connections, exchanges }).toEqual({
      startedAt: START + 100,
      connections: plain.connections,
      exchanges: plain.exchanges,
    });
  });

  it('shows no cookie and no authorisation', async () => {
    expect(JSON.stringify(await readRecording(sequence()))).not.toContain('secret');
  });

  it('cut off in a record is read up to it, and says so', async () => {
    const { complete, exchanges, warnings } = await readRecording(sequence().slice(0, -20));
    expect([complete, exchanges.length]).toEqual([false, 2]);
    expect(warnings.length).toBe(1);
  });

  it('that is not in order of time ends no exchange before its start, and says so', async () => {
    const [first, second, reply, ...rest] = EVENTS as [Event, Event, Event, ...Event[]];
    const { exchanges, warnings } = await readRecording(sequence([first, second, { ...reply, time: 50 }, ...rest]));
    expect(exchanges.map(({ start, end, timings }) => [start, timings.wait, timings.receive, end])).toEqual([
      [0, 0, 70, 70],
      [10, 70, 0, 80],
    ]);
    expect(warnings.map(({ place }) => place)).toEqual(['stream 0']);
  });

  it('damaged in any way is read or refused', async () => {
    const text = sequence();
    await fc.assert(
      fc.asyncProperty(fc.nat(text.length - 1), fc.string({ maxLength: 3 }), fc.nat(4), async (at, put, cut) => {
        try {
          const recording = await readRecording(text.slice(0, at) + put + text.slice(at + cut));
          JSON.stringify(recording, (key, value: unknown) => {
            if (typeof value === 'number') expect(value, key).toSatisfy(Number.isFinite);
            return value;
          });
          for (const { start, end } of recording.exchanges)
            expect((end ?? 0) >= (start ?? 0) || end === null).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(UnreadableRecording);
        }
      }),
    );
  });
});
