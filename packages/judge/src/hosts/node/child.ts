/** The raw judge's process: takes a command, judges, and is gone, unless whoever asked wants it again. */

import type { Exercise } from '../../exercise.ts';
import { RawJudge } from '../../raw/judge.ts';
import { placeAt } from '../../raw/place.ts';
import { prepareRealm } from '../../raw/realm.ts';
import type { Cause, CheckResult } from '../../result.ts';
import { type Program, sourcesOf } from '../program.ts';
import { forbidExit, real, tell as tellParent } from './inside.ts';
import { warmUpJudge } from './rehearsal.ts';
import { announce, hold, host, isExact, letGo, offer, setProgram, vitals } from './runtime.ts';

export type ChildCommand = {
  readonly exercise: Exercise;
  readonly only: readonly string[] | null;
  readonly program: Program;
  /** Stay for another command. */
  readonly again: boolean;
};
export type ChildMessage =
  | { readonly say: 'ready'; readonly inspector: string }
  | { readonly say: 'began'; readonly check: string }
  | { readonly say: 'ended'; readonly result: CheckResult }
  | { readonly say: 'beat'; readonly rss: number }
  /** `again`: it stays, and nothing of this run is in the way of the next. */
  | { readonly say: 'done'; readonly again: boolean };

/** A process that has grown to this is not asked again: its memory would count against the next. */
const GROWN = 160 * 1024 * 1024;

const tell = (message: ChildMessage): void => tellParent(message);

let judge: RawJudge | null = null;
let program: Program = { files: {} };
const { clock } = prepareRealm({ threw: (error) => judge?.stray(error, 'threw'), said: (text) => judge?.say(text) });
process.on('uncaughtException', (error) => judge?.stray(error, 'threw'));
process.on('unhandledRejection', (reason) => judge?.stray(reason, 'rejected'));
forbidExit((what, trace) => judge?.triedToExit(what, trace));
offer({
  vitals,
  interrupted(cause: Cause, headline: string, path: string | null, line: number, column: number): string {
    const place =
      path === null
        ? null
        : placeAt(path, line, column, sourcesOf(program), cause === 'hung' ? 'is still running' : 'is running');
    return JSON.stringify(judge?.interrupted(cause, headline, place) ?? null);
  },
});

const commands: ChildCommand[] = [];
let awaited: ((command: ChildCommand) => void) | null = null;
process.on('message', (message) => {
  if (awaited === null) commands.push(message as ChildCommand);
  else awaited(message as ChildCommand);
  awaited = null;
});
const nextCommand = async (): Promise<ChildCommand> =>
  commands.shift() ?? new Promise<ChildCommand>((resolve) => (awaited = resolve));

announce();
// Runs the judge once on code of our own, so that the engine has compiled it before the learner waits.
await warmUpJudge(clock, setProgram);
for (let goesOn = true; goesOn; ) {
  const { exercise, only, program: given, again } = await nextCommand();
  program = given;
  setProgram(program);
  judge = new RawJudge({
    exercise,
    only: only ?? undefined,
    host,
    clock,
    sources: sourcesOf(program),
    events: { began: (check) => tell({ say: 'began', check }), ended: (result) => tell({ say: 'ended', result }) },
  });
  letGo();
  await judge.run();
  judge = null;
  hold();
  goesOn = again && isExact() && process.memoryUsage.rss() < GROWN;
  tell({ say: 'done', again: goesOn });
}
real.exit(0);
