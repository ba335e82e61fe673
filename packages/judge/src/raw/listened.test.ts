import { describe, expect, it } from 'vitest';
import { ListenedSignal } from './listened.ts';

describe('a signal that knows who listens', () => {
  it('forgets who listens no more, and counts nobody twice', () => {
    const it = new ListenedSignal();
    const heard = (): void => {};
    it.signal.addEventListener('abort', heard);
    it.signal.addEventListener('abort', heard);
    it.signal.addEventListener('abort', heard, true);
    expect(it.listening).toHaveLength(2);
    it.signal.removeEventListener('abort', heard);
    expect(it.listening).toHaveLength(1);
    it.signal.removeEventListener('abort', heard, { capture: true });
    expect(it.listening).toEqual([]);
  });

  it('counts nobody whose own signal has let go, and nobody after it was aborted', () => {
    const it = new ListenedSignal();
    const done = new AbortController();
    let calls = 0;
    it.signal.addEventListener('abort', () => calls++, { signal: done.signal });
    expect(it.listening).toHaveLength(1);
    done.abort();
    expect(it.listening).toEqual([]);
    it.signal.addEventListener('abort', () => calls++, { once: true });
    it.abort();
    expect([calls, it.listening]).toEqual([1, []]);
  });
});
