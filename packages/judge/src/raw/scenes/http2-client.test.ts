/** Clients as plain values in front of the HTTP/2 client scene. */
import { describe, expect, it } from 'vitest';
import { type Bytes, defineExercise, type Exercise, rfc, type Step } from '../../exercise.ts';
import { data, headers, preface, response, sends, settings, settingsAck, windowUpdate } from '../../http2.ts';
import { bytesOf, join } from '../bytes.ts';
import { VirtualClock } from '../clock.ts';
import { contentOf, framesIn, has } from '../http2/parse.ts';
import { RawJudge } from '../judge.ts';
import type { Connection } from '../pipe.ts';

type Ask = (request: { method: string; target: string }) => Promise<Response>;
type Connect = (connection: Connection) => Promise<Ask>;

async function judged(connect: Connect, steps: readonly Step[]): Promise<string> {
  const exercise: Exercise = defineExercise({
    id: 'T1',
    track: 'demultiplexing',
    folder: '',
    title: '',
    idea: '',
    minutes: 1,
    buildsOn: [],
    contract: '',
    files: [{ path: 'client.ts', start: null, exports: ['connect'] }],
    startFails: [],
    checks: [
      {
        id: 'T1-1',
        title: '',
        judge: 'raw',
        spec: rfc(9113, '5'),
        idea: '',
        scene: { kind: 'http2-client', file: 'client.ts', export: 'connect' },
        steps,
      },
    ],
  });
  const host = {
    name: 'node' as const,
    load: async () => ({ connect }),
    turn: () => new Promise<void>((resolve) => setImmediate(resolve)),
    rest: () => new Promise<void>((resolve) => setTimeout(resolve, 0)),
    realNow: () => performance.now(),
  };
  const [result] = await new RawJudge({ exercise, host, clock: new VirtualClock(), sources: new Map() }).run();
  return result?.failure?.headline ?? 'passes';
}

/** Asks on odd ids, and gives each promise its own reply, as soon as that is whole. `match`: which one gets it. */
function client(
  how: { ids?: (n: number) => number; first?: Bytes; byOrder?: boolean; credits?: boolean } = {},
): Connect {
  const { ids = (n) => 2 * n - 1, first = [preface, settings()], byOrder = false, credits = false } = how;
  return async ({ readable, writable }) => {
    const writer = writable.getWriter();
    await writer.write(bytesOf(first));
    const waiting = new Map<number, (response: Response) => void>();
    const bodies = new Map<number, Uint8Array[]>();
    let asked = 0;
    void (async () => {
      let rest: Uint8Array = new Uint8Array(0);
      for (const source = readable.getReader(); ; ) {
        const { done, value } = await source.read();
        if (done) return;
        const { frames, to } = framesIn(join([rest, value]));
        rest = join([rest, value]).subarray(to);
        for (const frame of frames) {
          if (frame.type === 4 && !has(frame, 'ACK')) await writer.write(bytesOf(settingsAck));
          if (frame.type === 0)
            bodies.set(frame.stream, [...(bodies.get(frame.stream) ?? []), contentOf(frame) ?? frame.payload]);
          if (frame.type === 0 && credits)
            await writer.write(
              bytesOf([windowUpdate(0, frame.payload.length), windowUpdate(frame.stream, frame.payload.length)]),
            );
          if (frame.type > 1 || !has(frame, 'END_STREAM')) continue;
          const id = byOrder ? ([...waiting.keys()][0] ?? 0) : frame.stream;
          waiting.get(id)?.(new Response(join(bodies.get(frame.stream) ?? [])));
          waiting.delete(id);
        }
      }
    })();
    return ({ method, target }) => {
      const id = ids(++asked);
      const reply = new Promise<Response>((resolve) => waiting.set(id, resolve));
      void writer.write(bytesOf(headers(id, `${method} ${target}`, { end: true })));
      return reply;
    };
  };
}

const two: readonly Step[] = [
  { do: 'ask', request: 'GET /a', atOnce: true },
  { do: 'ask', request: 'GET /b' },
  { do: 'expectFirstFrame', frame: { type: 'SETTINGS', ack: false } },
  { do: 'expectAsked', request: 'GET /a', stream: 1 },
  { do: 'expectAsked', request: 'GET /b', stream: 3 },
];
const answers: readonly Step[] = [
  sends(response(3, 200), data(3, 'second', { end: true })),
  { do: 'expectAnswer', request: 'GET /b', status: 200, body: 'second' },
  { do: 'expectPending', request: 'GET /a' },
  sends(response(1, 200), data(1, 'first', { end: true })),
  { do: 'expectAnswer', request: 'GET /a', status: 200, body: 'first' },
];

describe('the HTTP/2 client scene', () => {
  it('asks, answers in another order, and finds each at its promise', async () => {
    expect(await judged(client(), [...two, ...answers])).toBe('passes');
  });

  it('names replies that went to the wrong promise', async () => {
    expect(await judged(client({ byOrder: true }), [...two, ...answers])).toContain(
      'The promise for GET /b is still pending',
    );
  });

  it('names ids that a client may not use', async () => {
    expect(await judged(client({ ids: (n) => 2 * n }), two)).toBe('A request came on stream 2.');
    expect(await judged(client({ ids: () => 1 }), two)).toContain('stream 1');
    expect(await judged(client({ ids: (n) => 2 * n + 1 }), two)).toBe('GET /a came on stream 3.');
  });

  it('fills a window until the client holds it back, and names a client that never does', async () => {
    const fill = (atMost: number): readonly Step[] => [
      ...two,
      sends(response(1, 200)),
      { do: 'fillWindow', stream: 1, atMost },
    ];
    expect(await judged(client(), fill(65_535))).toBe('passes');
    expect(await judged(client(), fill(65_534))).toContain('Your windows let in more than 65,534 bytes on stream 1');
    expect(await judged(client({ credits: true }), fill(200_000))).toContain('more than 200,000 bytes on stream 1');
  });

  it('reads a body as it comes, while more of it is sent', async () => {
    const reads = (atLeast: number): readonly Step[] => [
      ...two,
      sends(response(1, 200), data(1, '', { end: true })),
      { do: 'readAnswer', request: 'GET /a', atLeast, atOnce: true },
      sends(response(3, 200), data(3, 'second', { end: true })),
      { do: 'expectAnswer', request: 'GET /b', status: 200, body: 'second' },
    ];
    expect(await judged(client(), reads(10))).toBe('passes');
  });

  it('names a preface that is none', async () => {
    expect(await judged(client({ first: 'PRI * HTTP/2.1\r\n\r\nSM\r\n\r\n' }), two)).toContain('Byte 13');
  });
});
