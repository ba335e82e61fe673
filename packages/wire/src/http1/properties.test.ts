import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Event } from '../events.ts';
import type { FieldLine } from '../fields/field.ts';
import { runs } from '../testing/fuzz.ts';
import { randomNumbers, randomSplit } from '../testing/splits.ts';
import { summarise } from '../testing/summary.ts';
import { unwire, wire } from '../testing/text.ts';
import { Http1Connection } from './connection.ts';

const token = fc.stringMatching(/^[A-Za-z][A-Za-z0-9-]{0,11}$/);
const value = fc.stringMatching(/^(?:[!-~\x80-\xff](?:[\t -~\x80-\xff]{0,20}[!-~\x80-\xff])?)?$/);
const reserved =
  /^(host|te|trailer|expect|upgrade|connection|keep-alive|proxy-connection|content-length|transfer-encoding|max-forwards)$/i;
const fieldLine = fc.tuple(token, value).filter(([name]) => !reserved.test(name));
const fields = fc.array(fieldLine, { maxLength: 6 });
const pieces = fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 4 });

/** Pieces of HTTP/1.1, right and wrong, that make streams in which something happens. */
const fragment = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom(
      'GET / HTTP/1.1\r\nHost: a\r\n\r\n',
      'HEAD /x HTTP/1.0\r\n\r\n',
      'GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n',
      'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\n',
      'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n',
      'POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n',
      'GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n',
      'HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n',
      'HTTP/1.1 103 Early Hints\r\n\r\n',
      'HTTP/1.1 204 No Content\r\n\r\n',
      'HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n',
      'abc',
      '3\r\nabc\r\n',
      '1;a="b"\r\nx\r\n',
      '0\r\n\r\n',
      '0\r\nA: b\r\n\r\n',
      '\r\n',
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom('\n', '\r', '\0', ' ', ':', 'A: b\r\n', 'Content-Length: 1\r\n', 'f', ';', '\xff'),
  },
);
const stream = fc.array(fragment, { maxLength: 12 }).map((parts) => wire(parts.join('')));

function readers(): { server: Http1Connection; client: Http1Connection } {
  const server = new Http1Connection({ role: 'server' });
  const client = new Http1Connection({ role: 'client' });
  for (let count = 0; count < 4; count++) {
    client.sendRequest({ method: count === 1 ? 'HEAD' : 'GET', target: '/', authority: 'a' }, { endStream: true });
  }
  return { server, client };
}

function readAll(connection: Http1Connection, chunks: readonly Uint8Array[]): Event[] {
  const events: Event[] = [];
  for (const chunk of chunks) events.push(...connection.receive(chunk, 0));
  events.push(...connection.receiveEnd(0));
  return events;
}

/** What a server says that answers every request with its number once it has ended, a batch of them in random order. */
function answerAll(chunks: readonly Uint8Array[], seed: number): { said: string; last: string | null } {
  const server = new Http1Connection({ role: 'server' });
  const next = randomNumbers(seed);
  let said = '';
  let last: string | null = null;
  const act = (events: Event[]): void => {
    for (let batch = events; batch.length > 0; batch = server.poll(0)) {
      last = batch.find(({ type }) => type === 'connection-error' || type === 'closed')?.type ?? last;
      const ended = (event: Event): boolean => event.type === 'trailers' || ('endStream' in event && event.endStream);
      const asked = batch.filter((event) => 'streamId' in event && ended(event)).sort(() => next() - 0.5);
      for (const event of asked) {
        if (!('streamId' in event)) continue;
        const { streamId } = event;
        // An answer that ends with the connection leaves no place for those behind it.
        if (server.wantsClose) break;
        server.sendResponse(streamId, { status: 200 });
        server.sendData(streamId, wire(`answer ${streamId}`), { endStream: true });
      }
      said += unwire(server.takeOutput());
    }
  };
  for (const chunk of chunks) act(server.receive(chunk, 0));
  act(server.receiveEnd(0));
  said += unwire(server.takeOutput());
  return { said, last };
}

function expectOrderly(events: readonly Event[]): void {
  const last = events.findIndex((event) => event.type === 'connection-error' || event.type === 'closed');
  if (last >= 0) expect(last).toBe(events.length - 1);
}

describe('any bytes', () => {
  it('give the same events at any split, and nothing after the last one', () => {
    fc.assert(
      fc.property(stream, fc.nat(), (bytes, seed) => {
        for (const role of ['server', 'client'] as const) {
          const whole = readAll(readers()[role], [bytes.slice()]);
          expectOrderly(whole);
          const expected = summarise(whole);
          const single = Array.from(bytes, (byte) => Uint8Array.of(byte));
          expect(summarise(readAll(readers()[role], single))).toEqual(expected);
          expect(summarise(readAll(readers()[role], randomSplit(bytes, randomNumbers(seed))))).toEqual(expected);
        }
      }),
      runs(300),
    );
  });

  it('never throw, random as they may be', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 6 }), (chunks) => {
        for (const role of ['server', 'client'] as const) expectOrderly(readAll(readers()[role], chunks));
      }),
      runs(300),
    );
  });

  it('are answered with the same bytes at any split, in any order of answering', () => {
    fc.assert(
      fc.property(stream, fc.nat(), (bytes, seed) => {
        const expected = answerAll([bytes.slice()], 1);
        expect(
          answerAll(
            Array.from(bytes, (byte) => Uint8Array.of(byte)),
            2,
          ),
        ).toEqual(expected);
        expect(answerAll(randomSplit(bytes, randomNumbers(seed)), seed)).toEqual(expected);
      }),
      runs(300),
    );
  });

  it('give back as credit what came as content', () => {
    fc.assert(
      fc.property(stream, (bytes) => {
        const server = new Http1Connection({ role: 'server' });
        for (const event of server.receive(bytes, 0)) {
          if (event.type !== 'data') continue;
          expect(event.flowControlledLength).toBe(event.data.length);
          server.consume(event.streamId, event.flowControlledLength);
        }
      }),
      runs(100),
    );
  });
});

