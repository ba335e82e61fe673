/** Servers that others wrote know nothing of the checks. They are right, so they pass. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const exercise = pathToFileURL(
  join(import.meta.dirname, '../../../../workshops/1-keep-alive/2-one-connection/exercise.ts'),
).href;

describe('KA2 judges a server from elsewhere', () => {
  it.each(['node-http', 'transport'])('%s passes', async (name) => {
    const script = join(import.meta.dirname, 'peers', `${name}.ts`);
    const { stdout } = await promisify(execFile)(process.execPath, ['--no-warnings', script, exercise]);
    const results: { checkId: string; status: string; headline: string | null }[] = JSON.parse(stdout);
    expect(results.map((r) => `${r.checkId} ${r.status} ${r.headline ?? ''}`.trim())).toEqual(
      [1, 2, 3, 4, 5, 6].map((n) => `KA2-${n} pass`),
    );
  });
});
