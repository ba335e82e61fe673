/** Many connections at once: what crosses over, falls with another or makes an error of a silent peer is seen, and named. */
import { describe, expect, it } from 'vitest';
import { defineExercise, type Exercise, rfc, type Step } from '../../exercise.ts';
import { VirtualClock } from '../clock.ts';
import { RawJudge } from '../judge.ts';
import type { Connection } from '../pipe.ts';
import { describeStep } from '../steps.ts';

type Incoming = { method: string; target: string; headers: Headers; body: null };
type Handler = (request: Incoming) => Promise<Response>;
type Behaviour = 'apart' | 'one text for all' | 'the first handler' | 'rejects at the end' | 'rejects in silence';

/** Answers heads without bodies, one after another. */
function server(how: Behaviour) {
  const shared = { text: '' };
  let first: Handler | null = null;
  return async ({ readable, writable }: Connection, handler: Handler): Promise<void> => {
    first ??= handler;
    shared.text = '';
    const kept = how === 'one text for all' ? shared : { text: '' };
    const out = writable.getWriter();
    const source = readable.getReader();
    let asked = false;
    try {
      for (;;) {
        const { done, value } = await source.read();
        if (done) break;
        kept.text += new TextDecoder().decode(value);
        for (let end = kept.text.indexOf('\r\n\r\n'); end >= 0; end = kept.text.indexOf('\r\n\r\n')) {
          const [method = '', target = ''] = kept.text.slice(0, kept.text.indexOf('\r\n')).split(' ');
          kept.text = kept.text.slice(end + 4);
          asked = true;
          const call = how === 'the first handler' ? first : handler;
          const body = await (await call({ method, target, headers: new Headers(), body: null })).text();
          await out.write(new TextEncoder().encode(`HTTP/1.1 200 \r\nContent-Length: ${body.length}\r\n\r\n${body}`));
        }
      }
    } catch (error) {
      if (how === 'rejects at the end') throw error;
    }
    if (!asked && how === 'rejects in silence') throw new Error('nobody asked');
    await out.close().catch(() => {});
  };
}

const IDS = ['c1', 'c2', 'c3', 'c4', 'c5'] as const;
const head = (id: string): string => `GET /of-${id} HTTP/1.1\r\nHost: w\r\n\r\n`;
const send: Step = {
  do: 'sendTogether',
  what: 'a request each',
  parts: IDS.map((on) => (on === 'c5' ? { on, bytes: head(on).slice(0, 20), ends: 'reset' } : { on, bytes: head(on) })),
  most: 16,
  seed: 1,
};
const own: Step = {
  do: 'expectOwn',
  answers: IDS.filter((on) => on !== 'c5').map((on) => ({ on, to: `GET /of-${on}`, status: 200, body: `for ${on}` })),
};
const resolved: Step = { do: 'expectResolved', on: ['c5'] };

/** What fails, in one line; null when nothing does. */
async function judged(how: Behaviour, steps: readonly Step[]): Promise<string | null> {
  const exercise: Exercise = defineExercise({
    id: 'KA0',
    track: 'keep-alive',
    folder: '',
    title: '',
    idea: '',
    minutes: 1,
    buildsOn: [],
    contract: '',
    files: [{ path: 's.ts', start: null, exports: ['serve'] }],
    startFails: [],
    checks: [
      {
        id: 'KA0-1',
        title: 'crowd',
        judge: 'raw',
        spec: rfc(9112, '9.4'),
        idea: 'Many.',
        scene: {
          kind: 'server',
          file: 's.ts',
          export: 'serve',
          handler: IDS.map((on) => ({ on: `GET /of-${on}`, reply: { body: `for ${on}` } })),
        },
        steps,
      },
    ],
  });
  const judge = new RawJudge({
    exercise,
    clock: new VirtualClock(),
    sources: new Map(),
    host: {
      name: 'node',
      load: async () => ({ serve: server(how) }),
      turn: () => new Promise((resolve) => setImmediate(resolve)),
      rest: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
      realNow: () => performance.now(),
    },
  });
  const [result] = await judge.run();
  const failure = result?.failure;
  return failure === undefined ? null : [failure.headline, ...(failure.facts ?? [])].join(' | ');
}

describe('a crowd of connections', () => {
  it('passes where each connection keeps its own', async () => {
    expect(await judged('apart', [send, own, resolved])).toBeNull();
  });

  it('names a call for what never came on that connection', async () => {
    expect(await judged('one text for all', [send, own])).toMatch(
      /^On c\d the handler was called for ".*"(: ".*" came on c\d|, and nothing like it came there.*4 other connections)/,
    );
  });

  it('names the connection on which a request was answered that never carried it', async () => {
    expect(await judged('the first handler', [send, own])).toMatch(
      /^GET \/of-c\d came on c\d, and was answered on c1\.$/m,
    );
  });

  it('takes a rejection for what it is to those who accept', async () => {
    expect(await judged('rejects at the end', [send, own, resolved])).toMatch(
      /serve rejected on c5, which its peer broke off.*and with it 4 other connections/,
    );
  });

  it('knows a peer that never sent a byte', async () => {
    const steps: Step[] = [
      { do: 'openSilent', on: ['c1', 'c2'] },
      { do: 'endInput', on: 'c1' },
      { do: 'expectResolved', on: ['c1'] },
    ];
    expect(await judged('apart', steps)).toBeNull();
    expect(await judged('rejects in silence', steps)).toMatch(/serve rejected on c1, which never sent a byte/);
  });

  it('says itself in words', () => {
    expect(describeStep(send)).toBe(
      'Send a request each on c1 to c5 (5) at the same time, 16 bytes at most at a time; break 1 of them off behind it.',
    );
    expect(describeStep(own)).toBe('Expect 4 whole replies on c1, c2, c3 and c4, each on its own connection.');
  });
});
