import { writeFileSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import type { ReadStream } from 'node:tty';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Exercise } from '../exercise.ts';
import { loadExercises } from '../state/catalogue.ts';
import { editorCommand } from './editor.ts';
import { FileWatch } from './files.ts';
import { keysIn } from './keyboard.ts';
import { TerminalWatcher } from './terminal.ts';
import { type View, Workbench } from './workbench.ts';

const ROOT = join(import.meta.dirname, '../../../..');

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'judge-watch-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

describe('FileWatch', () => {
  const watching = async (
    events: boolean,
  ): Promise<{ path: string; watch: FileWatch; next: () => Promise<void>; saves: () => number }> => {
    const path = join(root, 'server.ts');
    await writeFile(path, 'start');
    let saves = 0;
    let wake = (): void => {};
    const saved = (): void => {
      saves++;
      wake();
    };
    const watch = await FileWatch.start([path], { saved, polling: () => {} }, { events });
    const next = (): Promise<void> =>
      new Promise((resolve) => {
        wake = resolve;
      });
    return { path, watch, next, saves: () => saves };
  };

  it.each([true, false])('sees a write and a rename over the file (events: %s)', async (events) => {
    const { path, watch, next, saves } = await watching(events);
    let seen = next();
    await writeFile(path, 'one');
    await seen;
    seen = next();
    await writeFile(`${path}.new`, 'two, by rename');
    await rename(`${path}.new`, path);
    await seen;
    seen = next();
    await writeFile(path, 'three, after the rename');
    await seen;
    expect(saves()).toBe(3);
    expect(watch.polling).toBe(!events);
    watch.close();
  });

  it('takes a burst of writes for one save', async () => {
    const { path, watch, next, saves } = await watching(true);
    const seen = next();
    // Without a turn of the event loop in between: nothing but the burst can be seen.
    for (let i = 0; i < 5; i++) writeFileSync(path, `burst ${i}`);
    await seen;
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(saves()).toBe(1);
    watch.close();
  });
});

describe('editorCommand', () => {
  const line = (env: NodeJS.ProcessEnv, editCommand?: string): string | null => {
    const command = editorCommand('/w/server.ts', 14, { env, editCommand });
    return command === null ? null : [command.command, ...command.args].join(' ');
  };

  it('uses the editor of the terminal, and never one that draws in it', () => {
    expect(line({ TERM_PROGRAM: 'vscode' })).toBe('code --reuse-window --goto /w/server.ts:14');
    expect(line({ EDITOR: 'code --wait' })).toBe('code --goto /w/server.ts:14');
    expect(line({ VISUAL: '/usr/bin/subl -w', EDITOR: 'vim' })).toBe('/usr/bin/subl /w/server.ts:14');
    expect(line({ EDITOR: 'vim' })).toBeNull();
    expect(line({})).toBeNull();
    expect(line({ EDITOR: 'vim', TMUX: '/tmp/x' })).toBe('tmux split-window -h vim +14 /w/server.ts');
    expect(line({ EDITOR: 'hx', ZELLIJ: '0' })).toBe('zellij edit --line-number 14 /w/server.ts');
  });

  it('follows --edit-cmd to the letter', () => {
    expect(line({ TERM_PROGRAM: 'vscode' }, 'my-editor +{line} {file}')).toBe('my-editor +14 /w/server.ts');
    expect(line({}, 'my-editor -x')).toBe('my-editor -x /w/server.ts');
  });
});

describe('keysIn', () => {
  it('tells keys from escape sequences, also in one chunk', () => {
    expect(keysIn('h\u001b[Aq')).toEqual(['h', 'up', 'q']);
    expect(keysIn('\u001b')).toEqual(['escape']);
    expect(keysIn('\r\u0003\u001b[5~')).toEqual(['enter', 'ctrl-c', '\u001b[5~']);
  });
});

