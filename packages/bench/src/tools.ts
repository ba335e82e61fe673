import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { availableParallelism } from 'node:os';
import { delimiter, join } from 'node:path';

/** The full path of a program on PATH (Debian keeps nghttpd in /usr/sbin, which is not on everybody's), or null. */
export function whereIs(program: string): string | null {
  for (const folder of [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin']) {
    if (!folder) continue;
    try {
      accessSync(join(folder, program), constants.X_OK);
      return join(folder, program);
    } catch {
      // Not here: look on.
    }
  }
  return null;
}

/** Version as the program prints it, shortened to name and number; null when it is not installed. */
export function versionOf(program: string): string | null {
  const path = whereIs(program);
  if (!path) return null;
  const { stdout } = spawnSync(path, ['--version'], { encoding: 'utf8' });
  const number = /\d+\.\d+(\.\d+)?/.exec(stdout ?? '')?.[0];
  return number ? `${program} ${number}` : program;
}

const taskset = whereIs('taskset');

/** True when contestants can be kept on a core: taskset is there, and there is more than one core to choose from. */
export const canPin: boolean = taskset !== null && availableParallelism() > 1;

/** The core for servers and codecs, and the core for the load. */
export const CORES = { contestant: 1, load: 0 } as const;

/** The command that runs a program on one core; unchanged where the system cannot pin. */
export function onCore(core: number, program: string, args: readonly string[]): [string, string[]] {
  if (!canPin || taskset === null) return [program, [...args]];
  return [taskset, ['-c', String(core), program, ...args]];
}
