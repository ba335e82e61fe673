import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { root } from './files.ts';

const run = promisify(execFile);
/** The package's own binary: its launcher would keep a signal to itself. */
const deno = join(root, 'node_modules/deno', process.platform === 'win32' ? 'deno.exe' : 'deno');

interface Manifest {
  readonly exports: Readonly<Record<string, string>>;
  readonly version: string;
}

/** What engineers import, wherever they run it. */
describe.each(['wire', 'transport', 'trace'])('%s', (name) => {
  const folder = join(root, 'packages', name);
  const { exports, version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;

  it('type-checks under Deno as it is, every entry', { timeout: 120_000 }, async () => {
    const files = Object.values(exports).map((path) => join(folder, path));
    await run(deno, ['check', '--quiet', ...files], { cwd: root, env: { ...process.env, NO_COLOR: '1' } });
  });

  it('says the same to JSR as to npm', () => {
    const file = join(folder, 'jsr.json');
    if (existsSync(file)) expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ exports, version });
  });
});
