import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Event } from '../events.ts';
import { runs } from '../testing/fuzz.ts';
import { block, concat, frame, frames, GET, Http2Tester, POST } from '../testing/http2.ts';
import { randomNumbers, randomSplit, splits } from '../testing/splits.ts';
import { Flag, FrameType } from './frame.ts';

const OPEN = Flag.END_HEADERS;

/** Frames that make sense more often than not, on a few streams. */
const anyFrame: fc.Arbitrary<Uint8Array> = (() => {
  const id = fc.constantFrom(0, 1, 3, 5, 7, 9, 2);
  const bytes = fc.uint8Array({ maxLength: 40 });
  const fields = fc.constantFrom(
    GET,
    POST,
    [...POST, ['content-length', '5'] as const],
    [['x', 'y'] as const],
    [[':status', '200'] as const],
  );
  const flags = fc.constantFrom(0, 1, 4, 5, 8, 9, 12, 13, 0x20, 0x25, 0xff);
  return fc.oneof(
    {
      weight: 4,
      arbitrary: fc.tuple(id, fields, flags).map(([stream, list, flag]) => frames.headers(stream, list, flag & ~0x28)),
    },
    {
      weight: 4,
      arbitrary: fc
        .tuple(id, bytes, fc.constantFrom(0, 1))
        .map(([stream, content, flag]) => frames.data(stream, content, flag)),
    },
    {
      weight: 2,
      arbitrary: fc
        .tuple(id, bytes, fc.nat(50))
        .map(([stream, content, pad]) => frame(0, 9, stream, concat(Uint8Array.of(pad), content))),
    },
    {
      weight: 1,
      arbitrary: fc
        .tuple(id, fc.constantFrom(0, 4))
        .map(([stream, flag]) => frames.continuation(stream, block([['a', 'b']]), flag)),
    },
    {
      weight: 2,
      arbitrary: fc.tuple(id, fc.nat(100_000)).map(([stream, increment]) => frames.windowUpdate(stream, increment)),
    },
    { weight: 1, arbitrary: id.map((stream) => frames.rstStream(stream)) },
    {
      weight: 1,
      arbitrary: fc.tuple(fc.nat(10), fc.nat(100_000)).map(([setting, value]) => frames.settings([setting, value])),
    },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        frames.ping(),
        frames.ping(true),
        frames.settingsAck(),
        frames.goaway(0),
        frames.priority(3),
        frames.priorityUpdate(1, 'u=1'),
      ),
    },
    {
      weight: 1,
      arbitrary: fc
        .tuple(fc.nat(20), fc.nat(255), id, bytes)
        .map(([type, flag, stream, content]) => frame(type, flag, stream, content)),
    },
  );
})();

const conversation = fc.array(anyFrame, { maxLength: 30 });

/** Events of each stream, and of the connection, each in its order; content joined. */
function perStream(events: readonly Event[]): Map<number, unknown[]> {
  const streams = new Map<number, unknown[]>();
  for (const event of events) {
    const id = 'streamId' in event ? event.streamId : 0;
    const list = streams.get(id) ?? [];
    streams.set(id, list);
    const last = list.at(-1) as { type: string; data?: number[]; endStream?: boolean } | undefined;
    if (event.type !== 'data') list.push(event);
    else if (last?.type === 'data') {
      last.data?.push(...event.data);
      last.endStream = event.endStream;
    } else if (event.data.length > 0 || event.endStream)
      list.push({ type: 'data', data: [...event.data], endStream: event.endStream });
  }
  return streams;
}

function opened(role: 'server' | 'client'): Http2Tester {
  const tester = new Http2Tester({ role });
  if (role === 'client') {
    for (const method of ['GET', 'HEAD', 'POST']) {
      tester.connection.sendRequest({ method, target: '/', authority: 'a' }, { endStream: method !== 'POST' });
    }
  }
  return tester;
}

describe.each(['server', 'client'] as const)('HTTP/2 %s, any frames', (role) => {
  it('give the same events and the same output wherever the bytes are cut', () => {
    fc.assert(
      fc.property(conversation, fc.nat(), (parts, seed) => {
        const bytes = concat(...parts);
        const whole = opened(role);
        whole.send(bytes);
        const expected = perStream(whole.events);
        const output = whole.output();
        for (const chunks of [
          randomSplit(bytes, randomNumbers(seed)),
          Array.from(bytes, (byte) => Uint8Array.of(byte)),
        ]) {
          const cut = opened(role);
          for (const chunk of chunks) cut.send(chunk);
          expect(perStream(cut.events)).toEqual(expected);
          expect(cut.output()).toEqual(output);
        }
      }),
      runs(300),
    );
  });

  it('never throw, give nothing after an error, and keep output and streams bounded', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof({ weight: 8, arbitrary: anyFrame }, { weight: 1, arbitrary: fc.uint8Array({ maxLength: 60 }) }),
          { maxLength: 60 },
        ),
        (parts) => {
          const tester = opened(role);
          let over = false;
          for (const part of parts) {
            const events = tester.send(part);
            if (over) expect(events).toEqual([]);
            over ||= events.some((event) => event.type === 'connection-error' || event.type === 'closed');
            if (over) expect(['connection-error', 'closed']).toContain(events.at(-1)?.type ?? 'closed');
            for (const event of events) {
              if (event.type === 'request' && event.streamId % 4 === 1)
                tester.connection.sendResponse(event.streamId, { status: 200 });
              if (event.type === 'data' && event.streamId % 4 === 1) {
                tester.connection.consume(event.streamId, event.flowControlledLength);
                if (role === 'server') tester.connection.sendData(event.streamId, event.data.slice());
              }
            }
            expect(tester.connection.pendingOutput).toBeLessThan(1e6);
          }
          tester.connection.nextDeadline();
          tester.connection.handleTimeout(1e9);
          tester.connection.receiveEnd(1e9);
          expect(tester.connection.wantsClose).toBe(true);
          expect(() => tester.output()).not.toThrow();
        },
      ),
      runs(500),
    );
  });

  it('random bytes never throw', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 100 }), { maxLength: 5 }), fc.boolean(), (chunks, bare) => {
        const tester = new Http2Tester({ role }, bare);
        for (const chunk of chunks) tester.send(chunk);
      }),
      runs(1000),
    );
  });
});

