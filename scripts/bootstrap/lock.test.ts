import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, expect, it } from 'vitest';
import { lockOwner, tryLock } from './lock.mjs';

const folder = mkdtempSync(join(tmpdir(), 'interleave-lock-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let count = 0;
const fresh = (): string => join(folder, `lock-${count++}`);

it('is had by one at a time, and by the next after that', () => {
  const path = fresh();
  const held = tryLock(path);
  expect(held).not.toBeNull();
  expect(lockOwner(path)).toBe(process.pid);
  expect(tryLock(path)).toBeNull();
  held?.release();
  expect(existsSync(path)).toBe(false);
  tryLock(path)?.release();
});

it('is taken over from a process that is gone', async () => {
  const path = fresh();
  const gone = spawn(process.execPath, ['-e', '']);
  await new Promise((resolve) => gone.once('exit', resolve));
  writeFileSync(path, `${gone.pid}\n`);
  const held = tryLock(path);
  expect(readFileSync(path, 'utf8')).toBe(`${process.pid}\n`);
  held?.release();
});

it('is taken over from one that has not touched it for long, though its process id lives on', () => {
  const path = fresh();
  writeFileSync(path, `${process.ppid}\n`);
  expect(tryLock(path)).toBeNull();
  const longAgo = new Date(Date.now() - 3_600_000);
  utimesSync(path, longAgo, longAgo);
  const held = tryLock(path);
  expect(held).not.toBeNull();
  held?.release();
});

it('is let go when its process ends, whatever way it ends', async () => {
  const path = fresh();
  const module = JSON.stringify(pathToFileURL(join(import.meta.dirname, 'lock.mjs')).href);
  const script = `import { tryLock } from ${module}; tryLock(${JSON.stringify(path)}); console.log('held'); process.exit(3);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script]);
  const code = await new Promise((resolve) => child.once('exit', resolve));
  expect(code).toBe(3);
  expect(lockOwner(path)).toBeNull();
});

it('is had by exactly one of many that find a stale one at once', async () => {
  const path = fresh();
  writeFileSync(path, '999999999\n');
  const module = JSON.stringify(pathToFileURL(join(import.meta.dirname, 'lock.mjs')).href);
  const script = `import { tryLock } from ${module};
    const held = tryLock(${JSON.stringify(path)});
    process.stdout.write(held === null ? 'no' : 'yes');
    setTimeout(() => {}, 1500);`;
  const words = await Promise.all(
    Array.from({ length: 4 }, () => {
      const child = spawn(process.execPath, ['--input-type=module', '-e', script]);
      let text = '';
      child.stdout.on('data', (chunk) => {
        text += chunk;
      });
      return new Promise<string>((resolve) => child.once('close', () => resolve(text)));
    }),
  );
  expect(words.filter((word) => word === 'yes')).toHaveLength(1);
});
