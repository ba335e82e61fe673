import { expect, it } from 'vitest';
import { grouped } from './numbers.ts';

it('puts a comma between thousands, as the English locale does', () => {
  for (const n of [0, 7, 999, 1000, 65_536, 100_000, 1_234_567, -4096, Number.MAX_SAFE_INTEGER])
    expect(grouped(n)).toBe(n.toLocaleString('en'));
});
