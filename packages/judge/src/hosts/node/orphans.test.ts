/** A parent may go at any moment, by itself or by SIGKILL. Nothing it has started outlives it. */
import { execFile, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { platform } from 'node:os';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const judgeRaw = new URL('../judge-raw.ts', import.meta.url).href;

/** Learner processes that carry this mark in their environment. */
function marked(mark: string): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/environ`, 'latin1').includes(mark);
      } catch {
        return false;
      }
    });
}

async function gone(mark: string): Promise<number[]> {
  let left = marked(mark);
  for (let i = 0; i < 300 && left.length > 0; i++) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    left = marked(mark);
  }
  return left;
}

describe.skipIf(platform() !== 'linux')('a learner process', () => {
  it('goes when its parent ends while it is still being loaded', async () => {
    const mark = `INTERLEAVE_TEST=${crypto.randomUUID()}`;
    const code = `const { warmUp } = await import('${judgeRaw}'); await warmUp();`;
    const env = { ...process.env, INTERLEAVE_TEST: mark.split('=')[1] };
    await promisify(execFile)(process.execPath, ['--no-warnings', '--input-type=module', '-e', code], { env });
    expect(await gone(mark)).toEqual([]);
  });

  it('goes when its parent is killed', async () => {
    const mark = `INTERLEAVE_TEST=${crypto.randomUUID()}`;
    const code = `const { warmUp } = await import('${judgeRaw}'); await warmUp(); console.log('up'); setInterval(() => {}, 1000);`;
    const env = { ...process.env, INTERLEAVE_TEST: mark.split('=')[1] };
    const parent = spawn(process.execPath, ['--no-warnings', '--input-type=module', '-e', code], { env });
    await new Promise((resolve) => parent.stdout.once('data', resolve));
    expect(marked(mark).length).toBeGreaterThanOrEqual(2);
    parent.kill('SIGKILL');
    expect(await gone(mark)).toEqual([]);
  });
});
