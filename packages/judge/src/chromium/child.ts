/** The process that carries the learner's server for one browser check: time is real, and the port is the engine's. */
import { open, url } from 'node:inspector';
import type { Check, Exercise } from '../exercise.ts';
import { dieWithParent, forbidExit, learnerModules, real, tell } from '../hosts/node/inside.ts';
import { type Program, sourcesOf } from '../hosts/program.ts';
import { engineFailure, failureOfError } from '../raw/engine.ts';
import type { RawHost } from '../raw/host.ts';
import { failedResult } from '../raw/judge.ts';
import { placeAt, placeIn, type Sources } from '../raw/place.ts';
import { hideStatics, prepareConsole } from '../raw/realm.ts';
import type { Cause, Failure } from '../result.ts';
import { type Serve, type TcpReport, TcpScene } from './tcp-scene.ts';

export type TcpCommand =
  | { readonly do: 'serve'; readonly exercise: Exercise; readonly check: string; readonly program: Program }
  | { readonly do: 'report'; readonly id: number };
export type TcpMessage =
  | { readonly say: 'ready'; readonly inspector: string }
  | { readonly say: 'beat'; readonly rss: number }
  | { readonly say: 'listening'; readonly port: number }
  | { readonly say: 'failed'; readonly failure: Failure }
  | { readonly say: 'report'; readonly id: number; readonly report: TcpReport };

const modules = learnerModules();
let scene: TcpScene | null = null;
let task: { exercise: Exercise; check: Check } | null = null;
let sources: Sources = new Map();

const host: RawHost = {
  name: 'node',
  load: modules.load,
  turn: () => new Promise((resolve) => real.setImmediate(resolve)),
  rest: (ms) => new Promise((resolve) => real.setTimeout(resolve, ms)),
  realNow: real.now,
};

function say(message: TcpMessage): void {
  tell(message);
}

hideStatics();
prepareConsole((text) => scene?.world.say(text));
process.on('uncaughtException', (error) =>
  scene?.world.blame(failureOfError(error, 'Your code threw', 'crashed', sources)),
);
process.on('unhandledRejection', (reason) =>
  scene?.world.blame(
    failureOfError(reason, 'A promise failed and nobody was waiting for it', 'unhandled rejection', sources),
  ),
);
forbidExit((what, trace) => {
  const place = placeIn(trace.stack, sources, `calls ${what}`);
  scene?.world.blame(engineFailure('ended the process', `Your code calls ${what}.`, [place]));
});

let turns = 0;
real.setInterval(() => {
  turns++;
  say({ say: 'beat', rss: process.memoryUsage.rss() });
}, 50);

// What the watchdog asks while this process stands still.
const handle = {
  vitals: () => JSON.stringify({ cpu: process.cpuUsage(), rss: process.memoryUsage.rss(), turns }),
  interrupted(cause: Cause, headline: string, path: string | null, line: number, column: number): string {
    const place =
      path === null ? null : placeAt(path, line, column, sources, cause === 'hung' ? 'is still running' : 'is running');
    if (task === null) return 'null';
    return JSON.stringify(failedResult(task.exercise, task.check, engineFailure(cause, headline, [place])));
  },
};
Object.defineProperty(globalThis, Symbol.for('interleave.judge'), { value: handle });

async function serve(command: Extract<TcpCommand, { do: 'serve' }>): Promise<void> {
  const { exercise, program } = command;
  const check = exercise.checks.find((c) => c.id === command.check);
  if (check === undefined) throw new Error(`${exercise.id} has no check ${command.check}`);
  task = { exercise, check };
  modules.use(program);
  sources = sourcesOf(program);
  const { file, export: name } = check.scene;
  let loaded: Record<string, unknown>;
  try {
    loaded = await host.load(check.id, file);
  } catch (error) {
    say({ say: 'failed', failure: failureOfError(error, `${file} does not load`, 'does not load', sources) });
    return;
  }
  const found = loaded[name];
  if (typeof found !== 'function') {
    say({ say: 'failed', failure: engineFailure('missing export', `${file} does not export ${name}.`, []) });
    return;
  }
  scene = new TcpScene(check, found as Serve, sources, host);
  say({ say: 'listening', port: await scene.listen() });
}

process.on('message', (command: TcpCommand) => {
  if (command.do === 'report' && scene !== null) say({ say: 'report', id: command.id, report: scene.report() });
  if (command.do === 'serve') {
    serve(command).catch((error: unknown) => {
      const text = error instanceof Error ? error.message : String(error);
      say({ say: 'failed', failure: engineFailure('engine', `The judge could not start your server: ${text}`, []) });
    });
  }
});

dieWithParent();
open(0, '127.0.0.1');
say({ say: 'ready', inspector: url() ?? '' });
