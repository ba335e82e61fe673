import { HpackDecoder } from '@interleave/wire/hpack';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TraceEvent } from './event.ts';
import { ConnectionLog } from './log.ts';
import { LogBudget } from './log-limits.ts';
import { hexOf } from './masking.ts';
import { readerFor } from './readers.ts';
import { bothEnds } from './testing/both-ends.ts';

/** The bytes that an event shows, and where they stand. */
function shownBytes({ data }: TraceEvent): { offset: number; hex: string; length: number } {
  const { raw, block } = data as { raw?: { data: string }; block?: { data: string; parts: number } };
  const isWhole = block === undefined || block.parts === 1;
  return {
    offset: data['offset'] as number,
    length: data['length'] as number,
    hex: (raw?.data ?? '') + (isWhole ? (block?.data ?? '') : ''),
  };
}

const bytesOf = (hex: string): Uint8Array =>
  Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));

const isFrame = ({ name }: TraceEvent): boolean => /:(?:frame|message)_(?:parsed|created)$/.test(name);
const withoutTime = (events: readonly TraceEvent[]): unknown[] => events.map(({ name, data }) => ({ name, data }));

describe.each(['http/1.1', 'h2'] as const)('the log of %s', (protocol) => {
  it('says of one end what that of the other says, in the other direction', () => {
    const ends = bothEnds(protocol);
    ends.exchange();
    const of = (log: ConnectionLog, direction: string): unknown[] =>
      log
        .snapshot('own')
        .events.filter((event) => isFrame(event) && event.name.endsWith(direction))
        .map(({ data: { number: _, masked: __, ...data } }) => data);
    expect(of(ends.client, '_created').length).toBeGreaterThan(1);
    expect(of(ends.server, '_parsed')).toEqual(of(ends.client, '_created'));
    expect(of(ends.client, '_parsed')).toEqual(of(ends.server, '_created'));
  });

  it('shows the very bytes, each once and at its offset, where nothing is masked', () => {
    const ends = bothEnds(protocol);
    ends.exchange({ target: '/plain', fields: [['x-plain', 'yes']] });
    const all = { _created: ends.bytes.server, _parsed: ends.bytes.client };
    for (const [direction, bytes] of Object.entries(all)) {
      let end = 0;
      for (const event of ends.server.snapshot('own').events.filter((e) => isFrame(e) && e.name.endsWith(direction))) {
        const { offset, length, hex } = shownBytes(event);
        expect(offset).toBe(end);
        end = offset + length;
        const masked = (event.data['masked'] ?? []) as { from: number; to: number }[];
        const truth = Uint8Array.from(bytes.slice(offset, offset + hex.length / 2));
        for (const { from, to } of masked) truth.fill(0, from, to);
        if (!JSON.stringify(event.data).includes('set-cookie')) expect(hex).toBe(hexOf(truth));
      }
      expect(end).toBe(bytes.length);
    }
  });

  it('is the same however the bytes were cut', () => {
    const whole = bothEnds(protocol);
    whole.exchange();
    const expected = withoutTime(whole.server.snapshot('own').events.filter(isFrame)).length;
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 20 }), (sizes) => {
        let at = 0;
        const ends = bothEnds(protocol);
        ends.exchange({}, () => sizes[at++ % sizes.length] as number);
        const frames = ends.server.snapshot('own').events.filter(isFrame);
        // HTTP/1.1 tells content as it comes; heads and frames are the same.
        const heads = (all: TraceEvent[]): unknown[] =>
          withoutTime(all)
            .map((e) => JSON.parse(JSON.stringify(e), (key, v) => (key === 'number' ? undefined : v)))
            .filter((e) => e.data.message_type !== 'content');
        expect(heads(frames)).toEqual(heads(whole.server.snapshot('own').events.filter(isFrame)));
        if (protocol === 'h2') expect(frames.length).toBe(expected);
      }),
      { numRuns: 40 },
    );
  });

  it('holds no credential, in values and in bytes, for whomever it is', () => {
    const ends = bothEnds(protocol);
    ends.exchange();
    ends.exchange();
    const spelled = protocol === 'h2' ? '414961' : hexOf(new TextEncoder().encode('secret'));
    for (const log of [ends.client, ends.server]) {
      for (const policy of ['own', 'share'] as const) {
        const text = JSON.stringify(log.snapshot(policy));
        expect(text).not.toContain('secret');
        expect(text).toContain('cookie');
        expect(text).toContain('text/plain');
        // Nor in bytes, plainly or in HPACK's Huffman code: that is how it was sent.
        expect(hexOf(Uint8Array.from(ends.bytes.client))).toContain(spelled);
        expect(text).not.toContain(spelled);
        expect(text.includes('fortytwo')).toBe(policy === 'own');
      }
    }
  });

  it('keeps to its bounds, says how many it dropped, and still knows what they did', () => {
    const small = bothEnds(protocol, { records: 8, bytes: 1_000_000 });
    const large = bothEnds(protocol, { records: 10_000, bytes: 10_000_000 });
    for (let n = 0; n < 20; n++) for (const ends of [small, large]) ends.exchange({ fields: [['x-n', `${n % 7}`]] });
    const { events, dropped } = small.server.snapshot('own');
    const all = large.server.snapshot('own').events;
    expect(small.server.counts).toMatchObject({ kept: 8, dropped });
    expect(dropped).toBe(large.server.counts.kept - 8);
    expect(small.server.counts.received).toEqual(large.server.counts.received);
    // The last frames are told as by the log that dropped nothing: lines, tables, states and windows.
    const last = events.filter(({ data }) => 'number' in data || 'frame' in data);
    expect(withoutTime(last)).toEqual(withoutTime(all.slice(-last.length)));
    if (protocol === 'h2')
      expect(events[0]).toMatchObject({ name: 'http2:dynamic_table_updated', data: { entries: expect.any(Array) } });
  });

  it('tells whoever watches what comes, and what had come', () => {
    const ends = bothEnds(protocol);
    ends.exchange();
    const live: TraceEvent[] = [];
    const watching = ends.server.watch((events) => live.push(...events));
    ends.exchange();
    watching.stop();
    const both = [...watching.backlog, ...live];
    expect(both).toEqual(ends.server.snapshot('own').events);
    ends.exchange();
    expect([...watching.backlog, ...live].length).toBe(both.length);
  });
});

