/** Deno and workerd give the same verdicts as Node; only the line of a loop is Node's to name. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { CheckResult } from '../result.ts';
import { ka2 } from '../testing/ka2.ts';
import { closeHosts, judgeRaw } from './judge-raw.ts';

const exercise = await ka2();

const folder = mkdtempSync(join(tmpdir(), 'interleave-others-'));
afterAll(async () => {
  await closeHosts();
  rmSync(folder, { recursive: true });
});

async function judge(host: 'deno' | 'worker', name: string, code: string): Promise<CheckResult[]> {
  const file = join(folder, `${name}.ts`);
  writeFileSync(
    file,
    `export async function serve({ readable, writable }, handler) {\n  await readable.getReader().read();\n  ${code}\n}`,
  );
  return judgeRaw(exercise, folder, { host, only: ['KA2-1', 'KA2-4'], overlay: { 'http1/server.ts': file } });
}

describe.each(['deno', 'worker'] as const)('on host %s', (host) => {
  it('a throw is named with its line', async () => {
    const [first] = await judge(host, 'throws', "throw new Error('not yet');");
    expect(first?.failure).toMatchObject({
      cause: 'crashed',
      headline: 'serve rejected: Error: not yet',
      at: [{ line: 3 }],
    });
  });

  it('a promise that nobody waits for is named', async () => {
    const [first] = await judge(
      host,
      'rejects',
      "void Promise.reject(new Error('lost')); await readable.cancel?.().catch(() => {});",
    );
    expect(first?.failure?.cause).toBe('unhandled rejection');
  });

  it('a name that is not everywhere is named', async () => {
    const [first] = await judge(host, 'names', "Buffer.from('x');");
    expect(first?.failure).toMatchObject({ cause: 'not everywhere', at: [{ line: 3 }] });
  });

  it('a loop ends the run, and what comes after it is not run', async () => {
    const results = await judge(host, 'loops', 'for (;;);');
    expect(results.map((r) => [r.checkId, r.status, r.failure?.cause])).toEqual([
      ['KA2-1', 'fail', 'hung'],
      ['KA2-4', 'skipped', undefined],
    ]);
  });
});
