/** Readers that no author of the exercise had in mind, judged by KA1's own checks. */
import { join as joinPath } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadExercises } from '../../state/catalogue.ts';
import { join } from '../bytes.ts';
import { VirtualClock } from '../clock.ts';
import { RawJudge } from '../judge.ts';

type Source = ReadableStream<Uint8Array>;

const all = await loadExercises(joinPath(import.meta.dirname, '../../../../..'));

/** Ids of the checks that fail, and the first headline. */
async function judged(reader: unknown): Promise<string> {
  const exercise = all.find(({ id }) => id === 'KA1');
  if (exercise === undefined) throw new Error('The workshops have no KA1 any more: let these tests judge another one.');
  const host = {
    name: 'node' as const,
    load: async () => ({ reader }),
    turn: () => new Promise<void>((resolve) => setImmediate(resolve)),
    rest: () => new Promise<void>((resolve) => setTimeout(resolve, 0)),
    realNow: () => performance.now(),
  };
  const results = await new RawJudge({ exercise, host, clock: new VirtualClock(), sources: new Map() }).run();
  const failed = results.filter((result) => result.status === 'fail');
  return failed.length === 0 ? 'passes' : `${failed.map((r) => r.checkId).join(' ')}: ${failed[0]?.failure?.headline}`;
}

/** A reader over anything that hands out chunks; right unless a part is replaced. */
function over(next: () => Promise<Uint8Array | null>, cancel: () => Promise<unknown>): Record<string, unknown> {
  let kept: number[] = [];
  const more = async (): Promise<boolean> => {
    const chunk = await next();
    if (chunk !== null) kept.push(...chunk);
    return chunk !== null;
  };
  const take = (n: number): Uint8Array => {
    const taken = Uint8Array.from(kept.slice(0, n));
    kept = kept.slice(n);
    return taken;
  };
  return {
    async until(mark: Uint8Array, limit: number) {
      for (;;) {
        const at = kept.findIndex((_, i) => mark.every((byte, k) => kept[i + k] === byte));
        if (at >= 0) {
          const before = take(at);
          take(mark.length);
          return before;
        }
        if (kept.length > limit) throw new Error('too long');
        if (await more()) continue;
        if (kept.length > 0) throw new Error('cut off');
        return null;
      }
    },
    async exactly(n: number) {
      while (kept.length < n) if (!(await more())) throw new Error('cut off');
      return take(n);
    },
    async some(max: number) {
      if (kept.length === 0 && !(await more())) return null;
      return take(Math.min(max, kept.length));
    },
    cancel,
  };
}

const plain = (readable: Source): Record<string, unknown> => {
  const source = readable.getReader();
  const next = async (): Promise<Uint8Array | null> => (await source.read()).value ?? null;
  return over(next, () => source.cancel());
};

class Reader {
  readonly #own: Record<string, unknown>;
  constructor(readable: Source) {
    this.#own = plain(readable);
  }
  #call(name: string, ...args: unknown[]): unknown {
    return (this.#own[name] as (...args: unknown[]) => unknown)(...args);
  }
  until = (mark: Uint8Array, limit: number): unknown => this.#call('until', mark, limit);
  exactly(n: number): unknown {
    return this.#call('exactly', n);
  }
  some(max: number): unknown {
    return this.#call('some', max);
  }
  cancel(): unknown {
    return this.#call('cancel');
  }
}