it('the lines of a block are those that HPACK decodes, with the table that the decoder has', () => {
  const ends = bothEnds('h2');
  const decoder = new HpackDecoder();
  let lines = 0;
  for (let n = 0; n < 12; n++) {
    ends.exchange({
      target: `/${n}`,
      fields: [
        ['x-n', `${n % 3}`],
        ['accept', '*/*'],
      ],
    });
  }
  const table: unknown[] = [];
  for (const { name, data } of ends.server.snapshot('own').events) {
    const { block } = data as { block?: { data: string; lines: { name: string; value?: string }[] } };
    if (name === 'http2:frame_parsed' && block !== undefined) {
      const decoded = decoder.decode(bytesOf(block.data));
      if ('code' in decoded) throw new Error(decoded.reason);
      expect(block.lines.map((line) => [line.name, line.value])).toEqual(decoded.fields.map((line) => [...line]));
      lines += block.lines.length;
    }
    if (name === 'http2:dynamic_table_updated' && data['direction'] === 'received') {
      table.unshift(...(data['inserted'] as { name: string; value: string }[]).toReversed());
      table.length -= data['evicted'] as number;
      expect(data['size']).toBe(decoder.table.size);
      expect(table).toEqual(decoder.table.lines().map(([n, v]) => ({ name: n, value: v })));
    }
  }
  expect(lines).toBeGreaterThan(50);
});

