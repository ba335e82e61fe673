/** The watcher: shows each verdict as soon as it is there, and answers to single keys. */
import { join, relative } from 'node:path';
import type { ReadStream, WriteStream } from 'node:tty';
import { pathToFileURL } from 'node:url';
import { clip } from '@interleave/trace/look';
import type { Exercise } from '../exercise.ts';
import { diffLines, shortDiff } from '../report/diff.ts';
import { wrap } from '../report/failure.ts';
import { countLine, firstFailure, passLine } from '../report/summary.ts';
import { readSolution, readWork } from '../state/work.ts';
import { editorCommand, openBrowser, openEditor } from './editor.ts';
import { type Key, Keyboard } from './keyboard.ts';
import { type OwnPage, ownKind } from './own-page.ts';
import { Screen } from './screen.ts';
import type { View, Workbench } from './workbench.ts';

export type TerminalOptions = {
  readonly root: string;
  readonly output: NodeJS.WritableStream;
  /** Where keys come from; default `process.stdin` when it is a terminal. */
  readonly input?: ReadStream | undefined;
  /** As `--edit-cmd`. */
  readonly editCommand?: string | undefined;
  /** Default: the environment says (`NO_COLOR`, `TERM`). */
  readonly colour?: boolean | undefined;
  /** Default true: the file is opened in the editor of this terminal, where that can be done. */
  readonly openEditor?: boolean | undefined;
  /** What the learner has built, for their own browser; without it there is no key for that. */
  readonly own?: OwnPage | undefined;
  /**
   * True: what stands on the screen already stays there, and one line tells the first verdict. The whole screen is taken
   * with the first key or save.
   */
  readonly quietStart?: boolean | undefined;
};

type Panel = 'verdict' | 'all' | 'hint' | 'diff' | 'replay' | 'list';

/** Clears what is seen and keeps what can be scrolled to. */
const CLEAR = '\u001b[H\u001b[2J';

export class TerminalWatcher {
  readonly #bench: Workbench;
  readonly #options: TerminalOptions;
  readonly #isTerminal: boolean;
  #keyboard: Keyboard | null = null;
  #panel: Panel = 'verdict';
  #body: string[] = [];
  #note: string | null = null;
  /** What the next same key confirms. */
  #asked: 'd' | 'x' | null = null;
  #selected = 0;
  #hintSubject: string | null = null;
  #opened = new Set<string>();
  #shownRun: number | null = null;
  #quit: () => void = () => {};
  #wasQuit = false;
  /** Before the first key or save after a quiet start. */
  #isQuiet: boolean;
  /** Once the screen is ours, what stood there before is out of the way. */
  #ownsScreen = false;
  #quiet: 'opened' | 'judging' | 'told' = 'opened';

  constructor(bench: Workbench, options: TerminalOptions) {
    this.#bench = bench;
    this.#options = options;
    this.#isTerminal = (options.output as Partial<WriteStream>).isTTY === true;
    this.#isQuiet = options.quietStart === true;
  }

