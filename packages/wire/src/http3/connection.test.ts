import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LocalProtocolError } from '../errors.ts';
import type { Event } from '../events.ts';
import { runs } from '../testing/fuzz.ts';
import { concat, control, data, frame, GET, Http3Tester, headers } from '../testing/http3.ts';
import { randomNumbers, randomSplit } from '../testing/splits.ts';
import { summarise } from '../testing/summary.ts';
import { Http3Connection } from './connection.ts';
import { H3ErrorCode } from './error_code.ts';

/** Carries bytes between two ends, each stream in order, streams in any order, cut anywhere. */
function exchange(
  client: Http3Connection,
  server: Http3Connection,
  next: () => number,
  serve: (event: Event) => void,
): Event[] {
  const seen: Event[] = [];
  const wires = [
    { from: client, to: server, queues: new Map<number, [Uint8Array, boolean][]>(), tell: serve },
    {
      from: server,
      to: client,
      queues: new Map<number, [Uint8Array, boolean][]>(),
      tell: (event: Event) => seen.push(event),
    },
  ];
  for (let idle = 0; idle < 2; ) {
    idle++;
    for (const { from, to, queues, tell } of wires) {
      for (const id of from.pendingStreams()) {
        const { chunks, fin } = from.takeStream(id, 1 + Math.floor(next() * 2000));
        const queue = queues.get(id) ?? [];
        queues.set(id, queue);
        for (const chunk of randomSplit(concat(...chunks), next)) queue.push([chunk, false]);
        if (fin) queue.push([new Uint8Array(0), true]);
      }
      for (const event of from.poll(0)) (from === server ? serve : (one: Event) => seen.push(one))(event);
      const ready = [...queues].filter(([, queue]) => queue.length > 0);
      const picked = ready[Math.floor(next() * ready.length)];
      if (picked === undefined) continue;
      idle = 0;
      const [bytes, fin] = picked[1].shift() as [Uint8Array, boolean];
      for (const event of to.receiveStream(picked[0], bytes, fin, 0)) tell(event);
    }
  }
  return seen;
}

describe('client and server', () => {
  it('understand each other whatever order streams come in and wherever they are cut', () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const client = new Http3Connection({ role: 'client' });
        const server = new Http3Connection({ role: 'server' });
        const ids = Array.from({ length: 6 }, (_, at) => {
          const fields = [
            ['user-agent', 'simulated'],
            ['x-nth', String(at % 2)],
          ] as const;
          const id = client.sendRequest({ method: 'POST', target: `/${at}`, authority: 'a.test', fields });
          expect(client.sendData(id, new Uint8Array(at * 100), { endStream: true })).toBe(at * 100);
          return id;
        });
        const received = new Map<number, number>();
        const events = exchange(client, server, randomNumbers(seed), (event) => {
          if (event.type === 'connection-error') throw new Error(event.reason);
          if (event.type === 'data')
            received.set(event.streamId, (received.get(event.streamId) ?? 0) + event.data.length);
          if (!('endStream' in event) || !event.endStream) return;
          server.sendResponse(event.streamId, { status: 103 });
          server.sendResponse(event.streamId, {
            status: 200,
            fields: [['x-length', String(received.get(event.streamId) ?? 0)]],
          });
          server.sendData(event.streamId, new Uint8Array(3000).fill(0x61));
          server.sendTrailers(event.streamId, [['x-sum', '1']]);
        });
        for (const [at, id] of ids.entries()) {
          expect(summarise(events.filter((event) => 'streamId' in event && event.streamId === id))).toMatchObject([
            { type: 'informational', head: { status: 103 } },
            { type: 'response', head: { status: 200, fields: [['x-length', String(at * 100)]] } },
            { type: 'data', text: 'a'.repeat(3000) },
            { type: 'trailers', fields: [['x-sum', '1']] },
          ]);
        }
        client.shutdown(0);
        expect(client.closing).toEqual({ code: H3ErrorCode.H3_NO_ERROR, reason: '' });
      }),
      runs(40),
    );
  });

  it('never throw, whatever bytes come on whatever stream', () => {
    const step = fc.tuple(fc.nat(12), fc.uint8Array({ maxLength: 30 }), fc.boolean());
    fc.assert(
      fc.property(fc.constantFrom('client' as const, 'server' as const), fc.array(step), (role, steps) => {
        const tester = new Http3Tester({ role });
        for (const [id, bytes, fin] of steps) tester.send(id, bytes, fin);
        const error = tester.events.findIndex((event) => event.type === 'connection-error');
        if (error >= 0) expect(error).toBe(tester.events.length - 1);
      }),
      runs(500),
    );
  });
});

