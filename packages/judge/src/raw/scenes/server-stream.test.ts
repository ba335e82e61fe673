/** Replies that leave piece by piece, break off, or refuse: seen on the wire, and worded by cause. */
import { describe, expect, it } from 'vitest';
import { defineExercise, type Exercise, type HandlerRule, rfc, type Step } from '../../exercise.ts';
import { VirtualClock } from '../clock.ts';
import { RawJudge } from '../judge.ts';
import { type Connection, Pipe } from '../pipe.ts';
import { Conn } from './server-connection.ts';
import { bodySoFar } from './server-stream.ts';

type Handler = (request: object) => Promise<Response>;
type Part = string | { after: number };

/** A server for one request that writes these parts, and then ends (`end`), breaks off (`reset`) or stays. */
function server(parts: readonly Part[], over: 'end' | 'reset' | 'stays') {
  return async ({ readable, writable }: Connection, handler: Handler): Promise<void> => {
    const source = readable.getReader();
    await source.read();
    const out = writable.getWriter();
    const empty = new ReadableStream({ start: (c) => c.close() });
    await handler({ method: 'GET', target: '/a', headers: new Headers(), body: empty });
    for (const part of parts) {
      if (typeof part === 'string') await out.write(new TextEncoder().encode(part));
      else await new Promise((resolve) => setTimeout(resolve, part.after));
    }
    if (over === 'end') await out.close();
    if (over === 'reset') await out.abort();
  };
}

const HEAD = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n';
const UNTIL_END = 'HTTP/1.1 200 OK\r\n\r\n';

/** What fails, in one line; null when nothing does. */
async function judged(parts: readonly Part[], over: 'end' | 'reset' | 'stays', step: Step): Promise<string | null> {
  const handler: HandlerRule[] = [{ on: 'GET /a', reply: {} }];
  const scene = { kind: 'server', file: 'http1/server.ts', export: 'serve', handler } as const;
  const steps: Step[] = [{ do: 'send', bytes: 'GET /a HTTP/1.1\r\nHost: w\r\n\r\n' }, step];
  const exercise: Exercise = defineExercise({
    id: 'T',
    track: 'keep-alive',
    folder: '',
    title: 't',
    idea: 'i',
    minutes: 1,
    buildsOn: [],
    contract: '',
    files: [{ path: 'http1/server.ts', start: null, exports: ['serve'] }],
    startFails: [],
    checks: [{ id: 'T-1', title: 't', judge: 'raw', spec: rfc(9112, '7.1'), idea: 'i', scene, steps }],
  });
  const host = {
    name: 'node' as const,
    load: async () => ({ serve: server(parts, over) }),
    turn: () => new Promise<void>((resolve) => setImmediate(resolve)),
    rest: () => new Promise<void>((resolve) => setTimeout(resolve, 0)),
    realNow: () => performance.now(),
  };
  const results = await new RawJudge({ exercise, host, clock: new VirtualClock(), sources: new Map() }).run();
  const failure = results[0]?.failure;
  return failure === undefined ? null : `${failure.cause}: ${failure.headline}`;
}

describe('a piece', () => {
  const piece: Step = { do: 'expectPiece', to: 'GET /a', body: 'one' };

  it('is on the wire in one chunk, in two, in part of one, or without framing', async () => {
    for (const sent of [
      `${HEAD}3\r\none\r\n`,
      `${HEAD}1\r\no\r\n2;x=y\r\nne\r\n`,
      `${HEAD}6\r\none`,
      `${UNTIL_END}one`,
    ])
      expect(await judged([sent], 'stays', piece)).toBeNull();
  });

  it('is missing where there is no head, no data, too little or something else', async () => {
    expect(await judged([], 'stays', piece)).toBe(
      'silent: The handler has made "one" for GET /a; nothing of it is on the wire.',
    );
    expect(await judged([HEAD], 'stays', piece)).toBe(
      'incomplete: The handler has made 3 bytes of the body for GET /a; 0 are on the wire.',
    );
    expect(await judged([`${HEAD}2\r\non\r\n`], 'end', piece)).toBe(
      'closed early: The connection ended when 2 bytes of the body of GET /a had come.',
    );
    expect(await judged([`${HEAD}3\r\ntwo\r\n`], 'stays', piece)).toBe(
      'wrong bytes: The body of the reply to GET /a begins with "two".',
    );
  });
});

describe('a reply whose body fails', () => {
  const cut: Step = { do: 'expectCutReply', to: 'GET /a' };

  it('breaks off with the connection, or is an error', async () => {
    expect(await judged([`${HEAD}3\r\none\r\n`], 'end', cut)).toBeNull();
    expect(await judged([`${HEAD}3\r\none\r\n`], 'reset', cut)).toBeNull();
    expect(await judged([UNTIL_END, 'one'], 'reset', cut)).toBeNull();
    expect(await judged([], 'end', cut)).toBeNull();
    const error = 'HTTP/1.1 500 x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n';
    expect(await judged([error], 'end', cut)).toBeNull();
  });

  it('never looks whole, and never waits', async () => {
    const whole = 'wrong length: The body for GET /a failed half-way, and the reply looks whole.';
    expect(await judged([`${HEAD}3\r\none\r\n0\r\n\r\n`], 'end', cut)).toBe(whole);
    expect(await judged([`${HEAD}3\r\none\r\n0\r\n\r\n`], 'stays', cut)).toBe(whole);
    expect(await judged([UNTIL_END, 'one'], 'end', cut)).toBe(whole);
    expect(await judged([`${HEAD}3\r\none\r\n`], 'stays', cut)).toMatch(/^never ended:/);
    expect(await judged([UNTIL_END, 'one'], 'stays', cut)).toMatch(/^never ended:/);
  });
});

describe('a refusal', () => {
  const either: Step = { do: 'expectRefusalOr', to: 'GET /a', body: 'one' };

  it('is any 4xx, and the answer is right too', async () => {
    expect(await judged(['HTTP/1.1 400 x\r\nContent-Length: 2\r\n\r\nno'], 'stays', either)).toBeNull();
    expect(await judged([`${HEAD}3\r\none\r\n0\r\n\r\n`], 'stays', either)).toBeNull();
  });

  it('is neither silence nor another answer', async () => {
    expect(await judged([], 'stays', either)).toBe('silent: No reply to GET /a came.');
    expect(await judged([], 'end', either)).toMatch(/^closed early:/);
    expect(await judged(['HTTP/1.1 200 x\r\nContent-Length: 3\r\n\r\ntwo'], 'stays', either)).toMatch(/^wrong bytes:/);
  });
});

describe('the body so far', () => {
  it('is read behind interim replies, and stops at the last chunk', () => {
    const nothing = (): void => {};
    const of = (text: string): string | null => {
      const conn = new Conn(
        new Pipe('c1', 1000, {
          activity: nothing,
          wrote: nothing,
          ended: nothing,
          stoppedReading: nothing,
          wrongType: () => new Error('wrong type'),
          flooded: () => new Error('flooded'),
        }),
      );
      Object.defineProperty(conn.pipe, 'received', { value: new TextEncoder().encode(text) });
      return bodySoFar(conn);
    };
    expect(of('HTTP/1.1 103 Early\r\n\r\n')).toBeNull();
    expect(of(`HTTP/1.1 103 Early\r\n\r\n${HEAD}3\r\none`)).toBe('one');
    expect(of(`${HEAD}3\r\none\r\n0\r\n\r\nHTTP/1.1 200`)).toBe('one');
  });
});
