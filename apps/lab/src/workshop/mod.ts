/** The workshop on this machine: one workbench, seen from the terminal and from the pages below `/workshop`. */
import { join } from 'node:path';
import { loadExercises, type OwnCertificate, OwnPage, TerminalWatcher, Workbench } from '@interleave/judge/watch';
import { workshopApp } from './app.ts';
import { Companions } from './companions.ts';
import { References } from './references.ts';

export interface WorkshopOptions {
  /** The project's root folder. */
  readonly root: string;
  /** Where the project keeps what it makes for itself. */
  readonly stateDir: string;
  /** Of the pages: scheme, host and port. */
  readonly origin: string;
  /** False: no Chromium is started; browser checks are skipped and say so. Default true. */
  readonly browser?: boolean;
  /** As `--edit-cmd`. */
  readonly editCommand?: string;
  /** What the learner's own server shows to a browser: the lab's, which may be trusted already. Default: one made for this process. */
  readonly certificate?: OwnCertificate;
}

export interface Workshop {
  /** Answers `/workshop` and what is below it. */
  fetch(request: Request): Response | Promise<Response>;
  /** The exercise to do next and its file below the root, or null when all have passed. */
  next(): Promise<{ id: string; title: string; file: string } | null>;
  /** Goes on where the learner was, and shows each verdict on `output`. Resolves as soon as it runs. */
  start(output: NodeJS.WritableStream): Promise<void>;
  /** Ends the watcher and every process that judging has started. */
  stop(): Promise<void>;
}

/** Nothing is started before it is needed; the exercises are read at the first call. */
export function createWorkshop(options: WorkshopOptions): Workshop {
  let made: Promise<Running> | null = null;
  const running = (): Promise<Running> => {
    made ??= make(options);
    return made;
  };
  let terminal: TerminalWatcher | null = null;
  let watching: Promise<void> = Promise.resolve();
  return {
    fetch: async (request) => (await running()).app.fetch(request),
    async next() {
      const { bench } = await running();
      const exercise = await bench.next();
      const file = exercise?.files.at(-1);
      return exercise === null || file === undefined
        ? null
        : { id: exercise.id, title: exercise.title, file: `work/${file.path}` };
    },
    async start(output) {
      const { bench, own } = await running();
      await bench.judging.warm();
      terminal = new TerminalWatcher(bench, {
        root: options.root,
        output,
        editCommand: options.editCommand,
        own,
        quietStart: true,
      });
      watching = terminal.run().then(
        () => {
          // `q` ends the lab as Ctrl-C does: in order, by whoever handles the signal.
          if (terminal?.wasQuit) process.kill(process.pid, 'SIGINT');
        },
        (error: unknown) => {
          output.write(`The watcher stopped: ${error instanceof Error ? error.message : String(error)}\n`);
        },
      );
    },
    async stop() {
      if (made === null) return;
      terminal?.stop();
      await watching;
      const { bench, references, own } = await made;
      references.close();
      await Promise.all([bench.close(), own.close()]);
    },
  };
}

type Running = {
  readonly bench: Workbench;
  readonly references: References;
  readonly own: OwnPage;
  readonly app: ReturnType<typeof workshopApp>;
};

async function make(options: WorkshopOptions): Promise<Running> {
  const stateDir = workshopFolder(options);
  const exercises = await loadExercises(options.root);
  const bench = new Workbench({
    root: options.root,
    stateDir,
    exercises,
    origin: options.origin,
    chromium: options.browser ?? true,
  });
  const references = new References(bench, options.root, stateDir);
  const own = new OwnPage(options.certificate);
  const companions = new Companions(bench, references);
  return { bench, references, own, app: workshopApp({ bench, references, companions, root: options.root, own }) };
}

/** `.workshop` at the root, where `npm run check` looks too; below the state folder when that was put somewhere else. */
function workshopFolder({ root, stateDir }: WorkshopOptions): string {
  const named = process.env.WORKSHOP_STATE;
  if (named !== undefined && named !== '') return join(root, named);
  return stateDir === join(root, '.interleave') ? join(root, '.workshop') : join(stateDir, 'workshop');
}