describe('Http3Connection', () => {
  it('tells a client which requests a GOAWAY leaves undone', () => {
    const client = new Http3Tester({ role: 'client' });
    for (const target of ['/a', '/b'])
      client.connection.sendRequest({ method: 'GET', target, authority: 'a.test' }, { endStream: true });
    client.send(client.uni(0), concat(control(), frame(7, [4])));
    expect(client.events.slice(1)).toMatchObject([
      { type: 'goaway', lastStreamId: 0 },
      { type: 'reset', streamId: 4, unprocessed: true },
    ]);
    expect(() => client.connection.sendRequest({ method: 'GET', target: '/', authority: 'a.test' })).toThrow(
      LocalProtocolError,
    );
  });

  it('refuses requests after its own GOAWAY', () => {
    const server = new Http3Tester({ role: 'server' }).send(0, headers(GET), true);
    server.connection.shutdown(0);
    server.send(4, headers(GET), true);
    expect(server.connection.takeActions()[0]).toEqual({
      type: 'reset',
      streamId: 4,
      code: H3ErrorCode.H3_REQUEST_REJECTED,
    });
    expect(server.events).toHaveLength(1);
  });

  it('announces its end a while before, and takes what is on its way (RFC 9114 §5.2)', () => {
    const server = new Http3Tester({ role: 'server' });
    const client = new Http3Tester({ role: 'client' });
    const tell = (): void => {
      for (const id of [3, 7, 11]) client.send(id, concat(...server.connection.takeStream(id).chunks));
    };
    server.connection.announceShutdown(0);
    tell();
    expect(client.events.at(-1)).toMatchObject({ type: 'goaway' });
    expect(() => client.connection.sendRequest({ method: 'GET', target: '/', authority: 'a.test' })).toThrow(
      'Open another',
    );
    expect(server.connection.closing).toBeNull();
    server.send(0, headers(GET), true);
    expect(server.events).toMatchObject([{ type: 'request', streamId: 0 }]);
    server.connection.shutdown(0);
    tell();
    expect(client.failedWith).toBeNull();
    expect(client.events.at(-1)).toMatchObject({ type: 'goaway', lastStreamId: 0 });
    server.send(4, headers(GET), true);
    expect(server.events).toHaveLength(1);
  });

  it('stops the rest of a request without losing the response that is complete (RFC 9114 §4.1.1)', () => {
    const server = new Http3Tester({ role: 'server' }).send(0, headers(GET));
    server.connection.sendResponse(0, { status: 200 });
    server.connection.sendData(0, new Uint8Array(10), { endStream: true });
    server.connection.reset(0, H3ErrorCode.H3_NO_ERROR);
    expect(server.connection.takeActions()).toEqual([
      { type: 'stop-sending', streamId: 0, code: H3ErrorCode.H3_NO_ERROR },
    ]);
    server.send(0, data(3));
    expect(server.events).toHaveLength(1);
    const { chunks, fin } = server.connection.takeStream(0);
    expect([concat(...chunks).subarray(-10), fin]).toEqual([new Uint8Array(10), true]);
    expect(server.connection.pendingStreams()).not.toContain(0);
  });

  it('carries a tunnel by extended CONNECT, in which only DATA may come (RFC 9220)', () => {
    const server = new Http3Tester({ role: 'server', connectProtocol: true });
    server.send(0, headers([[':method', 'CONNECT'], ...GET.slice(1), [':protocol', 'websocket']]));
    server.connection.sendResponse(0, { status: 200 });
    server.send(0, data(3));
    expect(server.events).toMatchObject([{ type: 'request', head: { protocol: 'websocket' } }, { type: 'data' }]);
    expect(server.send(0, headers([['x', 'y']])).failedWith).toBe(H3ErrorCode.H3_FRAME_UNEXPECTED);
  });

  it('serves by priority: the field, a PRIORITY_UPDATE before and one after its request (RFC 9218)', () => {
    const server = new Http3Tester({ role: 'server' });
    const update = (id: number, value: string): Uint8Array => frame(0xf0700, [id, ...new TextEncoder().encode(value)]);
    server.send(server.uni(0), concat(control(), update(8, 'u=0')));
    server
      .send(0, headers([...GET, ['priority', 'u=7']]), true)
      .send(4, headers(GET), true)
      .send(8, headers(GET), true);
    for (const id of [0, 4, 8]) server.connection.sendResponse(id, { status: 200 }, { endStream: true });
    expect(server.connection.pendingStreams().filter((id) => id % 4 === 0)).toEqual([8, 4, 0]);
    server.send(server.uni(0), update(0, 'u=1'));
    expect(server.connection.pendingStreams().filter((id) => id % 4 === 0)).toEqual([8, 0, 4]);
  });

  it('takes a new priority for every request of a large page, and not a flood of them for none', () => {
    const update = (id: number): Uint8Array =>
      frame(0xf0700, concat([0x40 | (id >> 8), id & 255], new TextEncoder().encode('u=1')));
    const page = new Http3Tester({ role: 'server' });
    page.send(page.uni(0), control());
    for (let id = 0; id < 800; id += 4) {
      page.send(id, headers(GET), true).send(page.uni(0), concat(update(id), update(id)));
      page.connection.sendResponse(id, { status: 200 }, { endStream: true });
      page.connection.takeStream(id);
    }
    expect(page.failedWith).toBeNull();
    const flood = new Http3Tester({ role: 'server' });
    flood.send(flood.uni(0), control());
    for (let count = 0; count < 200; count++) flood.send(flood.uni(0), update(4 * count));
    expect(flood.failedWith).toBe(H3ErrorCode.H3_EXCESSIVE_LOAD);
  });

  it('takes the length of an answer to HEAD as what it would have been', () => {
    const client = new Http3Tester({ role: 'client' });
    client.connection.sendRequest({ method: 'HEAD', target: '/', authority: 'a.test' }, { endStream: true });
    client.send(
      0,
      headers([
        [':status', '200'],
        ['content-length', '9'],
      ]),
      true,
    );
    expect(client.events).toMatchObject([{ type: 'response', endStream: true }]);
  });
});
