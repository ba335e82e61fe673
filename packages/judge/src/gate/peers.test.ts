/** Servers and clients that others wrote know nothing of the checks. They are right, so they pass. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const exercise = (folder: string): string =>
  pathToFileURL(join(import.meta.dirname, '../../../../workshops', folder, 'exercise.ts')).href;

describe('a program from elsewhere', () => {
  it.each([
    {
      name: 'node-http',
      folder: '1-keep-alive/2-one-connection',
      ids: ['KA2-1', 'KA2-2', 'KA2-3', 'KA2-4', 'KA2-5', 'KA2-6'],
    },
    {
      name: 'transport',
      folder: '1-keep-alive/2-one-connection',
      ids: ['KA2-1', 'KA2-2', 'KA2-3', 'KA2-4', 'KA2-5', 'KA2-6'],
    },
    // Fifty connections at once. How long they may be idle is not set by a contract of ours.
    { name: 'node-http', folder: '1-keep-alive/9-chromium-moves-in', ids: ['KA9-1'] },
    { name: 'transport', folder: '1-keep-alive/9-chromium-moves-in', ids: ['KA9-1'] },
    ...['node-http2', 'transport-http2'].flatMap((name) => [
      {
        name,
        folder: '3-demultiplexing/2-by-stream-id',
        ids: ['MX2-1', 'MX2-2', 'MX2-3', 'MX2-4', 'MX2-5', 'MX2-6', 'MX2-7'],
      },
      {
        name,
        folder: '3-demultiplexing/3-header-blocks',
        ids: ['MX3-1', 'MX3-2', 'MX3-3', 'MX3-4', 'MX3-5', 'MX3-6'],
      },
    ]),
    {
      name: 'node-http2-client',
      folder: '3-demultiplexing/9-match-by-id',
      ids: ['MX9-1', 'MX9-2', 'MX9-3', 'MX9-4', 'MX9-5', 'MX9-6', 'MX9-7'],
    },
  ])('$name passes $ids', async ({ name, folder, ids }) => {
    const script = join(import.meta.dirname, 'peers', `${name}.ts`);
    const args = ['--no-warnings', script, exercise(folder), ids.join(',')];
    const { stdout } = await promisify(execFile)(process.execPath, args);
    const results: { checkId: string; status: string; headline: string | null }[] = JSON.parse(stdout);
    expect(results.map((r) => `${r.checkId} ${r.status} ${r.headline ?? ''}`.trim())).toEqual(
      ids.map((id) => `${id} pass`),
    );
  });
});
