import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { buildWorker, type WorkerBundle } from './build.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lab-build-'));
  await cp(join(import.meta.dirname, '../testing/echo-worker'), join(folder, 'app'), { recursive: true });
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function build(): Promise<WorkerBundle> {
  const app = join(folder, 'app');
  return buildWorker({ config: join(app, 'wrangler.jsonc'), inputs: [app], stateDir: join(folder, 'state') });
}

test('wrangler builds once for each content of the sources', { timeout: 60_000 }, async () => {
  const first = await build();
  expect(first.cached).toBe(false);
  expect(await readFile(first.script, 'utf8')).toContain('the Worker has failed');
  expect(first.options).toMatchObject({
    compatibilityDate: '2026-11-01',
    assets: { directory: join(first.folder, 'assets') },
  });
  expect(await build()).toEqual({ ...first, cached: true });

  const source = join(folder, 'app/index.js');
  const text = await readFile(source, 'utf8');
  await writeFile(source, text.replace('the Worker has failed', 'another text'));
  const second = await build();
  expect(second.cached).toBe(false);
  expect(await readFile(second.script, 'utf8')).toContain('another text');

  await writeFile(source, text);
  expect(await build()).toEqual({ ...first, cached: true });
});

test('a Worker that does not build is told in the words of wrangler, and leaves nothing behind', {
  timeout: 60_000,
}, async () => {
  await writeFile(join(folder, 'app/index.js'), 'export default { fetch( };');
  await expect(build()).rejects.toThrow(/could not be built[\s\S]*index\.js/);
  expect(await readdir(join(folder, 'state/worker'))).toEqual([]);
});
