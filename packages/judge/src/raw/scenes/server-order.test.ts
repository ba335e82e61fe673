/** Handlers side by side and replies in order: seen with handlers that the judge releases, and worded by cause. */
import { describe, expect, it } from 'vitest';
import { defineExercise, type Exercise, type HandlerRule, rfc, type Step } from '../../exercise.ts';
import { VirtualClock } from '../clock.ts';
import { RawJudge } from '../judge.ts';
import type { Connection } from '../pipe.ts';

type Incoming = { method: string; target: string; headers: Headers; body: null };
type Handler = (request: Incoming) => Promise<Response>;
type Behaviour = 'in turn' | 'together in order' | 'together as ready';

const ASKED = 'GET /a HTTP/1.1\r\nHost: w\r\n\r\nGET /b HTTP/1.1\r\nHost: w\r\n\r\n';

/** Knows two requests that come in one chunk. */
function server(how: Behaviour) {
  return async ({ readable, writable }: Connection, handler: Handler): Promise<void> => {
    const source = readable.getReader();
    const out = writable.getWriter();
    await source.read();
    const call = (target: string): Promise<Response> =>
      handler({ method: 'GET', target, headers: new Headers(), body: null }).catch(
        () => new Response('', { status: 500 }),
      );
    const send = async (response: Response): Promise<void> => {
      const body = await response.text();
      await out.write(
        new TextEncoder().encode(`HTTP/1.1 ${response.status} \r\nContent-Length: ${body.length}\r\n\r\n${body}`),
      );
    };
    if (how === 'in turn') for (const target of ['/a', '/b']) await send(await call(target));
    else if (how === 'together as ready')
      await Promise.all(['/a', '/b'].map(async (target) => send(await call(target))));
    else for (const response of ['/a', '/b'].map(call)) await send(await response);
  };
}

const RULES: readonly HandlerRule[] = [
  { on: 'GET /a', until: 'a', reply: { body: 'first' } },
  { on: 'GET /b', until: 'b', reply: { body: 'second' } },
];

/** What fails, in one line; null when nothing does. */
async function judged(how: Behaviour, steps: readonly Step[], handler = RULES): Promise<string | null> {
  const check = {
    id: 'PL0-1',
    title: 'order',
    judge: 'raw' as const,
    spec: rfc(9112, '9.3.2'),
    idea: 'Order.',
    scene: { kind: 'server' as const, file: 's.ts', export: 'serve', handler },
    steps: [{ do: 'send' as const, bytes: ASKED }, ...steps],
  };
  const exercise: Exercise = defineExercise({
    id: 'PL0',
    track: 'pipelining',
    folder: '',
    title: '',
    idea: '',
    minutes: 1,
    buildsOn: [],
    contract: '',
    files: [{ path: 's.ts', start: null, exports: ['serve'] }],
    startFails: [],
    checks: [check],
  });
  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  const judge = new RawJudge({
    exercise,
    host: { name: 'node', load: async () => ({ serve: server(how) }), turn, rest: turn, realNow: () => 0 },
    clock: new VirtualClock(),
    sources: new Map(),
  });
  const [result] = await judge.run();
  return result?.failure === undefined ? null : `${result.failure.cause}: ${result.failure.headline}`;
}

const both: Step = { do: 'expectTogether', requests: ['GET /a', 'GET /b'] };
const alone: Step = { do: 'expectAlone', request: 'GET /a' };
const held: Step = { do: 'expectHeld', reply: 'GET /b', before: 'GET /a', bytes: 'second' };
const release = (name: string): Step => ({ do: 'release', name });
const replies: readonly Step[] = [
  { do: 'expectReply', to: 'GET /a', status: 200, body: 'first' },
  { do: 'expectReply', to: 'GET /b', status: 200, body: 'second' },
];

describe('handlers side by side', () => {
  it('tells handlers that run at the same time from those that run in turn', async () => {
    expect(await judged('together in order', [both, release('b'), release('a'), ...replies])).toBeNull();
    expect(await judged('in turn', [both])).toBe(
      'handler: The handler of GET /a runs, and that of GET /b has not been called.',
    );
    expect(await judged('in turn', [alone])).toBeNull();
    expect(await judged('together in order', [alone])).toBe(
      'handler: The handler of GET /a runs, and that of GET /b beside it.',
    );
  });

  it('releases a name for handlers that are called later, too', async () => {
    expect(await judged('in turn', [release('b'), held, release('a'), ...replies])).toBeNull();
  });

  it('names bytes that come before their turn', async () => {
    const steps = [release('b'), held];
    expect(await judged('together in order', steps)).toBeNull();
    expect(await judged('together as ready', steps)).toBe(
      'wrong bytes: Bytes of the reply to GET /b came before the end of the reply to GET /a.',
    );
  });

  it('throws where the rule says so, and counts that handler as over', async () => {
    const rules: readonly HandlerRule[] = [RULES[0] as HandlerRule, { on: 'GET /b', throws: true, reply: {} }];
    const refused: Step = { do: 'expectReply', to: 'GET /b', status: 500 };
    expect(await judged('together in order', [alone, release('a'), replies[0] as Step, refused], rules)).toBeNull();
  });

  it('holds a piece of a body until its name is released', async () => {
    const pieces = [{ bytes: 'fir' }, { until: 'more', bytes: 'st' }];
    const rules: readonly HandlerRule[] = [{ on: 'GET /a', reply: { body: { pieces } } }, RULES[1] as HandlerRule];
    expect(await judged('together in order', [release('b'), held, release('more'), ...replies], rules)).toBeNull();
  });
});
