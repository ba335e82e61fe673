/** A learner process from the parent's side: start, talk, watch, kill. It is used for one save and never again. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { platform } from 'node:os';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import type { ChildCommand, ChildMessage } from './child.ts';
import { Inspector } from './inspect.ts';
import { learnerScript } from './script.ts';

/** Where V8 gives up. The watchdog is there long before. */
const HEAP_MB = 1536;

export type Exit = { readonly code: number | null; readonly signal: string | null; readonly stderr: string };

export class LearnerProcess {
  readonly exited: Promise<Exit>;
  /** Real time of the last sign of life. */
  lastBeat: number = performance.now();
  rss = 0;
  inspector = '';
  #child: ChildProcess;
  #listener: ((message: ChildMessage) => void) | null = null;
  #early: ChildMessage[] = [];
  #stderr = '';
  #inspector: Promise<Inspector> | null = null;

  /** @param entry - the file that runs there, below `src` */
  constructor(entry: string = 'hosts/node/child.ts') {
    const flags = [`--max-old-space-size=${HEAP_MB}`, '--no-warnings', '--input-type=module'];
    // Before there is a process: one that never gets its script would wait for it, and hold this one, for ever.
    const script = learnerScript(entry);
    this.#child = spawn(process.execPath, [...flags, '-'], {
      stdio: ['pipe', 'pipe', 'pipe', 'pipe', 'ipc'],
      serialization: 'advanced',
      // Its own process group, so that whatever it starts dies with it.
      detached: platform() !== 'win32',
      windowsHide: true,
      env: { ...process.env, NODE_OPTIONS: '', NODE_V8_COVERAGE: '' },
    });
    // It may be gone before it has read its program; `exited` tells.
    this.#child.stdin?.on('error', () => {}).end(script);
    // Printing is caught inside; what still comes here (V8's last words) is kept at its end only.
    this.#child.stdout?.resume();
    this.#child.stderr?.on('data', (data: Buffer) => {
      this.#stderr = (this.#stderr + data.toString('latin1')).slice(-4000);
    });
    const answers = this.#child.stdio[3] as Readable;
    createInterface({ input: answers }).on('line', (line) => this.#receive(line));
    const ended = new Promise<void>((resolve) => answers.once('close', () => resolve()));
    this.exited = new Promise((resolve) => {
      const over = (code: number | null, signal: string | null): void => {
        // Its last lines may still be on their way.
        ended.then(() => resolve({ code, signal, stderr: this.#stderr }));
      };
      this.#child.once('exit', over);
      this.#child.once('error', () => over(null, null));
    });
    this.hold(false);
  }

  /** Whether the parent stays alive for this process. A spare one must not hold it. */
  hold(on: boolean): void {
    const { stdout, stderr, stdio, channel } = this.#child;
    for (const it of [this.#child, stdout, stderr, stdio[3], channel] as ({ ref?(): void; unref?(): void } | null)[]) {
      if (on) it?.ref?.();
      else it?.unref?.();
    }
  }

  get pid(): number {
    return this.#child.pid ?? -1;
  }

  /** Messages from now on, and those that came before anybody listened. */
  listen(listener: (message: ChildMessage) => void): void {
    this.#listener = listener;
    for (const message of this.#early.splice(0)) listener(message);
  }

  send(command: ChildCommand | Record<string, unknown>): void {
    this.lastBeat = performance.now();
    if (this.#child.connected) this.#child.send(command, () => {});
  }

  /** Resident memory in bytes, also while the process does not answer; null where the system does not tell. */
  memory(): number {
    if (platform() !== 'linux') return this.rss;
    try {
      return Number(readFileSync(`/proc/${this.pid}/statm`, 'latin1').split(' ')[1]) * 4096;
    } catch {
      return this.rss;
    }
  }

  /** A debugger on this process. Rejects when it does not answer. */
  look(): Promise<Inspector> {
    // It tells its address when it is up; an attempt before that must not stand for all later ones.
    if (this.inspector === '') return Promise.reject(new Error('The process is not up yet'));
    this.#inspector ??= Inspector.connect(this.inspector).then(async (inspector) => {
      await inspector.enable();
      return inspector;
    });
    return this.#inspector;
  }

  /** Processor time in milliseconds, as the system counts it; null where it does not tell. */
  cpu(): number | null {
    const fields = this.#stat();
    // utime and stime, in ticks of 10 ms.
    return fields === null ? null : (Number(fields[11]) + Number(fields[12])) * 10;
  }

  /** Whether its main thread sleeps: it then wants no processor, however busy the machine. False where no system tells. */
  asleep(): boolean {
    return this.#stat()?.[0] === 'S';
  }

  #stat(): string[] | null {
    if (platform() !== 'linux') return null;
    try {
      const stat = readFileSync(`/proc/${this.pid}/stat`, 'latin1');
      return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    } catch {
      return null;
    }
  }

  /** The process and everything it started. Safe to call twice. */
  kill(): void {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null || this.#child.pid === undefined) return;
    try {
      if (platform() === 'win32')
        spawn('taskkill', ['/pid', String(this.#child.pid), '/T', '/F'], {
          stdio: 'ignore',
          windowsHide: true,
        }).unref();
      else process.kill(-this.#child.pid, 'SIGKILL');
    } catch {
      this.#child.kill('SIGKILL');
    }
  }

  #receive(line: string): void {
    this.lastBeat = performance.now();
    let message: ChildMessage;
    try {
      message = JSON.parse(line);
    } catch {
      return; // Not ours: learner code found file descriptor 3.
    }
    if (message.say === 'beat') this.rss = message.rss;
    if (message.say === 'ready') this.inspector = message.inspector;
    if (this.#listener === null) this.#early.push(message);
    else this.#listener(message);
  }
}
