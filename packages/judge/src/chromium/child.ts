/** The process that carries the learner's server for one browser check: time is real, and the port is the engine's. */
import type { Check, Exercise, Scene } from '../exercise.ts';
import { forbidExit, tell } from '../hosts/node/inside.ts';
import { announce, host, offer, setProgram, vitals } from '../hosts/node/runtime.ts';
import { type Program, sourcesOf } from '../hosts/program.ts';
import { engineFailure, failureOfError } from '../raw/engine.ts';
import { failedResult } from '../raw/judge.ts';
import { placeAt, placeIn, type Sources } from '../raw/place.ts';
import { hideStatics, prepareConsole } from '../raw/realm.ts';
import type { Cause, Failure } from '../result.ts';
import { rehearse } from './rehearsal.ts';
import { RunningClock } from './running-clock.ts';
import { type Serve, type TcpReport, TcpScene } from './tcp-scene.ts';

export type TcpCommand =
  | {
      readonly do: 'serve';
      readonly exercise: Exercise;
      readonly check: string;
      readonly program: Program;
      /** For a check over TLS: PEM. */
      readonly tls?: { readonly cert: string; readonly key: string };
    }
  | { readonly do: 'report'; readonly id: number }
  | { readonly do: 'release'; readonly name: string }
  | { readonly do: 'signal' }
  | { readonly do: 'cut'; readonly target: string }
  /** Answered with a report of this id. */
  | { readonly do: 'put forward'; readonly id: number; readonly ms: number; readonly request: string };
export type TcpMessage =
  | { readonly say: 'ready'; readonly inspector: string }
  | { readonly say: 'beat'; readonly rss: number }
  /** The engine has had its rehearsal: from now on time is the learner's. */
  | { readonly say: 'warm' }
  | { readonly say: 'listening'; readonly port: number }
  | { readonly say: 'failed'; readonly failure: Failure }
  | { readonly say: 'report'; readonly id: number; readonly report: TcpReport };

let scene: TcpScene | null = null;
let task: { exercise: Exercise; check: Check } | null = null;
let sources: Sources = new Map();

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

// What the watchdog asks while this process stands still.
offer({
  vitals,
  interrupted(cause: Cause, headline: string, path: string | null, line: number, column: number): string {
    const place =
      path === null ? null : placeAt(path, line, column, sources, cause === 'hung' ? 'is still running' : 'is running');
    if (task === null) return 'null';
    return JSON.stringify(failedResult(task.exercise, task.check, engineFailure(cause, headline, [place])));
  },
});

async function serve(command: Extract<TcpCommand, { do: 'serve' }>): Promise<void> {
  const { exercise, program } = command;
  const check = exercise.checks.find((c) => c.id === command.check);
  if (check === undefined) throw new Error(`${exercise.id} has no check ${command.check}`);
  task = { exercise, check };
  setProgram(program);
  sources = sourcesOf(program);
  const { file, export: name } = servedBy(check.scene);
  const clock = check.steps.some((step) => step.do === 'expectEndAfter') ? new RunningClock() : null;
  clock?.install(globalThis, (error) =>
    scene?.world.blame(failureOfError(error, 'Your code threw', 'crashed', sources)),
  );
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
  const other = check.scene.kind === 'http2' ? check.scene.http1 : undefined;
  const http1 = other === undefined ? null : ((await host.load(check.id, other.file))[other.export] as Serve);
  scene = new TcpScene(check, found as Serve, sources, host, clock, command.tls ?? null, http1);
  scene.world.onFault = (failure) => say({ say: 'failed', failure });
  say({ say: 'listening', port: await scene.listen() });
}

/** Behind a client in a page stands a server of the same learner's. */
function servedBy(scene: Scene): { readonly file: string; readonly export: string } {
  return scene.kind === 'client' || scene.kind === 'http2-client' ? (scene.behind ?? scene) : scene;
}

announce();
// The engine is compiled on code of our own, before the learner waits.
const rehearsed = rehearse(host).then(() => say({ say: 'warm' }));

process.on('message', (command: TcpCommand) => {
  if (command.do === 'report' && scene !== null) say({ say: 'report', id: command.id, report: scene.report() });
  if (command.do === 'release') scene?.release(command.name);
  if (command.do === 'signal') scene?.signal();
  if (command.do === 'cut') scene?.cut(command.target);
  if (command.do === 'put forward') {
    const { id, ms, request } = command;
    scene?.putForward(ms, request).then(() => scene !== null && say({ say: 'report', id, report: scene.report() }));
  }
  if (command.do === 'serve') {
    rehearsed
      .then(() => serve(command))
      .catch((error: unknown) => {
        const text = error instanceof Error ? error.message : String(error);
        say({ say: 'failed', failure: engineFailure('engine', `The judge could not start your server: ${text}`, []) });
      });
  }
});
