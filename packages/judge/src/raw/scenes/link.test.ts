/** Small clients and servers as plain values at both ends of a link: what the scene lets pass, and what it names. */
import { describe, expect, it } from 'vitest';
import { defineExercise, type Exercise, type LinkStep, rfc } from '../../exercise.ts';
import { VirtualClock } from '../clock.ts';
import { RawJudge } from '../judge.ts';
import type { Connection } from '../pipe.ts';
import { roughPlan } from './link-plan.ts';

type Request = { method: string; target: string; headers: Headers; body?: Uint8Array };
type Handler = (incoming: object) => Promise<Response>;
type Programs = {
  pipeline(dial: () => Promise<Connection>): (request: Request) => unknown;
  serve(connection: Connection, handler: Handler): Promise<void>;
};

/** `passes`, or the first headline. */
async function judged({ pipeline, serve }: Programs, step: LinkStep): Promise<string> {
  const exercise: Exercise = defineExercise({
    id: 'T1',
    track: 'pipelining',
    folder: '',
    title: '',
    idea: '',
    minutes: 1,
    buildsOn: [],
    contract: '',
    files: [
      { path: 'server.ts', start: null, exports: ['serve'] },
      { path: 'client.ts', start: null, exports: ['pipeline'] },
    ],
    startFails: [],
    checks: [
      {
        id: 'T1-1',
        title: '',
        judge: 'raw',
        spec: rfc(9112, '9.3.2'),
        idea: '',
        scene: {
          kind: 'link',
          file: 'client.ts',
          export: 'pipeline',
          server: { file: 'server.ts', export: 'serve' },
        },
        steps: [step],
      },
    ],
  });
  const host = {
    name: 'node' as const,
    load: async () => ({ pipeline, serve }),
    turn: () => new Promise<void>((resolve) => setImmediate(resolve)),
    rest: () => new Promise<void>((resolve) => setTimeout(resolve, 0)),
    realNow: () => performance.now(),
  };
  const [result] = await new RawJudge({ exercise, host, clock: new VirtualClock(), sources: new Map() }).run();
  return result?.failure?.headline ?? 'passes';
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

async function textOf(readable: ReadableStream<Uint8Array>): Promise<string> {
  let text = '';
  const reader = readable.getReader();
  for (let next = await reader.read(); !next.done; next = await reader.read())
    text += new TextDecoder().decode(next.value);
  return text;
}

/** One connection for each request, one request for each connection. `tries`: how often something is sent at most. */
const eachAlone =
  (tries: (method: string) => number): Programs['pipeline'] =>
  (dial) =>
  async ({ method, target, body }) => {
    for (let left = tries(method); ; left--) {
      const { readable, writable } = await dial();
      const length = body === undefined ? '' : `Content-Length: ${body.length}\r\n`;
      const writer = writable.getWriter();
      writer.write(bytes(`${method} ${target} HTTP/1.1\r\nHost: workshop\r\n${length}\r\n`)).catch(() => {});
      if (body !== undefined) writer.write(body).catch(() => {});
      const text = await textOf(readable).catch(() => '');
      if (text === '' && left > 1) continue;
      const [head = '', ...rest] = text.split('\r\n\r\n');
      const size = Number(/content-length: (\d+)/i.exec(head)?.[1]);
      const answer = rest.join('\r\n\r\n');
      if (answer.length !== size) throw new Error('The reply is not whole');
      writer.close().catch(() => {});
      return new Response(answer, { status: Number(head.slice(9, 12)) });
    }
  };

/** Answers one request with what `change` makes of the handler's answer, and ends. */
const answersOne =
  (change: (answer: string) => string = (answer) => answer): Programs['serve'] =>
  async ({ readable, writable }, handler) => {
    const reader = readable.getReader();
    const writer = writable.getWriter();
    let text = '';
    const more = (): boolean => {
      const at = text.indexOf('\r\n\r\n');
      return at < 0 || text.length < at + 4 + Number(/content-length: (\d+)/i.exec(text)?.[1] ?? 0);
    };
    while (more()) {
      const { done, value } = await reader.read();
      if (done) return;
      text += new TextDecoder().decode(value);
    }
    const [method = '', target = ''] = text.split(' ');
    const body = new Response(text.slice(text.indexOf('\r\n\r\n') + 4)).body;
    const response = await handler({ method, target, version: '1.1', headers: new Headers(), body });
    const answer = change(await response.text());
    await writer.write(bytes(`HTTP/1.1 200 OK\r\nContent-Length: ${answer.length}\r\n\r\n${answer}`));
    await writer.close();
  };

const repeatsGets = eachAlone((method) => (method === 'GET' ? 3 : 1));
const steady: LinkStep = { do: 'expectEachOwn', requests: 30, seed: 5 };
const broken: LinkStep = { do: 'expectRecovery', breaks: [{ toward: 'client', at: 20, how: 'end' }] };
const early: LinkStep = { do: 'expectRecovery', breaks: [{ toward: 'client', at: 0, how: 'reset' }] };

describe('the link scene', () => {
  it('lets two programs pass that know nothing of pipelining', async () => {
    const programs = { pipeline: repeatsGets, serve: answersOne() };
    expect(await judged(programs, steady)).toBe('passes');
    expect(await judged(programs, broken)).toBe('passes');
    expect(await judged(programs, early)).toBe('passes');
    expect(await judged(programs, { do: 'expectThrough', requests: 5, room: 10 })).toBe('passes');
  });

  it.each<[string, string | RegExp, Programs, LinkStep]>([
    [
      'an answer that is another’s',
      /^GET \/\d+ was given the answer to GET \/1\.$/,
      { pipeline: repeatsGets, serve: answersOne((answer) => answer.replace(/^answer \d+\.*/, firstAnswer())) },
      steady,
    ],
    [
      'a GET that nobody repeats',
      'GET /1 failed, and not a byte of its reply had come.',
      { pipeline: eachAlone(() => 1), serve: answersOne() },
      early,
    ],
    [
      'a POST that is repeated',
      'The handler was called 2 times for POST /2.',
      { pipeline: eachAlone(() => 2), serve: answersOne() },
      {
        do: 'expectRecovery',
        breaks: [
          { toward: 'client', at: 5000, how: 'end' },
          { toward: 'client', at: 0, how: 'end' },
        ],
      },
    ],
    [
      'a server that answers nothing',
      '0 requests of 4 have an answer, and nothing moves any more.',
      { pipeline: repeatsGets, serve: () => new Promise(() => {}) },
      { do: 'expectThrough', requests: 4, room: 10 },
    ],
    [
      'a client that dials for ever',
      'Your code has dialled 50 times, and goes on.',
      {
        pipeline: (dial) => async () => {
          for (;;) await dial();
        },
        serve: answersOne(),
      },
      broken,
    ],
  ])('names %s', async (_, headline, programs, step) => {
    const found = await judged(programs, step);
    if (typeof headline === 'string') expect(found).toBe(headline);
    else expect(found).toMatch(headline);
  });

  it('names half an answer that looks whole', async () => {
    const lenient: Programs['pipeline'] =
      (dial) =>
      async ({ method, target, body }) => {
        const { readable, writable } = await dial();
        const length = body === undefined ? '' : `Content-Length: ${body.length}\r\n`;
        const writer = writable.getWriter();
        await writer.write(bytes(`${method} ${target} HTTP/1.1\r\nHost: workshop\r\n${length}\r\n`));
        if (body !== undefined) await writer.write(body);
        return new Response((await textOf(readable)).split('\r\n\r\n')[1] ?? '');
      };
    expect(await judged({ pipeline: lenient, serve: answersOne() }, broken)).toBe(
      'The answer to GET /1 came to a clean end, though its reply broke off.',
    );
  });
});

/** The first answer of the seeded run. */
function firstAnswer(): string {
  return roughPlan(30, 5).bursts[0]?.[0]?.answer ?? '';
}

describe('roughPlan', () => {
  it('is the same for a seed, names each request once, and asks for a POST first after an end', () => {
    const [one, two] = [roughPlan(200, 9), roughPlan(200, 9)];
    expect(two.bursts).toEqual(one.bursts);
    const all = one.bursts.flat();
    expect(all).toHaveLength(200);
    expect(new Set(all.map(({ request }) => request)).size).toBe(200);
    expect(new Set(all.map(({ answer }) => answer)).size).toBe(200);
    for (const [i, burst] of one.bursts.entries()) {
      expect(burst.slice(0, -1).some(({ isLast }) => isLast)).toBe(false);
      if (one.bursts[i - 1]?.at(-1)?.isLast === true) expect(burst[0]?.body).not.toBeNull();
    }
  });
});
