/** Judges in Deno: the package's own binary, without network, and with only the learner's copies to read. */
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { platform, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Exercise } from '../../exercise.ts';
import { rawChecks } from '../../raw/judge.ts';
import type { CheckResult } from '../../result.ts';
import { bundled } from '../bundle.ts';
import { Protocol, readLines } from '../lines.ts';
import type { Program } from '../program.ts';
import { settleRest } from '../rest.ts';
import type { DenoTask } from './child.ts';

/** The judge itself, beside the learner's copies. */
const SCRIPT = 'judge.js';

export class DenoHost {
  #running = new Set<() => void>();

  close(): void {
    for (const kill of this.#running) kill();
  }

  /** One result for each raw check that was asked for. Rejects when there is no Deno, or `signal` is aborted. */
  async judge(
    exercise: Exercise,
    program: Program,
    options: { only?: readonly string[] | undefined; signal?: AbortSignal | undefined } = {},
  ): Promise<CheckResult[]> {
    const { only, signal } = options;
    signal?.throwIfAborted();
    const checks = rawChecks(exercise, only);
    const folder = await realpath(await mkdtemp(join(tmpdir(), 'interleave-deno-')));
    try {
      for (const check of checks) {
        for (const [path, file] of Object.entries(program.files)) {
          const target = join(folder, `learner~${check.id}`, path);
          await mkdir(dirname(target), { recursive: true });
          await writeFile(target, file.js);
        }
      }
      await writeFile(join(folder, SCRIPT), await bundled('deno/child.ts'));
      const task: DenoTask = {
        host: 'deno',
        exercise,
        only: only ?? null,
        sources: Object.entries(program.files).map(([path, { lines, prelude }]) => [path, { lines, prelude }]),
        base: `${pathToFileURL(folder).href}/`,
      };
      const { results, current, stderr } = await this.#run(task, folder, signal);
      signal?.throwIfAborted();
      return settleRest(exercise, checks, results, current, stderr);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  #run(
    task: DenoTask,
    folder: string,
    signal: AbortSignal | undefined,
  ): Promise<{ results: CheckResult[]; current: string | null; stderr: string }> {
    const flags = [
      'run',
      '--quiet',
      '--no-prompt',
      '--no-config',
      '--no-remote',
      '--no-npm',
      '--no-check',
      '--node-modules-dir=none',
    ];
    const child = spawn(
      denoBinary(),
      [...flags, '--v8-flags=--max-old-space-size=512', `--allow-read=${folder}`, join(folder, SCRIPT)],
      {
        stdio: ['pipe', 'pipe', 'pipe'],
        detached: platform() !== 'win32',
        windowsHide: true,
        env: { ...process.env, DENO_NO_UPDATE_CHECK: '1', NO_COLOR: '1' },
      },
    );
    return new Promise((resolve, reject) => {
      const protocol = new Protocol();
      let stderr = '';
      const kill = (): void => {
        child.kill('SIGKILL');
      };
      this.#running.add(kill);
      signal?.addEventListener('abort', kill, { once: true });
      // Its end, or its silence, ends the run.
      readLines(child.stdout, protocol, signal).then(kill, reject);
      child.stderr.on('data', (data: Buffer) => {
        stderr = (stderr + data.toString('utf8')).slice(-4000);
      });
      child.once('error', reject);
      child.once('close', () => {
        signal?.removeEventListener('abort', kill);
        this.#running.delete(kill);
        resolve({ results: protocol.results, current: protocol.current, stderr });
      });
      // It may be gone before it has read everything; `close` tells.
      child.stdin.on('error', () => {});
      child.stdin.end(JSON.stringify(task));
    });
  }
}

/** The binary itself: the `deno` on the path is a wrapper, and killing a wrapper leaves the program behind. */
function denoBinary(): string {
  const manifest = createRequire(import.meta.url).resolve('deno/package.json');
  return join(dirname(manifest), platform() === 'win32' ? 'deno.exe' : 'deno');
}
