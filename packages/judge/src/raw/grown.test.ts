import { describe, expect, it } from 'vitest';
import { bytesOf, latin1 } from './bytes.ts';
import { Grown } from './grown.ts';

describe('Grown', () => {
  it('holds what was added, in order, however much it is', () => {
    const grown = new Grown();
    const parts = Array.from({ length: 300 }, (_, i) => `piece ${i};`);
    for (const part of parts) grown.add(bytesOf(part));
    expect(latin1(grown.all)).toBe(parts.join(''));
    grown.add(new Uint8Array(100_000).fill(1));
    expect(grown.all.length).toBe(parts.join('').length + 100_000);
  });

  it('leaves a view as it was given', () => {
    const grown = new Grown();
    grown.add(bytesOf('first'));
    const view = grown.all;
    for (let i = 0; i < 100; i++) grown.add(bytesOf(' and more of it'));
    expect(latin1(view)).toBe('first');
  });

  it('shares its buffer between views, so that many views cost no more than one', () => {
    const grown = new Grown();
    const buffers = new Set<ArrayBufferLike>();
    for (let i = 0; i < 4096; i++) {
      grown.add(new Uint8Array(16));
      buffers.add(grown.all.buffer);
    }
    expect(buffers.size).toBeLessThan(12);
  });
});
