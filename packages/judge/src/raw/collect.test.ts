import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { collectGarbage } from './collect.ts';

setFlagsFromString('--expose-gc');
const host = {
  name: 'node' as const,
  load: async () => ({}),
  turn: () => new Promise<void>((resolve) => setImmediate(resolve)),
  rest: () => new Promise<void>((resolve) => setTimeout(resolve, 0)),
  realNow: () => performance.now(),
  collect: runInNewContext('gc') as () => void,
};
/** In a function of its own, so that no register keeps the object. */
const forgotten = (): WeakRef<object> => new WeakRef({ of: 'nobody' });

describe('collecting what nobody can reach', () => {
  it('takes what nobody holds, and leaves what is held', async () => {
    const kept = { of: 'this test' };
    const [held, lost] = [new WeakRef(kept), forgotten()];
    expect(await collectGarbage(host)).toBe(true);
    expect(held.deref()).toBe(kept);
    expect(lost.deref()).toBe(undefined);
  });

  it('says so where nothing was collected', async () => {
    const { collect: _, ...other } = host;
    expect(await collectGarbage(other)).toBe(false);
    expect(await collectGarbage({ ...host, collect: () => {} })).toBe(false);
  });
});
