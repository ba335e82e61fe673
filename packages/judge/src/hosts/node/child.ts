/** The raw judge's process: takes one command, judges, and is gone. */

import type { Exercise } from '../../exercise.ts';
import { RawJudge } from '../../raw/judge.ts';
import { placeAt } from '../../raw/place.ts';
import { prepareRealm } from '../../raw/realm.ts';
import type { Cause, CheckResult } from '../../result.ts';
import { type Program, sourcesOf } from '../program.ts';
import { forbidExit, real, tell as tellParent } from './inside.ts';
import { warmUpJudge } from './rehearsal.ts';
import { announce, host, letGo, offer, setProgram, vitals } from './runtime.ts';

export type ChildCommand = {
  readonly exercise: Exercise;
  readonly only: readonly string[] | null;
  readonly program: Program;
};
export type ChildMessage =
  | { readonly say: 'ready'; readonly inspector: string }
  | { readonly say: 'began'; readonly check: string }
  | { readonly say: 'ended'; readonly result: CheckResult }
  | { readonly say: 'beat'; readonly rss: number }
  | { readonly say: 'done' };

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

const command = new Promise<ChildCommand>((resolve) =>
  process.once('message', (message) => resolve(message as ChildCommand)),
);
announce();
// Runs the judge once on code of our own, so that the engine has compiled it before the learner waits.
await warmUpJudge(clock, setProgram);
const { exercise, only, program: given } = await command;
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
tell({ say: 'done' });
real.exit(0);
