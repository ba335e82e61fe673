import { expect, it } from 'vitest';
import { applyHpack } from './blocks.ts';
import { scanHpack } from './field-lines.ts';
import { SeenTable } from './seen-table.ts';

/** `name: value` as a literal that is to be added, its name spelled out; lengths below 16,511. */
function added(name: string, value: string): number[] {
  const length = (n: number): number[] =>
    n < 127 ? [n] : n - 127 < 128 ? [127, n - 127] : [127, ((n - 127) & 127) | 128, (n - 127) >> 7];
  const text = (of: string): number[] => [...of].map((c) => c.charCodeAt(0));
  return [0x40, ...length(name.length), ...text(name), ...length(value.length), ...text(value)];
}

it('a line that is larger than the table empties it and is not told as being in it (RFC 7541 §4.4)', () => {
  const table = new SeenTable(4096);
  const apply = (name: string, value: string): unknown =>
    applyHpack(scanHpack(Uint8Array.from(added(name, value))), [[name, value]], table, 'own');
  expect(apply('x-a', '1')).toMatchObject({ inserted: [{ name: 'x-a', value: '1' }], evicted: 0, size: 36 });
  expect(apply('x-large', 'x'.repeat(5000))).toMatchObject({ inserted: [], evicted: 1, size: 0 });
  expect(apply('x-b', '2')).toMatchObject({ inserted: [{ name: 'x-b', value: '2' }], evicted: 0, size: 36 });
});
