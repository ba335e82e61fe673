import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';

const KB = 1000;
const root = join(import.meta.dirname, '..');

/** Scripts that carry more than a page. */
const LIMITS: Readonly<Record<string, number>> = {
  // The report's worker reads three formats and holds ten rules.
  'analyse-worker.js': 45 * KB,
  // Our own client: the core for HTTP/1.1 is 18 KB of it.
  'pipelining.js': 38 * KB,
  'boundaries.js': 38 * KB,
  'any-pipe.js': 38 * KB,
  // The core for HTTP/2 is 24 KB of it.
  'multiplexing.js': 45 * KB,
  'frames-pipe.js': 46 * KB,
  // The cores for HTTP/2 and HTTP/3, fetched when the hole is moved; the page's own script stays below 30 KB.
  'head-of-line-model.js': 45 * KB,
};

it('what is deployed, and the script of each page, stay within their limits when compressed', {
  timeout: 60_000,
}, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'interleave-edge-'));
  try {
    // What `npm run deploy -- --dry-run` runs.
    const deploy = join(root, '../../scripts/commands/deploy.ts');
    await promisify(execFile)(process.execPath, [deploy, '--dry-run', '--outdir', folder], {
      cwd: tmpdir(),
      env: { ...process.env, WRANGLER_SEND_METRICS: 'false', CI: 'true' },
    });
    // The cores for HTTP/1.1, HTTP/2 and HTTP/3 are a third of it: they answer inside the pipe, and run the experiments for `curl` and
    // for the first sight of a page. Hono is a twelfth, style a twelfth; the rest is what the pages say and draw.
    expect(gzipSync(await readFile(join(folder, 'index.js'))).length).toBeLessThan(175 * KB);
    const scripts = join(root, '.wrangler/scripts');
    const names = await readdir(scripts);
    expect(names).toEqual(
      expect.arrayContaining([
        'analyse-worker.js',
        'analyse.js',
        'home.js',
        'keep-alive.js',
        'multiplexing.js',
        'page.js',
        'pipelining.js',
        'resume.js',
        'tiles.js',
      ]),
    );
    for (const name of names) {
      const limit = LIMITS[name] ?? 30 * KB;
      expect(gzipSync(await readFile(join(scripts, name))).length, name).toBeLessThan(limit);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