  /** Goes on where the learner was, and watches until `q`, Ctrl-C or `stop()`. */
  async run(): Promise<void> {
    const over = new Promise<void>((resolve) => {
      this.#quit = resolve;
    });
    const stop = this.#bench.subscribe((view) => this.#changed(view));
    const input = this.#options.input ?? (process.stdin.isTTY ? (process.stdin as ReadStream) : undefined);
    if (this.#isTerminal && input !== undefined)
      this.#keyboard = new Keyboard(
        input,
        (key) => void this.#key(key).catch((error: unknown) => this.#say(String(error))),
      );
    const resize = (): void => this.#draw();
    this.#options.output.on('resize', resize);
    try {
      const exercise = (await this.#bench.next()) ?? this.#bench.exercises.at(-1);
      if (exercise === undefined) this.#write('There is no exercise yet.\n');
      else await this.#open(exercise);
      await over;
    } finally {
      stop();
      this.#options.output.off('resize', resize);
      this.#keyboard?.close();
      this.#keyboard = null;
      if (this.#isTerminal) this.#write('\n');
    }
  }

  /** Ends `run`. */
  stop(): void {
    this.#quit();
  }

  /** True when it was a key that ended `run`. */
  get wasQuit(): boolean {
    return this.#wasQuit;
  }

  async #open(exercise: Exercise): Promise<void> {
    this.#panel = 'verdict';
    this.#note = null;
    await this.#bench.open(exercise);
    this.#draw();
    await this.#edit(exercise);
  }

  /** Opens the file to work on, once for each exercise. Never waits, and says only what went wrong. */
  async #edit(exercise: Exercise, again = false): Promise<void> {
    if (this.#options.openEditor === false || !this.#isTerminal || (this.#opened.has(exercise.id) && !again)) return;
    this.#opened.add(exercise.id);
    const file = this.#bench.filesOf(exercise).at(-1);
    if (file === undefined) return;
    const line = firstFailure(this.#bench.view.result ?? EMPTY)?.failure?.at[0]?.line ?? 1;
    const command = editorCommand(file, line, { editCommand: this.#options.editCommand });
    if (command === null) return;
    const problem = await openEditor(command);
    if (problem !== null) this.#say(`${problem}. Open ${this.#relative(file)} yourself.`);
  }

  #changed(view: View): void {
    // Another save: what was asked about the old one is over. Hints and the list stay until a key is pressed.
    if (view.run !== this.#shownRun && view.phase === 'idle') {
      this.#shownRun = view.run;
      if (this.#panel !== 'list') this.#panel = 'verdict';
      this.#asked = null;
      this.#note = null;
    }
    if (!this.#isTerminal) this.#log(view);
    else if (this.#isQuiet) this.#tellQuietly(view);
    else this.#draw();
  }

  /** The first verdict in one line; the second one is an answer to a save, and gets the screen. */
  #tellQuietly(view: View): void {
    if (view.phase === 'judging') {
      if (this.#quiet === 'told') {
        this.#isQuiet = false;
        this.#draw();
      } else this.#quiet = 'judging';
      return;
    }
    if (this.#quiet !== 'judging' || view.exercise === null) return;
    const screen = this.#screen();
    const file = this.#relative(this.#bench.filesOf(view.exercise).at(-1) ?? '');
    if (view.problem !== null)
      this.#write(`  ${screen.paint(`The judge could not do its work: ${view.problem}`, 'bad')}\n`);
    this.#quiet = 'told';
    if (view.result === null) return;
    const first = firstFailure(view.result);
    const failing = first === null ? '' : screen.paint(`✗ ${first.checkId}`, 'bad');
    const state = first === null ? passLine(view.result) : `${failing} ${clip(first.title, 60)}`;
    this.#write(`\n  ${state}\n  ${countLine(view.result)}\n`);
    this.#write(`  ${screen.paint(`Save ${file} to have it judged. Enter: see more. q: quit.`, 'quiet')}\n`);
  }

  /** Without a terminal: one block of text for each verdict. */
  #log(view: View): void {
    if (view.phase === 'judging' || view.result === null || view.run === null) {
      if (view.problem !== null) this.#write(`The judge could not do its work: ${view.problem}\n`);
      return;
    }
    if (this.#body[0] === String(view.run)) return;
    this.#body = [String(view.run)];
    this.#write(`${this.#screen().all(view)}\n\n`);
  }

  #screen(): Screen {
    const { output, colour } = this.#options;
    const isPlain = process.env.NO_COLOR !== undefined || process.env.TERM === 'dumb' || !this.#isTerminal;
    return new Screen({
      columns: (output as Partial<WriteStream>).columns ?? 80,
      colour: colour ?? !isPlain,
      links: this.#isTerminal && process.env.TERM !== 'dumb',
    });
  }

  #draw(): void {
    const { view } = this.#bench;
    const { exercise } = view;
    if (!this.#isTerminal || this.#isQuiet || exercise === null) return;
    const screen = this.#screen();
    const files = this.#bench
      .filesOf(exercise)
      .map((path) => ({ path: this.#relative(path), url: pathToFileURL(path).href }));
    const { origin } = this.#bench.keeper;
    const page = origin === null ? null : `${origin}/workshop/${exercise.id}`;
    const lines = [...screen.head(exercise, this.#bench.exercises, files, page), ''];
    if (this.#panel === 'verdict' || this.#panel === 'all') lines.push(...screen.verdict(view, this.#panel === 'all'));
    else lines.push(...this.#body);
    if (view.phase === 'judging') lines.push(screen.judging(view));
    if (view.polling)
      lines.push(screen.paint('No file events come here: the files are looked at five times a second.', 'quiet'));
    if (view.problem !== null) lines.push(screen.paint(`The judge could not do its work: ${view.problem}`, 'bad'));
    if (this.#note !== null)
      lines.push(...wrap(this.#note, screen.columns, 0).map((line) => screen.paint(line, 'accent')));
    lines.push('', ...screen.keys(this.#keys(view)));
    if (!this.#ownsScreen) this.#write('\n'.repeat((this.#options.output as Partial<WriteStream>).rows ?? 24));
    this.#ownsScreen = true;
    this.#write(`${CLEAR}${lines.join('\n')}`);
  }

  #keys(view: View): [string, string][] {
    if (this.#panel === 'list')
      return [
        ['↑↓', 'choose'],
        ['enter', 'open'],
        ['esc', 'back'],
        ['q', 'quit'],
      ];
    const passed = view.result?.status === 'pass';
    return [
      ...(passed ? ([['n', 'next']] as [string, string][]) : ([['h', hintKey(view)]] as [string, string][])),
      ['d', passed ? 'diff with the model' : 'diff'],
      ['r', 'replay'],
      ['a', 'all failures'],
      ...(this.#bench.keeper.origin === null ? [] : ([['b', 'browser']] as [string, string][])),
      ...(this.#hasOwn(view.exercise) ? ([['o', 'open yours']] as [string, string][]) : []),
      ['e', 'edit'],
      ['x', 'reset'],
      ...(passed ? [] : ([['n', 'next']] as [string, string][])),
      ['l', 'list'],
      ['q', 'quit'],
    ];
  }

  async #key(key: Key): Promise<void> {
    const { view } = this.#bench;
    const { exercise } = view;
    const asked = this.#asked;
    this.#asked = null;
    this.#note = null;
    if (key === 'q' || key === 'ctrl-c' || key === 'ctrl-d') {
      this.#wasQuit = true;
      return this.#quit();
    }
    if (key === 'ctrl-z') return this.#keyboard?.suspend();
    if (exercise === null) return;
    if (this.#isQuiet) {
      this.#isQuiet = false;
      return this.#draw();
    }
    if (this.#panel === 'list') return this.#listKey(key);
    switch (key) {
      case 'h':
        return this.#hint(view);
      case 'd':
        return this.#diff(exercise, view.result?.status === 'pass' || asked === 'd');
      case 'r':
        return this.#replay(view);
      case 'a':
        return this.#show(this.#panel === 'all' ? 'verdict' : 'all');
      case 'b':
        return this.#browser(exercise);
      case 'o':
        return this.#openOwn(exercise);
      case 'e':
        return this.#edit(exercise, true).then(() => this.#draw());
      case 'x':
        return this.#reset(exercise, asked === 'x');
      case 'n':
        return this.#next(exercise);
      case 'l':
        return this.#list(exercise);
      case 'enter':
        this.#bench.judge();
        return;
      default:
        return this.#show('verdict');
    }
  }

  #show(panel: Panel, body: string[] = []): void {
    this.#panel = panel;
    this.#body = body;
    this.#draw();
  }

  #say(note: string): void {
    this.#note = note;
    this.#draw();
  }

  async #hint(view: View): Promise<void> {
    const subject = Screen.subject(view.result) ?? this.#hintSubject;
    if (subject === null) return this.#say('Hints belong to a failing check, and none fails.');
    this.#hintSubject = subject;
    const hint = await this.#bench.hint(subject);
    if (hint === null) return this.#say(`There is no hint for ${subject}.`);
    this.#show('hint', this.#screen().hint(subject, hint.rungs, hint.of));
  }

  async #diff(exercise: Exercise, allowed: boolean): Promise<void> {
    if (!allowed) {
      this.#asked = 'd';
      return this.#say('The diff shows the model answer. Press d again to see it before you pass.');
    }
    const [mine, model] = [
      await readWork(this.#options.root, exercise),
      await readSolution(this.#options.root, exercise),
    ];
    const screen = this.#screen();
    const parts = exercise.files.flatMap((file) => {
      const lines = shortDiff(diffLines(mine.get(file.path) ?? '', model.get(file.path) ?? ''));
      const name = `work/${file.path}: − yours, + the model`;
      return lines.some((line) => line.sign !== ' ')
        ? screen.diff(lines, name)
        : [`work/${file.path} is the model, line by line.`];
    });
    this.#show('diff', parts);
  }

  #replay(view: View): void {
    const { result } = view;
    if (result === null) return;
    const test = firstFailure(result) ?? result.tests.findLast((t) => t.status === 'pass');
    if (test !== undefined) this.#show('replay', this.#screen().replay(test));
  }

  async #browser(exercise: Exercise): Promise<void> {
    const { origin } = this.#bench.keeper;
    if (origin === null) return;
    const url = `${origin}/workshop/${exercise.id}`;
    const problem = await openBrowser(url);
    this.#say(problem === null ? `Opened ${url}` : `Open ${url} in a browser.`);
  }

  #hasOwn(exercise: Exercise | null): boolean {
    return this.#options.own !== undefined && exercise !== null && ownKind(exercise) !== null;
  }

  /** The learner's own server, with the files as they are now, in the browser of this desktop. */
  async #openOwn(exercise: Exercise): Promise<void> {
    const { own, root } = this.#options;
    if (own === undefined || !this.#hasOwn(exercise)) return this.#show('verdict');
    const opened = await own.open(exercise, join(root, 'work'));
    if ('problem' in opened) return this.#say(opened.problem);
    const problem = await openBrowser(opened.url);
    const warning = opened.url.startsWith('https:')
      ? ' (the certificate is the lab’s own: a browser warns of it once)'
      : '';
    const how = problem === null ? 'Your code answers at' : 'Open it in a browser: your code answers at';
    this.#say(`${how} ${opened.url}${warning}`);
  }

  async #reset(exercise: Exercise, confirmed: boolean): Promise<void> {
    const names = exercise.files.map((file) => `work/${file.path}`).join(', ');
    if (!confirmed) {
      this.#asked = 'x';
      return this.#say(`Press x again to put ${names} back to the start. Your attempt is kept.`);
    }
    const folder = await this.#bench.reset();
    this.#say(`${names} is at its start again. Your attempt: ${folder === null ? '' : this.#relative(folder)}`);
  }

  async #next(exercise: Exercise): Promise<void> {
    const next = await this.#bench.next(exercise.id);
    if (next === null || next.id === exercise.id)
      return this.#say('There is no further exercise that has not passed. Press l for the list.');
    await this.#open(next);
  }

  async #list(exercise: Exercise): Promise<void> {
    this.#selected = Math.max(
      0,
      this.#bench.exercises.findIndex((other) => other.id === exercise.id),
    );
    await this.#drawList();
  }

  async #drawList(): Promise<void> {
    const progress = await this.#bench.keeper.progress.read();
    this.#show('list', this.#screen().list(this.#bench.exercises, progress, this.#selected));
  }

  async #listKey(key: Key): Promise<void> {
    const last = this.#bench.exercises.length - 1;
    if (key === 'up' || key === 'k') this.#selected = Math.max(0, this.#selected - 1);
    else if (key === 'down' || key === 'j') this.#selected = Math.min(last, this.#selected + 1);
    else if (key === 'enter') {
      const chosen = this.#bench.exercises[this.#selected];
      if (chosen !== undefined) return this.#open(chosen);
    } else return this.#show('verdict');
    return this.#drawList();
  }

  #relative(path: string): string {
    return relative(this.#options.root, path).replaceAll('\\', '/');
  }

  #write(text: string): void {
    this.#options.output.write(text);
  }
}

/** The key says which rung it opens: nobody takes one more than they wanted. */
function hintKey({ hint }: View): string {
  if (hint === null) return 'hint';
  return hint.opened < hint.of ? `hint ${hint.opened + 1} of ${hint.of}` : `all ${hint.of} hints`;
}

const EMPTY = { version: 3, exercise: '', status: 'pass', host: 'node', startedAt: '', ms: 0, tests: [] } as const;
