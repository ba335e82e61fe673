// Starting other programs, the same way on Linux, macOS and Windows: never through a shell where it can be helped.
import { spawn } from 'node:child_process';
import { createWriteStream, existsSync, mkdirSync, realpathSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, dirname, join } from 'node:path';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGBREAK'].filter((name) => name in constants.signals);

/**
 * Runs a program in our place: our streams, our signals, its exit code.
 *
 * @returns {Promise<number>} the exit code
 */
export function handOver(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: 'inherit', ...options });
    // On a terminal Ctrl-C reaches the whole group by itself: passing it on would make it two.
    const passOn = (signal) => {
      const fromTerminal = signal === 'SIGINT' && process.stdin.isTTY === true;
      if (!fromTerminal) child.kill(signal);
    };
    for (const signal of SIGNALS) process.on(signal, passOn);
    const unwatch = whenOrphaned(() => child.kill('SIGTERM'));
    const settle = () => {
      unwatch();
      for (const signal of SIGNALS) process.off(signal, passOn);
    };
    child.once('error', (error) => {
      settle();
      reject(error);
    });
    child.once('exit', (code, signal) => {
      settle();
      resolve(signal === null ? (code ?? 1) : 128 + (constants.signals[signal] ?? 1));
    });
  });
}

/**
 * npm starts us through a shell that keeps a signal to itself and dies of it: what we see is that our parent is gone.
 * Only under npm: who starts the script by hand and leaves the shell may mean it to go on.
 *
 * @returns {() => void} ends the watch
 */
export function whenOrphaned(act) {
  if (process.platform === 'win32' || process.env.npm_lifecycle_event === undefined) return () => {};
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    act();
  }, 500);
  watch.unref();
  return () => clearInterval(watch);
}

/**
 * Runs a program to its end, with its words in a log.
 *
 * @param {{ command: string, args: string[], log: string, onLine?: (line: string, stream: 'stdout' | 'stderr') => void,
 *   quietMs?: number, env?: NodeJS.ProcessEnv, cwd?: string, extraPipe?: boolean, detached?: boolean }} options
 *   `quietMs`: after this long without a word it is ended. `extraPipe`: a third stream, whose lines are told like the others.
 * @returns {Promise<{ code: number, silent: boolean, tail: string[] }>}
 */
export function runLogged({ command, args, log, onLine, quietMs, env, cwd, extraPipe = false, detached = false }) {
  mkdirSync(dirname(log), { recursive: true });
  const file = createWriteStream(log, { flags: 'a' });
  file.on('error', () => {});
  file.write(`\n$ ${[command, ...args].join(' ')}\n`);
  return new Promise((resolve) => {
    /** @type {import('node:child_process').StdioOptions} */
    const stdio = extraPipe ? ['ignore', 'pipe', 'pipe', 'pipe'] : ['ignore', 'pipe', 'pipe'];
    const child = spawn(command, args, { stdio, env, cwd, detached, windowsHide: true });
    const tail = [];
    let silent = false;
    let timer;
    const stir = () => {
      clearTimeout(timer);
      if (quietMs === undefined) return;
      timer = setTimeout(() => {
        silent = true;
        child.kill('SIGTERM');
        setTimeout(() => child.kill('SIGKILL'), 5_000).unref();
      }, quietMs);
    };
    stir();
    const follow = (stream, name) => {
      let rest = '';
      stream.setEncoding('utf8');
      stream.on('data', (text) => {
        stir();
        file.write(text);
        const lines = (rest + text).split(/\r\n|[\r\n]/);
        rest = lines.pop();
        for (const line of lines) {
          if (line.trim() === '') continue;
          tail.push(line);
          if (tail.length > 20) tail.shift();
          onLine?.(line, name);
        }
      });
    };
    follow(child.stdout, 'stdout');
    follow(child.stderr, 'stderr');
    if (extraPipe) follow(child.stdio[3], 'stdout');
    const end = (code, last) => {
      clearTimeout(timer);
      if (last !== undefined) tail.push(last);
      file.end(() => resolve({ code, silent, tail }));
    };
    child.once('error', (error) => end(127, error.message));
    child.once('close', (code, signal) => end(code ?? 1, signal === null ? undefined : `ended by ${signal}`));
    // Ctrl-C reaches children on a terminal; a signal to us alone would leave them at work.
    if (!detached) {
      const stop = () => child.kill('SIGTERM');
      process.once('exit', stop);
      child.once('close', () => process.off('exit', stop));
    }
  });
}

/** Node and npm's own script: `npm.cmd` cannot be started without a shell on Windows. */
export function npmCommand() {
  const here = dirname(realpathSync(process.execPath));
  const candidates = [
    // Set by `npm start`; by pnpm and yarn as well, with their own paths in it.
    /[\\/]npm-cli\.[cm]?js$/.test(process.env.npm_execpath ?? '') ? process.env.npm_execpath : null,
    join(here, 'node_modules/npm/bin/npm-cli.js'),
    join(here, '../lib/node_modules/npm/bin/npm-cli.js'),
    '/usr/share/nodejs/npm/bin/npm-cli.js',
    ...onPath('npm').flatMap((path) => [realpathSync(path), join(dirname(path), 'node_modules/npm/bin/npm-cli.js')]),
  ];
  const script = candidates.find((path) => path && /npm-cli\.[cm]?js$/.test(path) && existsSync(path));
  return script === undefined ? null : { command: process.execPath, args: [script] };
}

/** Every file of this name in the folders of PATH. */
export function onPath(name, env = process.env) {
  const folders = (env.PATH ?? env.Path ?? '').split(delimiter).filter(Boolean);
  return folders.map((folder) => join(folder, name)).filter((path) => existsSync(path));
}
