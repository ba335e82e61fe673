/** What a step claims about the head of a reply: seen in the bytes, and worded by cause. */
import { describe, expect, it } from 'vitest';
import { defineExercise, type Exercise, type ExpectReplyStep, rfc, type Step } from '../../exercise.ts';
import { VirtualClock } from '../clock.ts';
import { RawJudge } from '../judge.ts';
import type { Connection } from '../pipe.ts';

type Claims = Partial<Omit<ExpectReplyStep, 'do' | 'to'>>;

/** What fails when the learner answers with these bytes, and ends or not; null when nothing does. */
async function judged(bytes: string, claims: Claims, ends = false): Promise<string | null> {
  const serve = async ({ readable, writable }: Connection): Promise<void> => {
    await readable.getReader().read();
    const out = writable.getWriter();
    await out.write(new TextEncoder().encode(bytes));
    if (ends) await out.close();
  };
  const steps: Step[] = [
    { do: 'send', bytes: 'GET /a HTTP/1.1\r\nHost: w\r\n\r\n' },
    { do: 'expectReply', to: 'GET /a', ...claims },
  ];
  const scene = { kind: 'server', file: 'http1/server.ts', export: 'serve', handler: [] } as const;
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
    checks: [{ id: 'T-1', title: 't', judge: 'raw', spec: rfc(9112, '9.6'), idea: 'i', scene, steps }],
  });
  const host = {
    name: 'node' as const,
    load: async () => ({ serve }),
    turn: () => new Promise<void>((resolve) => setImmediate(resolve)),
    rest: () => new Promise<void>((resolve) => setTimeout(resolve, 0)),
    realNow: () => performance.now(),
  };
  const results = await new RawJudge({ exercise, host, clock: new VirtualClock(), sources: new Map() }).run();
  const failure = results[0]?.failure;
  return failure === undefined ? null : `${failure.cause}: ${failure.headline}`;
}

const EMPTY = 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n';

describe('the head of a reply', () => {
  it('must not hold an absent field, in any case of its name', async () => {
    const claims: Claims = { absent: ['content-length'] };
    expect(await judged(`${EMPTY}\r\n`, claims)).toBe('wrong bytes: The reply to GET /a has content-length: 0.');
    expect(await judged('HTTP/1.1 204 No Content\r\n\r\n', claims)).toBeNull();
  });

  it('may leave a field out that is judged only where it stands', async () => {
    const claims: Claims = { ifPresent: [['content-length', '11']] };
    expect(await judged(`${EMPTY}\r\n`, claims)).toBe('wrong bytes: The reply to GET /a says content-length: 0.');
    expect(await judged('HTTP/1.1 304 Not Modified\r\n\r\n', claims)).toBeNull();
    expect(await judged('HTTP/1.1 304 Not Modified\r\nContent-Length: 11\r\n\r\n', claims)).toBeNull();
  });

  it('says a word of Connection in any case, alone or in a list', async () => {
    const claims: Claims = { says: 'keep-alive' };
    expect(await judged(`${EMPTY}Connection: x, Keep-Alive\r\n\r\n`, claims)).toBeNull();
    expect(await judged(`${EMPTY}\r\n`, claims)).toBe('wrong bytes: The reply to GET /a has no Connection.');
    expect(await judged(`${EMPTY}Connection: x\r\n\r\n`, claims)).toBe(
      'wrong bytes: The reply to GET /a says Connection: x.',
    );
  });

  it('announces the end by close, by an old version, or by a body that ends with the connection', async () => {
    const claims: Claims = { connection: 'ends' };
    expect(await judged(`${EMPTY}Connection: x, Close\r\n\r\n`, claims)).toBeNull();
    expect(await judged('HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n', claims)).toBeNull();
    expect(await judged('HTTP/1.1 200 OK\r\n\r\nuntil the end', claims, true)).toBeNull();
  });

  it('that announces nothing is another fault with an end behind it than without', async () => {
    expect(await judged(`${EMPTY}\r\n`, { connection: 'ends' })).toBe(
      'wrong bytes: The reply to GET /a does not say that it is the last one.',
    );
    expect(await judged(`${EMPTY}\r\n`, { connection: 'ends' }, true)).toBe(
      'closed early: The connection ended after the reply to GET /a, which had not said so.',
    );
  });
});
