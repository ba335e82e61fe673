import { describe, expect, it } from 'vitest';
import { VirtualClock } from './clock.ts';

/** A realm of our own, so that the test's timers stay real. */
function realm(): { clock: VirtualClock; scope: typeof globalThis; errors: unknown[] } {
  const clock = new VirtualClock();
  const errors: unknown[] = [];
  const scope = {
    Date,
    performance: Object.create(performance),
    AbortSignal: class extends EventTarget {},
  } as unknown as typeof globalThis;
  clock.install(scope, (error) => errors.push(error));
  return { clock, scope, errors };
}

describe('VirtualClock', () => {
  it('stands still until it is moved', () => {
    const { clock, scope } = realm();
    const before = scope.Date.now();
    expect(scope.performance.now()).toBe(0);
    clock.fireNext(5000);
    expect(scope.Date.now() - before).toBe(5000);
    expect(new scope.Date().getTime()).toBe(scope.Date.now());
    expect(scope.performance.now()).toBe(5000);
  });

  it('counts the timers of learner code that have fired, with the line of the last, and none of the judge’s own', () => {
    const { clock, scope } = realm();
    clock.set(() => {}, 1);
    scope.setInterval(() => {}, 10);
    for (let i = 0; i < 4; i++) clock.fireNext(30);
    expect(clock.fired.times).toBe(3);
    expect(clock.fired.trace?.stack).toContain('clock.test.ts');
    clock.reset();
    expect(clock.fired).toEqual({ times: 0, trace: null });
  });

  it('fires timers by due time, equal ones in the order in which they were set, one at a time', () => {
    const { clock, scope } = realm();
    const fired: string[] = [];
    scope.setTimeout(() => fired.push('late'), 20);
    scope.setTimeout(() => fired.push('first'), 10);
    scope.setTimeout((name: string) => fired.push(name), 10, 'second');
    expect(clock.nextDue()).toBe(10);
    expect(clock.fireNext(15)).toBe(true);
    expect(fired).toEqual(['first']);
    while (clock.fireNext(15));
    expect(fired).toEqual(['first', 'second']);
    expect(clock.now).toBe(15);
  });

  it('repeats an interval until it is cleared', () => {
    const { clock, scope } = realm();
    let n = 0;
    const id = scope.setInterval(() => {
      n++;
      if (n === 3) scope.clearInterval(id);
    }, 0);
    for (let i = 0; i < 10; i++) clock.fireNext(100);
    expect(n).toBe(3);
    expect(clock.pending).toBe(0);
  });

  it('keeps dates that were asked for, and makes a string without new', () => {
    const { scope } = realm();
    expect(new scope.Date(0).toISOString()).toBe('1970-01-01T00:00:00.000Z');
    expect(new scope.Date(2020, 0, 1)).toBeInstanceOf(Date);
    expect(typeof (scope.Date as unknown as () => string)()).toBe('string');
  });

  it('aborts a timeout signal with the reason that the platform gives', () => {
    const { clock, scope } = realm();
    const signal = scope.AbortSignal.timeout(50);
    clock.fireNext(49);
    expect(signal.aborted).toBe(false);
    clock.fireNext(50);
    expect(signal.reason).toMatchObject({ name: 'TimeoutError' });
  });

  it('tells of an error in a timer, and goes on', () => {
    const { clock, scope, errors } = realm();
    scope.setTimeout(() => {
      throw new Error('in a timer');
    });
    expect(clock.fireNext(0)).toBe(true);
    expect(errors).toHaveLength(1);
  });

  it('forgets timers with the check, and never gives their numbers away again', () => {
    const { clock, scope } = realm();
    const old = scope.setTimeout(() => {}, 1);
    clock.reset();
    expect(clock.nextDue()).toBeNull();
    const next = scope.setTimeout(() => {}, 1);
    scope.clearTimeout(old);
    expect(next).not.toBe(old);
    expect(clock.pending).toBe(1);
  });

  it('names the timers that code of the realm could clear', () => {
    const { clock, scope } = realm();
    scope.AbortSignal.timeout(50);
    clock.set(() => {}, 10);
    const id = scope.setTimeout(() => {}, 20);
    expect(clock.kept.map(({ due }) => due)).toEqual([20]);
    scope.clearTimeout(id);
    expect(clock.kept).toEqual([]);
  });
});
