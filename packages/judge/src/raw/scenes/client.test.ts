/** Clients as plain values in front of the client scene: what it lets pass, and what it names. */
import { describe, expect, it } from 'vitest';
import { defineExercise, type Exercise, rfc, type Step } from '../../exercise.ts';
import { VirtualClock } from '../clock.ts';
import { RawJudge } from '../judge.ts';
import type { Connection } from '../pipe.ts';

type Dial = (origin: string) => Promise<Connection>;
type Request = { origin: string; method: string; target: string; headers: Headers; body?: Uint8Array };
type Client = (request: Request) => unknown;

/** `passes`, or the first headline. */
async function judged(pool: (dial: Dial) => unknown, steps: readonly Step[]): Promise<string> {
  const exercise: Exercise = defineExercise({
    id: 'T1',
    track: 'keep-alive',
    folder: '',
    title: '',
    idea: '',
    minutes: 1,
    buildsOn: [],
    contract: '',
    files: [{ path: 'client.ts', start: null, exports: ['pool'] }],
    startFails: [],
    checks: [
      {
        id: 'T1-1',
        title: '',
        judge: 'raw',
        spec: rfc(9112, '9.3'),
        idea: '',
        scene: { kind: 'client', file: 'client.ts', export: 'pool' },
        steps,
      },
    ],
  });
  const host = {
    name: 'node' as const,
    load: async () => ({ pool }),
    turn: () => new Promise<void>((resolve) => setImmediate(resolve)),
    rest: () => new Promise<void>((resolve) => setTimeout(resolve, 0)),
    realNow: () => performance.now(),
  };
  const [result] = await new RawJudge({ exercise, host, clock: new VirtualClock(), sources: new Map() }).run();
  return result?.failure?.headline ?? 'passes';
}

const encoder = new TextEncoder();

/** Dials for each request, writes `pieces` of it one by one, and answers with all that comes as the body. */
const writing =
  (pieces: (request: Request) => readonly string[], status = 200) =>
  (dial: Dial): Client =>
  async (request) => {
    const { readable, writable } = await dial(request.origin);
    const writer = writable.getWriter();
    for (const piece of pieces(request)) await writer.write(encoder.encode(piece));
    return new Response(readable, { status });
  };

const plain = writing(({ method, target }) => [`${method} ${target} HTTP/1.1\r\nHost: workshop\r\n\r\n`]);

const ask: Step = { do: 'ask', request: 'GET /a' };
const sent: Step = { do: 'expectRequest', request: 'GET /a' };
const answer: Step = { do: 'answer', request: 'GET /a', bytes: 'first', ends: 'end' };
const got: Step = { do: 'expectAnswer', request: 'GET /a', status: 200, body: 'first' };

