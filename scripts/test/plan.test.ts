import { describe, expect, it } from 'vitest';
import { root } from '../architecture/files.ts';
import { allSuites, chosen, phases, runnable } from './plan.ts';
import { turboNoise } from './turbo-noise.ts';

const suites = allSuites(root);
const ids = suites.map(({ turbo }) => turbo);

describe('the plan', () => {
  it('has the portable packages on all four hosts', () => {
    for (const name of ['wire', 'trace']) {
      for (const task of ['test', 'test:deno', 'test:workers', 'test:chromium']) {
        expect(ids).toContain(`@interleave/${name}#${task}`);
      }
    }
  });

  it('has types of every package, lint, Worker tests, the gate and end to end', () => {
    for (const name of ['wire', 'trace', 'transport', 'judge', 'edge', 'lab', 'workshops']) {
      expect(ids).toContain(`@interleave/${name}#types`);
    }
    expect(ids).toEqual(expect.arrayContaining(['//#lint', '//#types', '//#test:root']));
    expect(ids).toEqual(
      expect.arrayContaining(['@interleave/edge#test:workers', '@interleave/workshops#gate', '@interleave/lab#e2e']),
    );
  });

  it('does not ask for itself', () => {
    expect(ids).not.toContain('//#test');
  });

  it('runs every suite once, what needs the machine alone one at a time', () => {
    const all = phases(suites);
    expect(all.flatMap((phase) => phase.suites).length).toBe(suites.length);
    expect(all.at(-1)?.concurrency).toBe(1);
  });

  it('is narrowed by words', () => {
    expect(chosen(suites, ['wire']).every(({ package: name }) => name === 'wire')).toBe(true);
    expect(chosen(suites, ['no such suite'])).toEqual([]);
  });

  it('leaves out what this machine cannot run, with the reason', () => {
    const { run, leftOut } = runnable(suites, { chromium: 'there is none', deno: null });
    expect(run.map(({ task }) => task)).not.toContain('e2e');
    expect(run.map(({ task }) => task)).toContain('test:deno');
    expect(leftOut.find(({ suite }) => suite.task === 'e2e')?.why).toBe('there is none');
  });
});

describe('what turbo says about itself', () => {
  it.each([
    '• Packages in scope: @interleave/wire',
    '@interleave/wire:test: cache bypass, force executing 0123456789abcdef',
    ' Tasks:    3 successful, 3 total',
    '@interleave/wire#test:  ERROR  command (/x) pnpm run test exited (1)',
    '\u001b[32m  Time:\u001b[39m    1.2s',
    '',
  ])('%j is left out', (line) => expect(turboNoise(line)).toBe(true));

  it.each([
    '@interleave/wire:test:  FAIL  src/x.test.ts > holds',
    '@interleave/wire:test: AssertionError: expected 1 to be 2',
    'WARNING: something else',
  ])('%j is kept', (line) => expect(turboNoise(line)).toBe(false));
});
