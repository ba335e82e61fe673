/** What `/workshop` answers. GET changes nothing; orders are POST, which the lab lets through from its own origin only. */
import { readFile } from 'node:fs/promises';
import { stripTypeScriptTypes } from 'node:module';
import { join } from 'node:path';
import type { Exercise } from '@interleave/judge';
import { isProgram, readProgram } from '@interleave/judge';
import { killMatrix } from '@interleave/judge/gate';
import { learnerModule, pageTask, pageWorkerScript } from '@interleave/judge/page';
import { diffLines, type OwnPage, readSolution, readWork, shortDiff, type Workbench } from '@interleave/judge/watch';
import { Hono } from 'hono';
import { NONCE, secureHeaders } from 'hono/secure-headers';
import type { Companions } from './companions.ts';
import { diffPart } from './pages/diff.ts';
import { exercisePage, liveParts } from './pages/exercise.ts';
import { gatePage } from './pages/gate.ts';
import { layout } from './pages/layout.ts';
import { listPage } from './pages/list.ts';
import { ownPicture } from './pages/own-part.ts';
import { problemPage } from './pages/problem.ts';
import { runPage } from './pages/run.ts';
import type { References } from './references.ts';

export type WorkshopAppOptions = {
  readonly bench: Workbench;
  readonly references: References;
  readonly companions: Companions;
  readonly root: string;
  readonly own: OwnPage;
};

type Env = { Variables: { secureHeadersNonce?: string } };

/** A held request uses one of the browser's six connections to this origin, so it is never held for long. */
const HOLD_MS = 15_000;