describe('flow-control credit', () => {
  it('adds up to the octets received, whatever becomes of the streams', () => {
    const step = fc.record({
      id: fc.constantFrom(1, 3, 5),
      size: fc.nat(9_000),
      padding: fc.option(fc.nat(255)),
      act: fc.constantFrom('data', 'data', 'data', 'consume', 'reset', 'peer reset', 'end', 'answer'),
      used: fc.nat(20_000),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.nat(), (steps, seed) => {
        const server = new Http2Tester({ role: 'server' });
        const ended = new Set<number>();
        for (const id of [1, 3, 5]) server.send(frames.headers(id, POST, OPEN));
        let received = 0;
        const unconsumed = new Map([1, 3, 5].map((id) => [id, 0]));
        const send = (bytes: Uint8Array): void => {
          for (const chunk of randomSplit(bytes, randomNumbers(seed))) {
            for (const event of server.send(chunk)) {
              if (event.type === 'data')
                unconsumed.set(event.streamId, (unconsumed.get(event.streamId) ?? 0) + event.flowControlledLength);
            }
          }
        };
        const gone = (id: number): boolean => server.connection.streamState(id) === 'closed';
        for (const { id, size, padding, act, used } of steps) {
          if (act === 'data' && !ended.has(id)) {
            const content =
              padding === null ? new Uint8Array(size) : concat(Uint8Array.of(padding), new Uint8Array(size + padding));
            received += content.length;
            send(frame(FrameType.DATA, padding === null ? 0 : Flag.PADDED, id, content));
          }
          if (act === 'end' && !ended.has(id)) {
            send(frames.data(id, '', Flag.END_STREAM));
            ended.add(id);
          }
          if (act === 'consume' || act === 'reset') {
            const amount = Math.min(used, unconsumed.get(id) ?? 0);
            server.connection.consume(id, amount);
            unconsumed.set(id, (unconsumed.get(id) ?? 0) - amount);
          }
          if (act === 'reset' && !gone(id)) server.connection.reset(id, 8);
          if (act === 'peer reset' && !gone(id) && !ended.has(id)) {
            send(frames.rstStream(id));
            ended.add(id);
          }
          if (act === 'answer' && !gone(id) && server.connection.capacity(id) === 0) {
            try {
              server.connection.sendResponse(id, { status: 200 }, { endStream: true });
            } catch {
              // Answered already.
            }
          }
          if (server.error !== undefined) return;
        }
        for (const [id, left] of unconsumed) server.connection.consume(id, left);
        // Everything is given back: what the peer may send, and what it will be told, is the whole window again.
        const announced = server
          .output()
          .reduce((sum, text) => sum + Number(/^window_update 0 (\d+)$/.exec(text)?.[1] ?? 0), 0);
        for (const id of [7]) server.send(frames.headers(id, POST, OPEN));
        let left = 1_048_576 - received + announced;
        // The rest of the credit comes out when the half is reached: use up the window, give it all back, and count again.
        for (let stream = 7; left > 0 && stream < 40; stream += 2) {
          if (stream > 7) server.send(frames.headers(stream, POST, OPEN));
          for (let sent = 0; sent < 262_144 && left > 0; ) {
            const size = Math.min(16_384, left, 262_144 - sent);
            server.send(frames.data(stream, new Uint8Array(size)));
            expect(server.error).toBeUndefined();
            sent += size;
            left -= size;
          }
          server.connection.reset(stream, 8);
          for (const text of server.output()) left += Number(/^window_update 0 (\d+)$/.exec(text)?.[1] ?? 0);
          if (left >= 524_288) break;
        }
        expect(left).toBeGreaterThan(524_288 - 1);
      }),
      runs(150),
    );
  });
});

describe('every cut of an ordinary conversation', () => {
  it('gives the same events', () => {
    const bytes = concat(
      frames.preface(),
      frames.settings([3, 100]),
      frames.settingsAck(),
      frames.headers(1, POST, Flag.END_STREAM ^ Flag.END_STREAM),
      frames.continuation(1, block([['a', 'b']])),
      frame(FrameType.DATA, Flag.PADDED, 1, concat(Uint8Array.of(3), Uint8Array.of(104, 105), new Uint8Array(3))),
      frames.headers(3),
      frames.data(1, 'there', Flag.END_STREAM),
      frames.ping(),
      frames.windowUpdate(0, 10),
      frames.headers(5, POST, OPEN),
      frames.headers(5, [['x', 'y']]),
      frames.goaway(0),
    );
    let expected: Map<number, unknown[]> | null = null;
    for (const { name, chunks } of splits(bytes)) {
      const server = new Http2Tester({ role: 'server' }, true);
      for (const chunk of chunks) server.send(chunk);
      expected ??= perStream(server.events);
      expect(perStream(server.events), name).toEqual(expected);
    }
    expect(expected?.size).toBe(4);
  });
});
