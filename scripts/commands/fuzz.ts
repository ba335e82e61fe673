/**
 * `npm run fuzz [factor] [words]`: every property test with its number of cases times `factor` (100 without one), on Node.
 * A failing case prints its seed and path: with them, fast-check runs that case alone.
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { filesBelow, root } from '../architecture/files.ts';

const args = process.argv.slice(2);
const factor = args.find((word) => /^\d+$/.test(word)) ?? '100';
const words = args.filter((word) => !/^\d+$/.test(word));

const properties = ['packages', 'apps']
  .flatMap((folder) => filesBelow(folder, (path) => path.endsWith('.test.ts')))
  .filter(({ text }) => text.includes("from 'fast-check'"))
  .map(({ path }) => path)
  .filter((path) => words.length === 0 || words.some((word) => path.includes(word)));
const packages = [...new Set(properties.map((path) => path.split('/').slice(0, 2).join('/')))];
if (packages.length === 0) {
  console.error(`  No property test has ${words.join(' or ')} in its path.`);
  process.exit(1);
}

let failed = 0;
for (const folder of packages) {
  const files = properties.filter((path) => path.startsWith(`${folder}/`));
  console.log(`\n  ${folder}: ${files.length} files of properties, ${factor} times as many cases\n`);
  const since = performance.now();
  const code = await vitest(folder, files);
  if (code !== 0) failed++;
  console.log(
    `  ${folder}: ${code === 0 ? 'held' : 'FAILED'} after ${((performance.now() - since) / 1000).toFixed(0)} s`,
  );
}
process.exitCode = failed === 0 ? 0 : 1;

function vitest(folder: string, files: readonly string[]): Promise<number> {
  const names = files.map((path) => path.slice(folder.length + 1));
  const script = join(root, 'node_modules/vitest/vitest.mjs');
  return new Promise((resolve, reject) => {
    spawn(process.execPath, [script, 'run', ...names], {
      cwd: join(root, folder),
      env: { ...process.env, FUZZ: factor },
      stdio: 'inherit',
    })
      .once('error', reject)
      .once('exit', (code) => resolve(code ?? 1));
  });
}
