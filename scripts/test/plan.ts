import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A script of some package.json that `npm test` runs. */
export interface Suite {
  /** Without the scope: `wire`; `root` for the project's own. */
  readonly package: string;
  readonly task: TaskName;
  /** As turbo names it. */
  readonly turbo: string;
  /** What it is, for people: `wire in Deno`. */
  readonly title: string;
}

/** A suite that cannot run on this machine, and why. */
export interface LeftOut {
  readonly suite: Suite;
  readonly why: string;
}

interface Task {
  /** One after the other: what is quick and finds most comes first, what listens to the clock has the machine alone. */
  readonly phase: 0 | 1 | 2;
  readonly title: (name: string) => string;
  readonly needs?: 'chromium' | 'deno';
}

export type TaskName = keyof typeof TASKS;

const TASKS = {
  lint: { phase: 0, title: () => 'style and lint' },
  types: { phase: 0, title: (name) => `types of ${name}` },
  publint: { phase: 0, title: (name) => `${name} as a package` },
  'test:root': { phase: 1, title: () => 'the project itself' },
  test: { phase: 1, title: (name) => `${name} on Node` },
  'test:deno': { phase: 1, title: (name) => `${name} in Deno`, needs: 'deno' },
  'test:workers': { phase: 1, title: (name) => `${name} in workerd` },
  'test:chromium': { phase: 2, title: (name) => `${name} in Chromium`, needs: 'chromium' },
  gate: { phase: 2, title: (name) => `gate of the ${name}`, needs: 'chromium' },
  e2e: { phase: 2, title: (name) => `${name} end to end`, needs: 'chromium' },
} satisfies Record<string, Task>;

const PHASES = [0, 1, 2] as const;

/** Every suite of the project, found by the scripts of its packages. */
export function allSuites(root: string): Suite[] {
  const below = (folder: string): string[] => readdirSync(join(root, folder)).map((name) => `${folder}/${name}`);
  const folders = ['.', ...below('apps'), ...below('packages'), 'workshops'].filter((folder) =>
    existsSync(join(root, folder, 'package.json')),
  );
  return folders.flatMap((folder) => {
    const manifest = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
    const name = folder === '.' ? 'root' : String(manifest.name).replace('@interleave/', '');
    return (
      (Object.keys(TASKS) as TaskName[])
        // What goes through the bootstrap is a command for people; `test` is the one that asks for this plan.
        .filter((task) => /^(?!node scripts\/bootstrap)./.test(manifest.scripts?.[task] ?? ''))
        .map((task) => ({
          package: name,
          task,
          turbo: folder === '.' ? `//#${task}` : `${manifest.name}#${task}`,
          title: TASKS[task].title(folder === '.' ? 'the scripts' : name),
        }))
    );
  });
}

/** Suites whose package, task or title contains one of the words; all without words. */
export function chosen(suites: readonly Suite[], words: readonly string[]): Suite[] {
  if (words.length === 0) return [...suites];
  return suites.filter((suite) =>
    words.some((word) => `${suite.package} ${suite.task} ${suite.title}`.toLowerCase().includes(word.toLowerCase())),
  );
}

/** Splits off what this machine cannot run. */
export function runnable(
  suites: readonly Suite[],
  machine: { readonly chromium: string | null; readonly deno: string | null },
): { readonly run: Suite[]; readonly leftOut: LeftOut[] } {
  const why = (suite: Suite): string | null => {
    const { needs } = TASKS[suite.task] as Task;
    return needs === undefined ? null : machine[needs];
  };
  return {
    run: suites.filter((suite) => why(suite) === null),
    leftOut: suites.flatMap((suite) => {
      const reason = why(suite);
      return reason === null ? [] : [{ suite, why: reason }];
    }),
  };
}

/** The suites by phase, empty phases left out. */
export function phases(suites: readonly Suite[]): { readonly suites: Suite[]; readonly concurrency: number }[] {
  return PHASES.map((phase) => ({
    suites: suites.filter((suite) => TASKS[suite.task].phase === phase),
    concurrency: phase === 2 ? 1 : 2,
  })).filter((phase) => phase.suites.length > 0);
}