describe('the client scene', () => {
  it('lets an exchange pass, whatever the pieces, the order and the case of the fields', async () => {
    expect(await judged(plain, [ask, sent, answer, got, { do: 'expectDials', count: 1 }])).toBe('passes');
    const odd = writing(() => [...'GET /a HTTP/1.1\r\nx-b:1\r\nhOST:WORKSHOP\r\n\r\n']);
    expect(await judged(odd, [ask, sent, answer, got])).toBe('passes');
  });

  it('takes a body in chunks for the same body', async () => {
    const chunked = writing(() => [
      'PUT /a HTTP/1.1\r\nHost: workshop\r\nTransfer-Encoding: chunked\r\n\r\n',
      '2\r\nhi\r\n',
      '0\r\n\r\n',
    ]);
    const steps: Step[] = [
      { do: 'ask', request: 'PUT /a', body: 'hi' },
      { do: 'expectRequest', request: 'PUT /a' },
    ];
    expect(await judged(chunked, steps)).toBe('passes');
    const other = writing(() => ['PUT /a HTTP/1.1\r\nHost: workshop\r\nContent-Length: 2\r\n\r\nho']);
    expect(await judged(other, steps)).toBe('PUT /a was sent with the body "ho".');
  });

  it.each<[string, string, (dial: Dial) => unknown, Step[]]>([
    ['no function', 'pool gave undefined, not a function that takes a request.', () => undefined, [ask]],
    ['a request that never goes out', 'GET /a was not sent.', () => () => new Promise(() => {}), [ask, sent]],
    ['half a request', 'GET /a is not whole on the wire.', writing(() => ['GET /a HTTP/1.1\r\n']), [ask, sent]],
    [
      'another target',
      'Your code sent GET /b, and nobody asked for that.',
      writing(() => ['GET /b HTTP/1.1\r\nHost: workshop\r\n\r\n']),
      [ask, sent],
    ],
    [
      'another Host',
      'The Host of GET /a is "elsewhere".',
      writing(() => ['GET /a HTTP/1.1\r\nHost: elsewhere\r\n\r\n']),
      [ask, sent],
    ],
    [
      'bytes behind a request that says close',
      'GET /a says Connection: close, which makes it the last on its connection; something stands behind it.',
      writing(() => ['GET /a HTTP/1.1\r\nHost: workshop\r\nconnection: x, Close\r\n\r\n', 'GET /b']),
      [ask, sent],
    ],
    [
      'no request at all',
      'What your code wrote is no request: "hello" is no request line: method, target and version, one space between them.',
      writing(() => ['hello\r\n\r\n']),
      [ask, sent],
    ],
    [
      'another origin',
      'Your code dials "http://elsewhere", and nobody asked for that.',
      (dial) => () => dial('http://elsewhere'),
      [ask],
    ],
    [
      'something that is no Response',
      'GET /a resolved with a string, not with a Response.',
      () => () => 'first',
      [ask, got],
    ],
    ['another body', 'The body of GET /a is 5 bytes: "wrong".', plain, [ask, sent, { ...answer, bytes: 'wrong' }, got]],
    [
      'no end',
      'The body of GET /a does not come to its end: 5 bytes: "first" so far.',
      plain,
      [ask, sent, { do: 'answer', request: 'GET /a', bytes: 'first' }, got],
    ],
    [
      'another status',
      'The answer to GET /a has status 201, not 200.',
      writing(() => ['GET /a HTTP/1.1\r\nHost: workshop\r\n\r\n'], 201),
      [ask, sent, answer, got],
    ],
    ['a dial too many', 'Your code has dialled 1 time, not 0 times.', plain, [ask, { do: 'expectDials', count: 0 }]],
    [
      'a request too early',
      'GET /a is on the wire already, on c1.',
      plain,
      [ask, { do: 'expectUnsent', requests: ['GET /a'] }],
    ],
    [
      'an answer too early',
      'GET /a is answered already, with status 200.',
      plain,
      [ask, { do: 'expectPending', request: 'GET /a' }],
    ],
    [
      'an answer in place of a rejection',
      'GET /a resolved, though it was not answered.',
      plain,
      [ask, sent, { do: 'expectRejects', request: 'GET /a' }],
    ],
    [
      'a clean end in place of a broken one',
      'The body of GET /a came to a clean end after 5 bytes, though it broke off.',
      plain,
      [ask, sent, answer, { do: 'expectBroken', request: 'GET /a', body: 'first' }],
    ],
    [
      'dials without end',
      'Your code has dialled 500 times, and goes on.',
      (dial) => async () => {
        for (;;) await dial('http://workshop').catch(() => {});
      },
      [{ do: 'dials', will: 'be refused' }, ask, { do: 'expectRejects', request: 'GET /a' }],
    ],
  ])('names %s', async (_, headline, pool, steps) => {
    expect(await judged(pool, steps)).toBe(headline);
  });

  it('counts each time that a request goes out, and says when that was too often', async () => {
    const twice = writing(() => ['GET /a HTTP/1.1\r\nHost: workshop\r\n\r\n'.repeat(2)]);
    expect(await judged(twice, [ask, { do: 'expectSent', request: 'GET /a', times: 2 }])).toBe('passes');
    expect(await judged(twice, [ask, { do: 'expectSent', request: 'GET /a', times: 1 }])).toBe(
      'GET /a was sent 2 times, not 1 time.',
    );
  });

  it('breaks a body off, and takes the error for the right answer', async () => {
    const steps: Step[] = [ask, sent, { do: 'answer', request: 'GET /a', bytes: 'fir', ends: 'reset' }];
    expect(await judged(plain, [...steps, { do: 'expectBroken', request: 'GET /a', body: 'first' }])).toBe('passes');
  });

  it('reads as much of a body as it is told, and counts what was taken for it', async () => {
    const steps: Step[] = [
      ask,
      sent,
      { do: 'answer', request: 'GET /a', bytes: { repeat: 'x', times: 1000 }, pieces: 10 },
      { do: 'readAnswer', request: 'GET /a', atLeast: 25 },
    ];
    expect(await judged(plain, [...steps, { do: 'expectTakenFor', request: 'GET /a', atMost: 40 }])).toBe('passes');
    expect(await judged(plain, [...steps, { do: 'expectTakenFor', request: 'GET /a', atMost: 20 }])).toMatch(
      /were taken from c1/,
    );
  });
});
