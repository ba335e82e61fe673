import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Question, Reply } from './contestant.ts';
import { onCore } from './tools.ts';

/** A contestant could not start, failed at what it was asked, or ended. */
export class ContestantError extends Error {
  override readonly name = 'ContestantError';
}

/** The parent's side of a contestant's process. */
export class Child {
  readonly name: string;
  readonly process: ChildProcess;
  readonly #waiting: Map<number, { resolve(answer: unknown): void; reject(error: Error): void }> = new Map();
  #next = 1;

  private constructor(name: string, child: ChildProcess) {
    this.name = name;
    this.process = child;
  }

  /**
   * Starts `module` (a URL beside the caller) in a Node process of its own, on one core where the system can pin, and
   * resolves when it is ready. Rejects with ContestantError when it cannot be.
   */
  static async start(
    name: string,
    module: URL,
    options: { readonly core: number; readonly args?: readonly string[]; readonly flags?: readonly string[] },
  ): Promise<Child> {
    const [command, args] = onCore(options.core, process.execPath, [
      ...(options.flags ?? []),
      fileURLToPath(module),
      ...(options.args ?? []),
    ]);
    const spawned = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
    const child = new Child(name, spawned);
    let complaint = '';
    spawned.stderr?.setEncoding('utf8').on('data', (text: string) => {
      complaint = (complaint + text).slice(-8192);
    });
    await new Promise<void>((resolve, reject) => {
      spawned.once('error', reject);
      spawned.on('message', (message: Reply) => {
        if (message.type === 'ready') resolve();
        else if (message.type === 'answer') child.#settle(message.id)?.resolve(message.answer);
        else {
          const error = new ContestantError(`${name}: ${withoutPaths(message.why)}`);
          if (message.id === null) {
            reject(error);
            child.#fail(error);
          } else child.#settle(message.id)?.reject(error);
        }
      });
      // `close` comes after `exit`, once all that it wrote has been read.
      spawned.once('close', (code, signal) => {
        const why = /^\w*Error.*$/m.exec(complaint)?.[0] ?? `it ended with ${signal ?? `exit code ${code}`}`;
        const error = new ContestantError(`${name}: ${withoutPaths(why)}`);
        reject(error);
        child.#fail(error);
      });
    }).catch(async (error: unknown) => {
      await child.stop();
      throw error;
    });
    return child;
  }

  /** Asks and waits for the answer. Rejects when the contestant fails at it or ends. */
  ask<T>(question: string, about: unknown = null): Promise<T> {
    const id = this.#next++;
    return new Promise<T>((resolve, reject) => {
      this.#waiting.set(id, { resolve: (answer) => resolve(answer as T), reject });
      this.process.send({ id, ask: question, about } satisfies Question);
    });
  }

  async stop(): Promise<void> {
    await stopProcess(this.process);
  }

  #settle(id: number): { resolve(answer: unknown): void; reject(error: Error): void } | undefined {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    return waiting;
  }

  #fail(error: Error): void {
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}

/** Ends a process that this run has started, and waits until it is gone. */
export async function stopProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

/** Seconds of processor time that a process has used so far, or null where the system does not tell (no /proc). */
export function processorSeconds(pid: number | undefined): number | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The second field is the command in parentheses and may hold spaces; utime and stime are fields 14 and 15.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) / 100;
  } catch {
    return null;
  }
}

/** Reports are committed: they name files from the project's root on. */
function withoutPaths(text: string): string {
  const root = fileURLToPath(new URL('../../../', import.meta.url));
  return text.replaceAll(`file://${root}`, '').replaceAll(root, '');
}