describe('Workbench', { timeout: 60_000 }, () => {
  let bench: Workbench;
  let exercise: Exercise;
  let solution: string;
  const work = (): string => join(root, 'work/http1/server.ts');

  beforeEach(async () => {
    await symlink(join(ROOT, 'workshops'), join(root, 'workshops'));
    const exercises = await loadExercises(ROOT);
    exercise = exercises.find((e) => e.id === 'KA2') as Exercise;
    bench = new Workbench({
      root,
      stateDir: join(root, '.workshop'),
      exercises: [exercise],
      origin: 'http://localhost:4100',
      chromium: false,
    });
    solution = await readFile(join(ROOT, exercise.folder, 'solution/http1/server.ts'), 'utf8');
  });
  afterEach(() => bench.close());

  const verdict = async (after: number | null): Promise<View> => {
    for (;;) {
      const { view } = bench;
      if (view.phase === 'idle' && view.run !== after && view.result !== null) return view;
      await bench.changeAfter(view.version, 20_000);
    }
  };

  it('judges the untouched start, then a save, and keeps all of it', async () => {
    await bench.open(exercise);
    const first = await verdict(null);
    expect(first.result?.status).toBe('fail');
    expect(first.result?.tests.find((t) => t.status === 'fail')?.message).toContain(`/workshop/run/${first.run}#KA2-1`);
    await writeFile(work(), solution);
    const second = await verdict(first.run);
    expect(second.result?.tests.filter((t) => t.oracle === 'raw').every((t) => t.status === 'pass')).toBe(true);
    expect(second.result?.tests.at(-1)).toMatchObject({ status: 'skipped', message: 'Chromium is switched off' });

    const attempts = await bench.keeper.attempts.list('KA2');
    expect(attempts.map((a) => a.passed)).toEqual([false, true]);
    expect((await bench.keeper.runs.read(first.run ?? 0))?.attempt).toBe(attempts[0]?.id);
    expect(await bench.next()).toBeNull();
    expect((await bench.keeper.progress.of('KA2')).passedAt).not.toBeNull();
  });

  it('reads the program that was kept, not one that changes meanwhile, and calls an outdated verdict off', async () => {
    await bench.open(exercise);
    await verdict(null);
    const before = bench.view.run;
    bench.judge();
    await writeFile(work(), solution);
    const view = await verdict(before);
    const settled = await bench.settled();
    expect(settled.result?.status).toBe('pass');
    expect(view.run).not.toBe(before);
    const runs = await bench.keeper.runs.numbers();
    for (const run of runs) expect(await bench.keeper.runs.read(run)).not.toBeNull();
  });

  it('keeps the attempt when it puts the start back', async () => {
    await bench.open(exercise);
    await verdict(null);
    const start = await readFile(work(), 'utf8');
    await writeFile(work(), '// mine\n');
    const folder = await bench.reset();
    expect(await readFile(work(), 'utf8')).toBe(start);
    expect(await readFile(join(folder ?? '', 'http1/server.ts'), 'utf8')).toBe('// mine\n');
  });

  it('opens one rung of a hint after the other, and remembers', async () => {
    await bench.open(exercise);
    expect(await bench.hint('KA2-1')).toMatchObject({ of: 3, rungs: [expect.any(String)] });
    expect((await bench.hint('KA2-1'))?.rungs).toHaveLength(2);
    expect((await bench.hint('KA2-1'))?.rungs).toHaveLength(3);
    expect((await bench.hint('KA2-1'))?.rungs).toHaveLength(3);
    expect(await bench.hint('KA2-99')).toBeNull();
    expect((await bench.keeper.progress.of('KA2')).hints).toEqual({ 'KA2-1': 3 });
  });

  it('goes on after code that loops, floods, throws or is no code', async () => {
    await bench.open(exercise);
    let { run } = await verdict(null);
    const bad = {
      hung: 'export async function serve() { for (;;); }',
      flooded:
        'export async function serve({ writable }) { const w = writable.getWriter(); for (;;) await w.write(new Uint8Array(65536)); }',
      crashed: 'export async function serve() { throw new Error("no"); }',
      'does not load': 'export async function serve( {',
      'missing export': 'export const other = 1;',
    };
    for (const [cause, text] of Object.entries(bad)) {
      await writeFile(work(), text);
      const view = await verdict(run);
      run = view.run;
      expect(view.result?.tests.find((t) => t.status === 'fail')?.failure?.cause, cause).toBe(cause);
    }
    // A name that nobody gives throws, and this code swallows it: the verdict points at the line all the same.
    await writeFile(work(), 'export async function serve() {\n  try {\n    forgotten(1);\n  } catch {}\n}');
    const { run: last, result } = await verdict(run);
    run = last;
    const [place] = result?.tests.find((t) => t.status === 'fail')?.failure?.at ?? [];
    expect(place).toMatchObject({ line: 3, column: 5, did: 'uses forgotten, which is not declared' });
    await writeFile(work(), solution);
    expect((await verdict(run)).result?.status).toBe('pass');
  });

  it('is driven by keys, and gives the terminal back', async () => {
    const output = Object.assign(new PassThrough(), { isTTY: true, columns: 80, rows: 40 });
    let text = '';
    output.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    const raw: boolean[] = [];
    const input = Object.assign(new PassThrough(), {
      isTTY: true,
      setRawMode: (on: boolean) => raw.push(on),
    }) as unknown as ReadStream;
    const terminal = new TerminalWatcher(bench, { root, output, input, colour: false, openEditor: false });
    const shown = async (pattern: RegExp): Promise<void> => {
      for (let i = 0; i < 600 && !pattern.test(text); i++) await new Promise((resolve) => setTimeout(resolve, 25));
      expect(text).toMatch(pattern);
      text = '';
    };
    const press = (key: string): void => void (input as unknown as PassThrough).write(key);
    const over = terminal.run();
    await shown(/✗ KA2-1 · three exchanges[\s\S]+\[h\] hint 1 of 3/);
    press('h');
    await shown(/Hints for KA2-1[\s\S]+hint 1 of 3[\s\S]+Press h again for hint 2 of 3[\s\S]+\[h\] hint 2 of 3/);
    press('h');
    await shown(/hint 1 of 3[\s\S]+hint 2 of 3[\s\S]+\[h\] hint 3 of 3/);
    press('h');
    await shown(/hint 3 of 3[\s\S]+That was the last of 3 hints[\s\S]+\[h\] all 3 hints/);
    press('r');
    await shown(/1 ✓ Send GET \/a/);
    press('d');
    await shown(/Press d again/);
    press('d');
    await shown(/− yours, \+ the model/);
    press('x');
    await shown(/Press x again/);
    press('l');
    await shown(/› ✗ KA2 · One connection/);
    press('\u001b');
    await shown(/\[h\] all 3 hints/);
    await writeFile(work(), solution);
    await shown(/✓ KA2 passes what was judged; KA2-C was not\./);
    press('q');
    await over;
    expect(raw.at(-1)).toBe(false);
    expect(terminal.wasQuit).toBe(true);
    for (const line of text.split('\n')) expect([...line].length).toBeLessThanOrEqual(80);
  });

  it('leaves no half-written file', async () => {
    await bench.open(exercise);
    await verdict(null);
    const names = await readdir(join(root, '.workshop'), { recursive: true });
    expect(names.filter((name) => name.endsWith('.part'))).toEqual([]);
  });
});