export function workshopApp({ bench, references, companions, root, own }: WorkshopAppOptions): Hono<Env> {
  const app = new Hono<Env>().basePath('/workshop');
  const scripts = new Map<string, Promise<string>>();
  /** A file of this folder as a page takes it. */
  const script = (name: string): Promise<string> => {
    const made =
      scripts.get(name) ?? readFile(join(import.meta.dirname, name), 'utf8').then((text) => stripTypeScriptTypes(text));
    scripts.set(name, made);
    return made;
  };
  const find = (id: string | undefined): Exercise | null => bench.find(id ?? '');
  const nonceOf = (c: { get(name: 'secureHeadersNonce'): string | undefined }): string =>
    c.get('secureHeadersNonce') ?? '';

  // The raw judge for the page's own worker, before the headers of pages: what it may import is said by its own policy.
  app.get('/judge.js', async (c) => {
    const headers = {
      'content-type': 'text/javascript; charset=utf-8',
      'content-security-policy': "default-src 'none'; script-src 'self'",
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
    };
    return c.body(await pageWorkerScript(), 200, headers);
  });

  app.use(
    secureHeaders({
      contentSecurityPolicy: {
        defaultSrc: ["'none'"],
        scriptSrc: [NONCE],
        styleSrc: [NONCE],
        imgSrc: ['data:'],
        connectSrc: ["'self'"],
        workerSrc: ["'self'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
      },
      strictTransportSecurity: false,
      permissionsPolicy: { camera: [], microphone: [], geolocation: [] },
    }),
    async (c, next) => {
      await next();
      c.header('cache-control', 'no-store');
    },
  );

  app.get('/', async (c) => {
    const progress = await bench.keeper.progress.read();
    const next = await bench.next();
    return c.html(
      layout({
        title: 'Workshop',
        nonce: nonceOf(c),
        body: listPage({ exercises: bench.exercises, progress, next }),
        path: '/workshop',
      }),
    );
  });

  app.get('/gate', async (c) => {
    const body = gatePage(await Promise.all(bench.exercises.map((exercise) => killMatrix(root, exercise))));
    return c.html(layout({ title: 'Kill matrix', nonce: nonceOf(c), body, path: '/workshop/gate' }));
  });

  app.get('/run/:run{[0-9]+}', async (c) => {
    const stored = await bench.keeper.runs.read(Number(c.req.param('run')));
    const exercise = stored === null ? null : find(stored.result.exercise);
    if (stored === null || exercise === null) {
      return c.html(
        problemPage(
          nonceOf(c),
          `There is no run ${c.req.param('run')}.`,
          'The newest 300 runs are kept; a run that was called off keeps no number.',
        ),
        404,
      );
    }
    return c.html(
      layout({
        title: `Run ${stored.run}`,
        nonce: nonceOf(c),
        body: runPage(stored, exercise),
        path: '/workshop/run',
        script: await script('replay.ts'),
      }),
    );
  });

  app.get('/:id', async (c) => {
    const exercise = find(c.req.param('id'));
    if (exercise === null) return c.notFound();
    const readme = await readFile(join(root, exercise.folder, 'README.md'), 'utf8').catch(
      () => `# ${exercise.title}\n\n${exercise.idea}`,
    );
    const body = exercisePage({
      exercise,
      readme,
      parts: await liveParts({ bench, references, companions, exercise }),
      all: bench.exercises,
    });
    return c.html(
      layout({
        title: `${exercise.id} · ${exercise.title}`,
        nonce: nonceOf(c),
        body,
        path: '/workshop/exercise',
        script: `${await script('client.ts')}\n${await script('replay.ts')}`,
        wide: true,
      }),
    );
  });

  /** The parts of the page that change, as soon as there is something newer than `after`. */
  app.get('/:id/live', async (c) => {
    const exercise = find(c.req.param('id'));
    if (exercise === null) return c.json({ error: 'There is no such exercise.' }, 404);
    const after = Number(c.req.query('after') ?? -1);
    const view = await bench.changeAfter(Number.isInteger(after) ? after : -1, HOLD_MS, c.req.raw.signal);
    if (view.version === after) return c.json({ version: view.version, parts: null });
    return c.json({
      version: view.version,
      parts: await liveParts({ bench, references, companions, exercise, chosen: c.req.query('check') }),
    });
  });

  app.get('/:id/diff', async (c) => {
    const exercise = find(c.req.param('id'));
    if (exercise === null) return c.notFound();
    const passed = (await bench.keeper.progress.of(exercise.id)).passedAt !== null;
    if (!passed && c.req.query('anyway') !== '1') return c.json({ html: null });
    const [mine, model] = [await readWork(root, exercise), await readSolution(root, exercise)];
    const files = exercise.files.map((file) => ({
      path: file.path,
      lines: shortDiff(diffLines(mine.get(file.path) ?? '', model.get(file.path) ?? '')),
    }));
    return c.json({ html: String(await diffPart(files)) });
  });

  /** What has happened on the learner's server that somebody has started to look at it; null where none runs. */
  app.get('/:id/own', async (c) => {
    const exercise = find(c.req.param('id'));
    if (exercise === null) return c.notFound();
    const view = await own.look(exercise);
    return c.json({ html: view === null ? null : String(await ownPicture(exercise, view)) });
  });

  app.post('/:id/:order{open|judge|reset|hint|own}', async (c) => {
    const exercise = find(c.req.param('id'));
    if (exercise === null) return c.json({ error: 'There is no such exercise.' }, 404);
    if (c.req.header('content-type') !== 'application/json')
      return c.json({ error: 'Orders come as application/json.' }, 415);
    const order = c.req.param('order');
    if (order === 'own') return c.json(await own.open(exercise, join(root, 'work')));
    if (order === 'hint') {
      const { check } = (await c.req.json()) as { check?: unknown };
      if (typeof check !== 'string' || !exercise.checks.some((it) => it.id === check))
        return c.json({ error: 'Name a check of this exercise.' }, 400);
      const hint = await bench.hint(check);
      return c.json({ done: true, shown: hint?.rungs.length ?? 0, of: hint?.of ?? 0 });
    }
    await bench.open(exercise);
    if (order === 'judge') bench.judge();
    if (order === 'reset') return c.json({ done: true, attempt: await bench.reset() });
    return c.json({ done: true });
  });

  // The page as a host: the learner's files with their types taken out, and what is to be judged.
  app.get('/:id/page/task', (c) => {
    const exercise = find(c.req.param('id'));
    if (exercise === null) return c.json({ error: 'There is no such exercise.' }, 404);
    const program = readProgram(exercise, { workDir: join(root, 'work') });
    if (!isProgram(program)) return c.json({ failure: program.headline });
    return c.json({ task: pageTask(exercise, program, `/workshop/${exercise.id}/page/`) });
  });

  app.get('/:id/page/:rest{.+}', (c) => {
    const exercise = find(c.req.param('id'));
    if (exercise === null) return c.notFound();
    const program = readProgram(exercise, { workDir: join(root, 'work') });
    const script = isProgram(program) ? learnerModule(program, c.req.param('rest')) : null;
    return script === null ? c.notFound() : c.body(script, 200, { 'content-type': 'text/javascript; charset=utf-8' });
  });

  app.notFound((c) =>
    c.html(problemPage(nonceOf(c), 'There is no such page.', 'The list of exercises leads to all of them.'), 404),
  );
  app.onError((error, c) => c.html(problemPage(nonceOf(c), 'The workshop could not answer.', error.message), 500));
  return app;
}
