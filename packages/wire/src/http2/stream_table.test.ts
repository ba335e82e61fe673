import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Http2Stream } from './stream.ts';
import { StreamTable } from './stream_table.ts';

const stream = (id: number): Http2Stream => new Http2Stream(id, 1, 1, 1);

describe('the table of streams', () => {
  it('holds what a map would hold, whatever is added and deleted', () => {
    const id = fc.oneof(
      fc.integer({ min: 1, max: 60 }),
      fc.integer({ min: 1, max: 2 ** 31 - 1 }),
      fc.nat(40).map((n) => 1 + n * 4096),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.boolean(), id), { maxLength: 300 }), (acts) => {
        const table = new StreamTable();
        const model = new Map<number, Http2Stream>();
        for (const [adds, which] of acts) {
          if (adds && !model.has(which)) {
            const made = stream(which);
            table.add(made);
            model.set(which, made);
          } else if (!adds) {
            table.delete(which);
            model.delete(which);
          }
          expect(table.get(which)).toBe(model.get(which));
        }
        expect(table.size).toBe(model.size);
        for (const [known, made] of model) expect(table.get(known)).toBe(made);
        expect(table.inOrder().map((one) => one.id)).toEqual([...model.keys()].sort((a, b) => a - b));
      }),
    );
  });

  it('stays quick for identifiers that all want the same place', () => {
    const table = new StreamTable();
    const ids = Array.from({ length: 2_000 }, (_, n) => 1 + n * 2 ** 14);
    for (const one of ids) table.add(stream(one));
    for (const one of ids) expect(table.get(one)?.id).toBe(one);
    // With the place of each chosen by the peer, these would take two million steps each time; this is about work, not time.
    expect(table.steps(ids)).toBeLessThan(ids.length * 8);
  });

  it('can be emptied and used again', () => {
    const table = new StreamTable();
    for (let id = 1; id < 400; id += 2) table.add(stream(id));
    for (let id = 1; id < 400; id += 2) table.delete(id);
    expect(table.size).toBe(0);
    table.add(stream(401));
    expect(table.get(401)?.id).toBe(401);
    table.clear();
    expect(table.get(401)).toBeUndefined();
  });
});
