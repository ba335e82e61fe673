/** What the watcher shows, as text of at most 80 columns. Colour and links are put on top of text that says it all without them. */
import { clip, count, type Paint, terminalPaint } from '@interleave/trace/look';
import { timelineText } from '@interleave/trace/timeline';
import type { Exercise } from '../exercise.ts';
import { bounded } from '../report/bounded.ts';
import type { DiffLine } from '../report/diff.ts';
import { wrap } from '../report/failure.ts';
import { orderPicture, tellingOrder } from '../report/order-text.ts';
import { pictureText, standsAlone, tellingOf } from '../report/picture-text.ts';
import { checkLine, countLine, firstFailure, passLine } from '../report/summary.ts';
import { tilesOf, tilesText } from '../report/tiles.ts';
import { timelineOf } from '../report/timeline.ts';
import { checkTranscript } from '../report/transcript.ts';
import type { CheckResult, RunResult } from '../result.ts';
import type { Progress } from '../state/progress.ts';
import type { View } from './workbench.ts';

export type ScreenOptions = {
  /** Default 80; never more than 100 is used. */
  readonly columns?: number;
  readonly colour?: boolean;
  /** OSC-8 links, where the terminal has them. */
  readonly links?: boolean;
};

/** The learner's file as it is shown, and where it is. */
export type ShownFile = { readonly path: string; readonly url: string };

/** Streams that a verdict has room for. */
const ROWS = 14;

export class Screen {
  readonly columns: number;
  readonly paint: Paint;
  readonly #links: boolean;

  constructor(options: ScreenOptions = {}) {
    this.columns = Math.max(40, Math.min(100, options.columns ?? 80));
    this.paint = terminalPaint({ colour: options.colour ?? false });
    this.#links = options.links ?? false;
  }

  link(text: string, url: string): string {
    return this.#links ? `\u001b]8;;${url}\u001b\\${text}\u001b]8;;\u001b\\` : text;
  }

  /** Title, place among the others, file and page. */
  head(exercise: Exercise, all: readonly Exercise[], files: readonly ShownFile[], page: string | null): string[] {
    const index = all.findIndex((other) => other.id === exercise.id) + 1;
    const right = `exercise ${index} of ${all.length} · ${exercise.minutes} min`;
    const title = `${exercise.id} · ${exercise.title}`;
    const room = this.columns - right.length - 2;
    const first =
      this.paint(clip(title, room), 'strong') +
      ' '.repeat(Math.max(2, this.columns - Math.min(title.length, room) - right.length));
    const parts = files.map(({ path, url }) => ({ text: path, shown: this.link(path, url), gap: 1 }));
    if (page !== null) parts.push({ text: page, shown: this.link(page, page), gap: 3 });
    return [first + this.paint(right, 'quiet'), ...this.#filled(parts)];
  }

  /** Side by side as long as there is room; a link is wider than what is seen of it. */
  #filled(parts: readonly { readonly text: string; readonly shown: string; readonly gap: number }[]): string[] {
    const lines: { shown: string; width: number }[] = [];
    for (const { text, shown, gap } of parts) {
      const line = lines.at(-1);
      if (line === undefined || line.width + gap + text.length > this.columns) {
        lines.push({ shown, width: text.length });
        continue;
      }
      line.shown += ' '.repeat(gap) + shown;
      line.width += gap + text.length;
    }
    return lines.map(({ shown }) => shown);
  }

  /** Every check on a line of its own. */
  checks(result: RunResult): string[] {
    return result.tests.map((test) => {
      const line = checkLine(test, this.columns - 2);
      return `  ${this.paint(line.slice(0, 1), signStyle(test))}${test.status === 'skipped' ? this.paint(line.slice(1), 'quiet') : line.slice(1)}`;
    });
  }

  /** The text of a failure, coloured. What it says is not touched. */
  failure(text: string): string[] {
    return text.split('\n').map((line) => {
      if (line.startsWith('✗')) return this.paint(line, 'bad');
      const caret = line.indexOf('▲');
      if (caret >= 0) return line.slice(0, 13) + this.paint(line.slice(13), 'accent');
      const label = /^ {2}(sent|delivered|received|expected|your code|see it|again)(?= )/.exec(line)?.[0];
      if (label === undefined) return line.replaceAll(/[␀-␟␡]+/g, (pictures) => this.paint(pictures, 'h1'));
      return this.paint(label, 'quiet') + this.#value(line.slice(label.length));
    });
  }