interface Exchange {
  readonly method: string;
  readonly fields: FieldLine[];
  readonly request: Uint8Array[];
  readonly status: number;
  readonly answer: FieldLine[];
  readonly response: Uint8Array[];
  readonly trailers: FieldLine[];
  readonly declared: boolean;
}

const exchange: fc.Arbitrary<Exchange> = fc.record({
  method: fc.constantFrom('GET', 'POST', 'HEAD', 'PUT', 'x-own'),
  fields,
  request: pieces,
  status: fc.constantFrom(200, 404, 204, 304, 500),
  answer: fields,
  response: pieces,
  trailers: fc.array(fieldLine, { maxLength: 2 }),
  declared: fc.boolean(),
});

function size(parts: readonly Uint8Array[]): number {
  return parts.reduce((sum, part) => sum + part.length, 0);
}

function join(parts: readonly Uint8Array[]): number[] {
  return parts.flatMap((part) => [...part]);
}

/** Sends parts as far as there is room, in a connection whose output is taken at once. */
function sendAll(connection: Http1Connection, id: number, parts: readonly Uint8Array[], trailers: FieldLine[]): void {
  for (const part of parts) expect(connection.sendData(id, part)).toBe(part.length);
  if (trailers.length > 0) connection.sendTrailers(id, trailers);
  else connection.sendData(id, new Uint8Array(0), { endStream: true });
}

function length(parts: readonly Uint8Array[]): FieldLine[] {
  return [['Content-Length', String(size(parts))]];
}

interface Seen {
  heads: unknown[];
  content: number[];
  trailers: FieldLine[];
  ended: boolean;
}

function collect(events: readonly Event[], into: Map<number, Seen>): void {
  for (const event of events) {
    if (!('streamId' in event)) throw new Error(`Unexpected ${event.type}`);
    let seen = into.get(event.streamId);
    if (seen === undefined) {
      seen = { heads: [], content: [], trailers: [], ended: false };
      into.set(event.streamId, seen);
    }
    if (event.type === 'request' || event.type === 'response') {
      seen.heads.push(event.head);
      seen.ended = event.endStream;
    } else if (event.type === 'data') {
      seen.content.push(...event.data);
      seen.ended = event.endStream;
    } else if (event.type === 'trailers') {
      seen.trailers = [...event.fields];
      seen.ended = true;
    } else throw new Error(`Unexpected ${event.type}`);
  }
}

describe('a client and a server', () => {
  it('understand each other: what one sends is what the other sees', () => {
    fc.assert(
      fc.property(fc.array(exchange, { minLength: 1, maxLength: 5 }), fc.nat(), (exchanges, seed) => {
        const client = new Http1Connection({ role: 'client' });
        const server = new Http1Connection({ role: 'server' });
        const next = randomNumbers(seed);
        const requests = new Map<number, Seen>();
        const responses = new Map<number, Seen>();
        for (const { method, fields: own, request, trailers, declared } of exchanges) {
          const head = { method, target: '/', authority: 'a', fields: declared ? [...own, ...length(request)] : own };
          sendAll(client, client.sendRequest(head), request, declared ? [] : trailers);
        }
        for (const chunk of client.takeOutput()) {
          for (const part of randomSplit(chunk, next)) collect(server.receive(part, 0), requests);
        }
        const order = exchanges.map((_, index) => index).sort(() => next() - 0.5);
        for (const index of order) {
          const { status, answer, response, trailers, declared } = exchanges[index] as Exchange;
          const head = { status, fields: declared ? [...answer, ...length(response)] : answer };
          server.sendResponse(index + 1, head);
          sendAll(server, index + 1, response, declared ? [] : trailers);
        }
        for (const chunk of server.takeOutput()) {
          for (const part of randomSplit(chunk, next)) collect(client.receive(part, 0), responses);
        }
        for (const [index, expected] of exchanges.entries()) {
          const asked = requests.get(index + 1) as Seen;
          const answered = responses.get(index + 1) as Seen;
          expect(asked).toMatchObject({ content: join(expected.request), ended: true });
          expect(asked.heads).toMatchObject([{ method: expected.method, authority: 'a' }]);
          const bodiless = expected.method === 'HEAD' || expected.status === 204 || expected.status === 304;
          expect(answered).toMatchObject({ content: bodiless ? [] : join(expected.response), ended: true });
          expect(answered.heads).toMatchObject([{ status: expected.status }]);
          const own = (head: unknown): FieldLine[] =>
            (head as { fields: FieldLine[] }).fields.filter(([name]) => !reserved.test(name));
          expect(own(asked.heads[0])).toEqual(expected.fields);
          expect(own(answered.heads[0])).toEqual(expected.answer);
          if (expected.declared) continue;
          expect(asked.trailers).toEqual(expected.trailers);
          if (!bodiless) expect(answered.trailers).toEqual(expected.trailers);
        }
      }),
      runs(200),
    );
  });
});
