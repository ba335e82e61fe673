/** What a server does with a body that its handler does not read: seen, counted, and worded by cause. */
import { describe, expect, it } from 'vitest';
import { defineExercise, type Exercise, type HandlerRule, rfc, type Step } from '../../exercise.ts';
import { VirtualClock } from '../clock.ts';
import { RawJudge } from '../judge.ts';
import { type Connection, Pipe } from '../pipe.ts';

const MIB = 1024 * 1024;
const HEAD = `POST /up HTTP/1.1\r\nHost: w\r\nContent-Length: ${MIB}\r\n\r\n`;

type Incoming = { method: string; target: string; headers: Headers; body: ReadableStream<Uint8Array> };
type Handler = (request: Incoming) => Promise<Response>;
type Behaviour = { ahead?: number; cleanEnd?: boolean; close?: boolean; waitsForBody?: boolean };

/** A server for one POST of 1 MiB, and one GET behind it, that has the given faults. */
function server({ ahead = 0, cleanEnd = false, close = false, waitsForBody = false }: Behaviour) {
  return async ({ readable, writable }: Connection, handler: Handler): Promise<void> => {
    const source = readable.getReader();
    const out = writable.getWriter();
    const say = (text: string): Promise<void> => out.write(new TextEncoder().encode(text));
    await source.read();
    let left = MIB;
    const kept: Uint8Array[] = [];
    const next = async (): Promise<Uint8Array | null> => {
      if (left === 0) return null;
      const { value } = await source.read();
      left -= value?.length ?? 0;
      if (value === undefined && !cleanEnd) throw new Error('broken off');
      return value ?? null;
    };
    if (waitsForBody) while ((await next()) !== null);
    for (let n = 0; n < ahead; ) {
      const piece = await next();
      if (piece === null) break;
      kept.push(piece);
      n += piece.length;
    }
    const body = new ReadableStream<Uint8Array>(
      {
        async pull(controller) {
          const piece = kept.shift() ?? (await next());
          if (piece === null) controller.close();
          else controller.enqueue(piece);
        },
      },
      { highWaterMark: 0 },
    );
    const reply = await handler({ method: 'POST', target: '/up', headers: new Headers(), body }).catch(() => null);
    if (reply === null) return out.close();
    await say(`HTTP/1.1 ${reply.status} \r\nContent-Length: 0\r\n${close ? 'Connection: close\r\n' : ''}\r\n`);
    if (close) return out.close();
    while ((await next()) !== null);
    await source.read();
    await say('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nnext');
  };
}

/** What fails, in one line; null when nothing does. */
async function judged(behaviour: Behaviour, rule: Omit<HandlerRule, 'on' | 'reply'>, steps: readonly Step[]) {
  const scene = {
    kind: 'server',
    file: 'http1/server.ts',
    export: 'serve',
    handler: [{ on: 'POST /up', reply: {}, ...rule }],
  } as const;
  const check = { id: 'T-1', title: 't', judge: 'raw', spec: rfc(9112, '9.3'), idea: 'i', scene, steps } as const;
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
    checks: [check],
  });
  const host = {
    name: 'node' as const,
    load: async () => ({ serve: server(behaviour) }),
    turn: () => new Promise<void>((resolve) => setImmediate(resolve)),
    rest: () => new Promise<void>((resolve) => setTimeout(resolve, 0)),
    realNow: () => performance.now(),
  };
  const results = await new RawJudge({ exercise, host, clock: new VirtualClock(), sources: new Map() }).run();
  const failure = results[0]?.failure;
  return failure === undefined ? null : `${failure.cause}: ${failure.headline}`;
}

const upload: Step = { do: 'upload', what: 'POST /up', head: HEAD, size: MIB };
const begun: Step = { do: 'expectBegun', request: 'POST /up' };
const appetite: Step = { do: 'expectAppetite', beyond: 64 * 1024 };

describe('an upload', () => {
  it('is made only as it is read, and what is delivered later stands behind it', async () => {
    const nothing = (): void => {};
    const pipe = new Pipe('c1', 1000, {
      activity: nothing,
      wrote: nothing,
      ended: nothing,
      stoppedReading: nothing,
      wrongType: () => new Error('wrong type'),
      flooded: () => new Error('flooded'),
    });
    pipe.upload(40_000);
    pipe.deliver(new TextEncoder().encode('behind'));
    pipe.endInput();
    const reader = pipe.connection.readable.getReader();
    expect(pipe.uploaded).toBe(0);
    const sizes: number[] = [];
    for (let next = await reader.read(); !next.done; next = await reader.read()) sizes.push(next.value.length);
    expect(sizes).toEqual([16_384, 16_384, 7232, 6]);
    expect([pipe.uploaded, pipe.taken]).toEqual([40_000, 6]);
  });
});

describe('an appetite', () => {
  const held = { read: 'nothing', after: 5000 } as const;

  it('is what was taken beyond what the handler has read', async () => {
    expect(await judged({}, held, [upload, begun, appetite])).toBeNull();
    expect(await judged({ ahead: 64 * 1024 }, held, [upload, begun, appetite])).toBeNull();
    expect(await judged({ ahead: 128 * 1024 }, held, [upload, begun, appetite])).toBe(
      'unbounded: Your code took 131,072 bytes of the body; the handler has read 0 bytes of them.',
    );
  });

  it('does not count what the handler reads', async () => {
    expect(await judged({}, { read: 512 * 1024, after: 5000 }, [upload, begun, appetite])).toBeNull();
  });
});

describe('a handler', () => {
  it('is called before the body has come, or the waiting is told', async () => {
    const head: Step = { do: 'send', bytes: HEAD };
    expect(await judged({}, {}, [head, begun])).toBeNull();
    expect(await judged({ waitsForBody: true }, {}, [head, begun])).toBe(
      'handler: The head of POST /up has come, and the handler was not called.',
    );
  });

  it('is told when the body breaks off', async () => {
    const steps: readonly Step[] = [
      { do: 'send', bytes: `${HEAD}part` },
      { do: 'endInput' },
      { do: 'expectBodyError', request: 'POST /up' },
    ];
    // The head and its part come in one chunk, which this server drops: no byte of the body is ever read.
    expect(await judged({}, {}, steps)).toBeNull();
    expect(await judged({ cleanEnd: true }, {}, steps)).toBe(
      'wrong length: The body of POST /up broke off; the handler got 0 bytes and a clean end, as if that were all.',
    );
  });

  it('gives up a body half-way without harm to what is behind it', async () => {
    const next: Step = { do: 'expectNextOrEnd', to: 'GET /next', bytes: 'GET /next', body: 'next' };
    const reply: Step = { do: 'expectReply', to: 'POST /up', status: 200 };
    expect(await judged({}, { read: 1000, cancel: true }, [upload, reply, next])).toBeNull();
    expect(await judged({ close: true }, { read: 1000, cancel: true }, [upload, reply, next])).toBeNull();
  });
});
