/**
 * `npm run gate [-- KA2 …] [--golden]`: what an exercise must keep, for these exercises alone. `--golden` writes the texts
 * that learners will see instead of comparing them.
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { root } from '../architecture/files.ts';
import { takenIn } from '../new-exercise/taken.ts';

const args = process.argv.slice(2);
const ids = args.filter((word) => !word.startsWith('-')).map((id) => id.toUpperCase());
const unknown = args.find((word) => word.startsWith('-') && word !== '--golden');
const known = [...(await takenIn(root)).ids.keys()];
// Without this, a wrong id would choose no test, and no test fails.
const strange = ids.find((id) => !known.includes(id));
if (unknown !== undefined || strange !== undefined) {
  console.error(`  ${unknown ?? strange} is neither an exercise nor --golden. There are ${known.join(', ')}.`);
  process.exit(1);
}

// A test's full name begins with its exercise's id.
const names = ids.length === 0 ? [] : ['-t', `^(?:${ids.join('|')}) `];
spawn(process.execPath, [join(root, 'node_modules/vitest/vitest.mjs'), 'run', ...names], {
  cwd: join(root, 'workshops'),
  // Whoever works on an exercise wants to know all that its submissions meet.
  env: { ...process.env, GATE: 'whole', ...(args.includes('--golden') ? { GOLDEN: 'write' } : {}) },
  stdio: 'inherit',
}).once('exit', (code) => {
  process.exitCode = code ?? 1;
});
