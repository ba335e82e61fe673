import { describe, expect, it } from 'vitest';
import type { BrowserCheck } from '../exercise.ts';
import type { HeldRun } from './held-page.ts';
import { heldFailure } from './held-verdict.ts';

const check: BrowserCheck = {
  id: 'X1-C',
  title: '',
  judge: 'chromium',
  spec: { text: 'contract', url: '' },
  idea: '',
  scene: { kind: 'function', file: 'x.ts', export: 'late' },
  steps: [],
};

/** 1 is whole before the hole, 3 lost bytes, 5 comes behind. */
const run = (gave: unknown): HeldRun => ({
  picture: { title: '', hole: { from: 60, to: 70 }, total: 150, rows: [] } as unknown as HeldRun['picture'],
  hole: { from: 60, to: 70 },
  frames: [
    { from: 0, to: 50, streamId: 1, last: true },
    { from: 50, to: 100, streamId: 3, last: false },
    { from: 100, to: 130, streamId: 5, last: true },
    { from: 130, to: 150, streamId: 3, last: true },
  ],
  predicted: { gave },
  missing: [3, 5],
  paths: new Map([1, 3, 5].map((id) => [id, `/image/${id}`])),
});
const verdict = (gave: unknown, protocol: 'h2' | 'http/1.1' = 'h2'): string | null =>
  heldFailure(check, { do: 'expectLate', protocol, images: 3 }, run(gave))?.headline ?? null;

const lost = { streamId: 3, why: 'lost' };
const behind = { streamId: 5, why: 'behind' };

describe('what a function says of a hole in front of Chromium', () => {
  it('is right in any order, with more members, and with stream 0 in it', () => {
    expect(verdict([lost, behind])).toBe(null);
    expect(verdict([behind, { ...lost, bytes: 10 }, { streamId: 0, why: 'behind' }])).toBe(null);
  });

  it.each<[string, unknown]>([
    ['When the hole was filled, Chromium did not have /image/5 (stream 5); late does not name it.', [lost]],
    [
      'late names /image/1 (stream 1); Chromium had it while the hole was open.',
      [lost, behind, { streamId: 1, why: 'behind' }],
    ],
    ['late names /image/5 (stream 5) more than once.', [lost, behind, behind]],
    ['late says that /image/3 (stream 3) is "behind".', [{ ...lost, why: 'behind' }, behind]],
    ['late says that /image/5 (stream 5) is "lost".', [lost, { ...behind, why: 'lost' }]],
    ['late says that /image/5 (stream 5) is undefined.', [lost, { streamId: 5 }]],
    ['late gave null, not an array.', null],
  ])('says: %s', (headline, gave) => {
    expect(verdict(gave)).toBe(headline);
  });

  it('calls a reply of HTTP/1.1 a reply', () => {
    expect(verdict([lost], 'http/1.1')).toContain('/image/5 (reply 5)');
  });
});