describe('a right design passes', () => {
  it.each<[string, (readable: Source) => unknown]>([
    ['a list of numbers', plain],
    [
      'buffers of its own (BYOB), three bytes long',
      (readable) => {
        const source = (readable as ReadableStream).getReader({ mode: 'byob' });
        const next = async (): Promise<Uint8Array | null> => {
          const { done, value } = await source.read(new Uint8Array(3));
          return done ? null : new Uint8Array(value as Uint8Array);
        };
        return over(next, () => source.cancel());
      },
    ],
    [
      'one chunk fetched ahead',
      (readable) => {
        const source = readable.getReader();
        let ahead: ReturnType<typeof source.read> | null = null;
        const next = async (): Promise<Uint8Array | null> => {
          const { value } = await (ahead ?? source.read());
          ahead = source.read();
          // Whoever asks next is told of its failure.
          ahead.catch(() => {});
          return value ?? null;
        };
        return over(next, () => source.cancel());
      },
    ],
    [
      'for await, by hand',
      (readable) => {
        const chunks = (readable as unknown as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]();
        const next = async (): Promise<Uint8Array | null> => {
          const { done, value } = await chunks.next();
          return done === true ? null : value;
        };
        return over(next, async () => chunks.return?.());
      },
    ],
    [
      'the lock taken for each read, and given back',
      (readable) => {
        const next = async (): Promise<Uint8Array | null> => {
          const source = readable.getReader();
          try {
            return (await source.read()).value ?? null;
          } finally {
            source.releaseLock();
          }
        };
        return over(next, () => readable.cancel());
      },
    ],
    [
      'a stream of its own behind a transform',
      (readable) => {
        const source = readable.pipeThrough(new TransformStream<Uint8Array, Uint8Array>()).getReader();
        const next = async (): Promise<Uint8Array | null> => (await source.read()).value ?? null;
        return over(next, () => source.cancel());
      },
    ],
    ['an object of a class with private members', (readable) => new Reader(readable)],
  ])('%s', async (_, reader) => {
    expect(await judged(reader)).toBe('passes');
  });
});

describe('a mistake is named', () => {
  const replace = (name: string, make: (own: Record<string, unknown>, readable: Source) => unknown): unknown => {
    return (readable: Source) => {
      const own = plain(readable);
      return { ...own, [name]: make(own, readable) };
    };
  };

  it.each<[string, unknown, string]>([
    [
      'throws at once',
      () => {
        throw new Error('not yet');
      },
      'reader threw: Error: not yet',
    ],
    ['is async', async (readable: Source) => plain(readable), 'What reader gave has no until: there is a Promise.'],
    ['gives nothing', () => undefined, 'reader gave undefined, not an object with until, exactly, some and cancel.'],
    ['gives text', replace('exactly', () => async () => 'text'), 'gave a string; the contract says Uint8Array.'],
    [
      'gives undefined at the end',
      replace(
        'until',
        (own) =>
          async (...args: unknown[]) =>
            (await (own.until as (...a: unknown[]) => unknown)(...args)) ?? undefined,
      ),
      'gave undefined; the contract says Uint8Array or null.',
    ],
    ['has no some', replace('some', () => undefined), 'What reader gave has no some: there is until, exactly, cancel.'],
  ])('%s', async (_, reader, headline) => {
    expect(await judged(reader)).toContain(headline);
  });

  it('some gives more than was asked for', async () => {
    const some = replace('some', (own) => () => (own.some as (max: number) => unknown)(1000));
    expect(await judged(some)).toBe('KA1-3 KA1-4: some(4) gave 18 bytes.');
  });

  it('until takes one byte too many', async () => {
    const until = replace('until', (own) => async (mark: Uint8Array, limit: number) => {
      const given = await (own.until as (m: Uint8Array, l: number) => Promise<Uint8Array | null>)(mark, limit);
      return given === null ? null : join([given, mark.subarray(0, 1)]);
    });
    expect(await judged(until)).toContain('gave 1 byte too many: "␍".');
  });

  it('everything is read ahead, without bound', async () => {
    const greedy = (readable: Source): unknown => {
      const source = readable.getReader();
      const chunks: Uint8Array[] = [];
      const waiting: (() => void)[] = [];
      let over_ = false;
      (async () => {
        for (;;) {
          const { done, value } = await source.read().catch(() => ({ done: true, value: undefined }));
          if (done) break;
          if (value !== undefined) chunks.push(value);
          waiting.shift()?.();
        }
        over_ = true;
        for (const wake of waiting) wake();
      })();
      const next = async (): Promise<Uint8Array | null> => {
        while (chunks.length === 0 && !over_) await new Promise<void>((resolve) => waiting.push(resolve));
        return chunks.shift() ?? null;
      };
      return over(next, () => source.cancel());
    };
    expect(await judged(greedy)).toContain('9,900 bytes were taken from the stream, 8,603 too many.');
  });
});