it('streams move through the states of RFC 9113 §5.1, and windows count what went by', () => {
  const ends = bothEnds('h2');
  ends.exchange();
  const { events } = ends.server.snapshot('own');
  const moves = events.filter(({ name }) => name === 'http2:stream_state_updated').map(({ data }) => data['new']);
  expect(moves).toEqual(['open', 'half-closed (remote)', 'closed']);
  const windows = events.filter(({ name, data }) => name === 'http2:flow_control_updated' && 'stream_id' in data);
  expect(windows[0]?.data).toMatchObject({ stream_id: 1, connection: { receive: expect.any(Number) } });
  const receives = windows.map(({ data }) => (data['connection'] as { receive: number }).receive);
  // The content of the request takes its fifteen octets from what the client may send.
  expect(receives[0]).toBe(65_535 - 15);
});

it('what carries the report is left out, and its octets still count', () => {
  const ends = bothEnds('h2');
  ends.exchange();
  const id = ends.clientEnd.sendRequest({ method: 'GET', target: '/events', authority: 'a.test' }, { endStream: true });
  ends.carry();
  ends.server.leaveOut(id);
  ends.serverEnd.sendResponse(id, { status: 200 });
  let events = 0;
  const watching = ends.server.watch((more) => {
    events += more.length;
    // An onlooker who reports each event on the very stream that it reports.
    ends.serverEnd.sendData(id, new Uint8Array(10));
  });
  ends.serverEnd.sendData(id, new Uint8Array(10));
  for (let turn = 0; turn < 20; turn++) ends.carry();
  expect(events).toBeLessThan(10);
  expect(ends.server.snapshot('own').events.some(({ name }) => name === 'conn:left_out')).toBe(true);
  watching.stop();
  const before = ends.server.counts.kept;
  for (let n = 0; n < 50; n++) {
    ends.serverEnd.sendData(id, new Uint8Array(100));
    ends.carry();
  }
  expect(ends.server.counts.kept - before).toBeLessThanOrEqual(2);
  ends.exchange();
  // The client's log leaves nothing out: what it saw come is what must be gone from the server's window.
  const seen = ends.client.snapshot('own').events.filter(isFrame) as { name: string; data: Record<string, number> }[];
  const kindOf = (data: Record<string, unknown>): unknown => (data['frame'] as { frame_type: string }).frame_type;
  let expected = 65_535;
  for (const { name, data } of seen) {
    if (kindOf(data) === 'data' && name.endsWith('_parsed')) expected -= data['payload_length'] as number;
    if (kindOf(data) === 'window_update' && name.endsWith('_created') && data['stream_id'] === 0)
      expected += (data['frame'] as unknown as { increment: number }).increment;
  }
  const last = ends.server.snapshot('own').events.findLast(({ name }) => name === 'http2:flow_control_updated');
  expect(last?.data).toMatchObject({ connection: { send: expected } });
});

it('many logs share one budget: closed ones make room first, then the one that grows', () => {
  const budget = new LogBudget(60_000);
  const logs = Array.from({ length: 10 }, (_, n) => {
    const log = new ConnectionLog({
      connectionId: `c${n}`,
      startedAt: 0,
      now: () => 0,
      quic: false,
      reader: readerFor,
      budget,
    });
    for (let i = 0; i < 5; i++) log.record('conn:request', { nth: i });
    if (n < 5) log.end();
    return log;
  });
  for (let i = 0; i < 200; i++) logs[9]?.record('conn:request', { nth: i });
  expect(budget.used).toBeLessThanOrEqual(60_000);
  expect(logs[0]?.counts).toMatchObject({ kept: 0, dropped: 5 });
  expect(logs[7]?.counts).toMatchObject({ kept: 5, dropped: 0 });
  expect(logs[9]?.counts.dropped).toBeGreaterThan(50);
  expect(logs[9]?.snapshot('own').events.at(-1)?.data).toEqual({ nth: 199 });
});
