/** Designs that no author had in mind: the right ones pass in Node and Deno, the wrong ones fail where they should and nowhere else. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { closeHosts, judgeRaw } from '../hosts/judge-raw.ts';
import type { CheckResult } from '../result.ts';
import { ka2 } from '../testing/ka2.ts';
import { shownMessage } from './golden.ts';
import { messageProblems } from './lint.ts';

const exercise = await ka2();

const fixtures = join(import.meta.dirname, '../../fixtures/ka2');
const names = (kind: string): string[] => readdirSync(join(fixtures, kind)).sort();
const judge = (kind: string, name: string, host: 'node' | 'deno'): Promise<CheckResult[]> =>
  judgeRaw(exercise, fixtures, { host, overlay: { 'http1/server.ts': join(fixtures, kind, name) } });
afterAll(() => closeHosts());

describe('a right design passes', () => {
  it.each(names('right'))('%s', async (name) => {
    for (const host of ['node', 'deno'] as const) {
      const results = await judge('right', name, host);
      expect(results.some((r) => r.failure !== undefined) ? shownMessage(results) : '').toBe('');
      expect(results.map((r) => r.status)).toEqual(results.map(() => 'pass'));
    }
  });
});

describe('a mistake is found where it is', () => {
  it.each(names('wrong'))('%s', async (name) => {
    const declared = /^\/\/ fails: (.+)$/m.exec(readFileSync(join(fixtures, 'wrong', name), 'utf8'))?.[1];
    const results = await judge('wrong', name, 'node');
    expect(
      results
        .filter((r) => r.status === 'fail')
        .map((r) => r.checkId)
        .join(' '),
    ).toBe(declared);
    const first = results.find((r) => r.status === 'fail');
    expect(
      first === undefined ? ['nothing failed'] : messageProblems(first, shownMessage(results).trimEnd(), new Set()),
    ).toEqual([]);
  });
});