  #value(text: string): string {
    const url = /https?:\/\/\S+/.exec(text)?.[0];
    if (url !== undefined) return text.replace(url, this.link(url, url));
    return text
      .replaceAll(/[␀-␟␡]+/g, (pictures) => this.paint(pictures, 'h1'))
      .replace(/RFC \d+ §\S+$/, (rule) => this.paint(rule, 'quiet'));
  }

  /** The verdict: counts, checks, and the first failing one in full (`all`: every failing one). */
  verdict(view: View, all = false): string[] {
    const { result } = view;
    if (result === null) return [];
    const failing = result.tests.filter((test) => test.status === 'fail');
    const shown = all ? failing : failing.slice(0, 1);
    const missing = result.tests.find((test) => test.status === 'skipped' && test.message?.startsWith('No Chromium'));
    return [
      ...this.checks(result),
      '',
      ...shown.flatMap((test) => [...this.failure(test.message ?? ''), '']),
      ...(missing === undefined ? [] : [...wrap(missing.message ?? '', this.columns, 0), '']),
      ...(result.status === 'pass' ? this.#passed(result) : []),
      ...view.regressions.map(
        (r) => `${this.paint('✗', 'bad')} ${r.exercise} passed before, and ${r.check} fails now.`,
      ),
      this.paint(`${countLine(result)}${view.run === null ? '' : ` · run ${view.run}`}`, 'quiet'),
    ];
  }

  /** The reward is the picture of what now works, in front of Chromium where there is one. */
  #passed(result: RunResult): string[] {
    // A reader's checks carry bytes and no exchange: an empty lane is no reward.
    const carries = ({ connections }: CheckResult): boolean =>
      connections.some(({ exchanges }) => exchanges.some(({ last }) => last !== null));
    const carrying = result.tests.filter((test) => test.status === 'pass' && carries(test));
    // Where a bound is judged, the run that shows it.
    const order = this.#order(tellingOrder(result.tests));
    if (order.length > 0) return [this.paint(`✓ ${passLine(result)}`, 'good'), '', ...order];
    const shown =
      tellingOf(carrying) ??
      carrying.findLast(({ oracle }) => oracle !== 'raw') ??
      carrying.find(({ maxInFlight }) => maxInFlight !== undefined) ??
      carrying.at(-1);
    const picture = shown === undefined ? [] : this.#picture(shown);
    const tiles = shown === undefined ? [] : tilesOf(shown);
    const rows = tiles.length === 0 ? [] : [...tilesText(tiles, this.columns, ROWS).split('\n'), ''];
    const idea = shown === undefined ? [] : pictureText(shown, this.columns);
    const passed = this.paint(`✓ ${passLine(result)}`, 'good');
    if (shown !== undefined && idea.length > 0 && standsAlone(shown)) return [passed, '', ...idea];
    return [passed, ...picture, ...rows, ...idea];
  }

  /** No longer than a screen: the verdict above it must stay in sight. */
  #picture(shown: CheckResult): string[] {
    const whole = timelineOf(shown);
    const { timeline, left } = bounded(whole);
    const text = timelineText(timeline, { columns: this.columns, colour: this.paint.colour }).split('\n');
    const more =
      left === 0
        ? []
        : [this.paint(`  … and ${count(left, 'more exchange')}; the browser view draws all of them.`, 'quiet')];
    return [`  ${shown.checkId}: ${whole.title}.`, '', ...text, ...more, ''];
  }

  /** Who waits behind a hole, where the exercise is about that. */
  #order(test: CheckResult | undefined): string[] {
    const told = test === undefined ? null : orderPicture(test, this.columns - 4);
    if (test === undefined || told === null) return [];
    return [`  ${test.checkId}: ${told.title}.`, '', ...told.lines.map((line) => `    ${line}`), ''];
  }

  judging(view: View): string {
    const checks = view.exercise?.checks.length ?? 0;
    return this.paint(`judging … ${count(checks, 'check')}`, 'accent');
  }

  /** Step trace, transcript and picture of one check. */
  replay(test: CheckResult): string[] {
    const picture =
      test.connections.length === 0
        ? []
        : ['', timelineText(timelineOf(test), { columns: this.columns, colour: this.paint.colour })];
    const steps = checkTranscript(test).split('\n');
    const tiles = tilesOf(test);
    const rows = tiles.length === 0 ? [] : ['', ...tilesText(tiles, this.columns).split('\n')];
    const idea = [...this.#order(test), ...pictureText(test, this.columns)];
    return [
      ...steps.map((line) => clip(line, this.columns)),
      ...picture,
      ...rows,
      ...(idea.length === 0 ? [] : ['', ...idea]),
    ];
  }

  /** The open rungs, each under its number, the newest last; then what the key does next. */
  hint(check: string, rungs: readonly string[], of: number): string[] {
    const lines = rungs.flatMap((rung, i) => {
      const number = this.paint(`hint ${i + 1} of ${of}`, i === rungs.length - 1 ? 'accent' : 'quiet');
      return ['', `  ${number}`, ...this.#rung(rung)];
    });
    const next =
      rungs.length < of ? `Press h again for hint ${rungs.length + 1} of ${of}.` : `That was the last of ${of} hints.`;
    return [this.paint(`Hints for ${check}`, 'strong'), ...lines, '', this.paint(`  ${next}`, 'quiet')];
  }

  /** Prose is filled again to the width; code keeps its lines. */
  #rung(markdown: string): string[] {
    const parts = markdown
      .split(/^```\w*$/m)
      .map((part, i) =>
        i % 2 === 1
          ? trimLines(part).map((line) => `    ${clip(line, this.columns - 4)}`)
          : wrap(part, this.columns - 4, 0).map((line) => `  ${line}`),
      );
    return parts.filter((part) => part.length > 0).flatMap((part, i) => (i === 0 ? part : ['', ...part]));
  }

  diff(lines: readonly DiffLine[], of: string): string[] {
    const style = { ' ': null, '-': 'bad', '+': 'good' } as const;
    const body = lines.map((line) => this.paint(clip(`${line.sign} ${line.text}`, this.columns), style[line.sign]));
    return [this.paint(of, 'strong'), ...body];
  }

  list(all: readonly Exercise[], progress: Progress, selected: number): string[] {
    return all.flatMap((exercise, i) => {
      const done = progress.exercises[exercise.id];
      const sign = done?.passedAt ? this.paint('✓', 'good') : done?.failing ? this.paint('✗', 'bad') : '·';
      const state = done?.passedAt
        ? 'passed'
        : done?.failing
          ? `fails ${done.failing}`
          : done === undefined || done.saves === 0
            ? 'not begun'
            : 'working';
      const title = clip(`${exercise.id} · ${exercise.title}`, this.columns - state.length - 8);
      const line = `${title}${' '.repeat(Math.max(2, this.columns - 4 - title.length - state.length))}${state}`;
      return [`${i === selected ? '›' : ' '} ${sign} ${i === selected ? this.paint(line, 'strong') : line}`];
    });
  }

  /** `[h] hint 1/3   [d] diff …`, broken where the line ends. */
  keys(keys: readonly (readonly [key: string, what: string])[]): string[] {
    const lines: { text: string; width: number }[] = [{ text: '', width: 0 }];
    for (const [key, what] of keys) {
      const width = key.length + what.length + 3;
      let line = lines.at(-1);
      if (line === undefined || line.width + 3 + width > this.columns) {
        line = { text: '', width: 0 };
        lines.push(line);
      }
      line.text += `${line.width > 0 ? '   ' : ''}${this.paint(`[${key}]`, 'accent')} ${what}`;
      line.width += (line.width > 0 ? 3 : 0) + width;
    }
    return lines.filter((line) => line.width > 0).map((line) => line.text);
  }

  /** The whole screen of a verdict without keys: for pipes and files too. */
  all(view: View): string {
    return this.verdict(view).join('\n');
  }

  /** The id that hints are about: the first failing check. */
  static subject(result: RunResult | null): string | null {
    return result === null ? null : (firstFailure(result)?.checkId ?? null);
  }
}

function signStyle(test: CheckResult): 'good' | 'bad' | 'quiet' {
  return test.status === 'pass' ? 'good' : test.status === 'fail' ? 'bad' : 'quiet';
}

/** Without the empty lines before and behind. */
function trimLines(text: string): string[] {
  return text.replace(/^\n+|\s+$/g, '').split('\n');
}
