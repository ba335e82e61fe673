import type { CheckResult, Exercise, RunResult } from '@interleave/judge';
import {
  countLine,
  firstFailure,
  passLine,
  protocolsOf,
  tellingOf,
  tellingOrder,
  timelineOf,
  type View,
  type Workbench,
} from '@interleave/judge/watch';
import { controlMark } from '@interleave/trace/look';
import { html, raw } from 'hono/html';
import { Marked } from 'marked';
import type { Companions } from '../companions.ts';
import type { References } from '../references.ts';
import { bandsFigure } from './bands-part.ts';
import { failureText, figure, runPart, runTitle, sourceOf, statusSign } from './check-part.ts';
import type { Companion } from './companion.ts';
import { heldPart } from './held-part.ts';
import { idMatchFigure } from './id-match-part.ts';
import type { Html } from './layout.ts';
import { imagesPart, ownSection } from './own-part.ts';
import { protocolsPart } from './protocols-part.ts';

/** The parts of the page that change with a save, as HTML, and one sentence for those who listen. */
export interface LiveParts {
  readonly version: number;
  readonly phase: 'idle' | 'judging' | 'elsewhere';
  readonly verdict: string;
  readonly run: string;
  readonly references: string;
  readonly announce: string;
}

export interface ExercisePage {
  readonly exercise: Exercise;
  readonly readme: string;
  readonly parts: LiveParts;
  readonly all: readonly Exercise[];
}

/** Text left, verdict right, the run below. */
export function exercisePage({ exercise, readme, parts, all }: ExercisePage): Html {
  const index = all.findIndex((other) => other.id === exercise.id);
  const [before, after] = [all[index - 1], all[index + 1]];
  return html`<div class="exercise" data-exercise="${exercise.id}" data-version="${parts.version}" data-phase="${parts.phase}" data-announce="${parts.announce}">
<p class="crumbs small"><a href="/workshop">Workshop</a> <span aria-hidden="true">/</span> ${exercise.id} <span class="quiet">· ${exercise.minutes} minutes · exercise ${index + 1} of ${all.length}</span></p>
<div class="columns">
<article class="prose">${raw(markdown(readme))}</article>
<aside class="verdict" aria-label="Verdict"><div id="verdict">${raw(parts.verdict)}</div>
<p id="dialogue" role="status" aria-live="polite"></p>
<div id="diff"></div></aside>
</div>
<p id="announce" class="visually-hidden" role="status" aria-live="polite"></p>
<section id="run" class="run" aria-label="Your run">${raw(parts.run)}</section>
${ownSection(exercise)}
<section id="references" class="references" aria-label="To compare with">${raw(parts.references)}</section>
<section class="page-host" aria-labelledby="page-host-title">
<h2 id="page-host-title">The same file runs in this page.</h2>
<p>Nothing in it knows Node. This page loads it into a worker of its own, and the same raw checks judge it there.</p>
<p class="controls"><button type="button" data-action="page-host">Run it in this page</button></p>
<div id="page-host" role="status" aria-live="polite"></div>
</section>
<nav class="pager" aria-label="Exercises">${before === undefined ? html`<span></span>` : html`<a href="/workshop/${before.id}">← ${before.id} ${before.title}</a>`}${after === undefined ? html`<span></span>` : html`<a href="/workshop/${after.id}">${after.id} ${after.title} →</a>`}</nav>
</div>`;
}

export interface LiveOptions {
  readonly bench: Workbench;
  readonly references: References;
  readonly companions: Companions;
  readonly exercise: Exercise;
  /** The check that the reader looks at; default: the first that fails, else the last that passes. */
  readonly chosen?: string | undefined;
}

export async function liveParts({ bench, references, companions, exercise, chosen }: LiveOptions): Promise<LiveParts> {
  const { view } = bench;
  const isHere = view.exercise?.id === exercise.id;
  const progress = await bench.keeper.progress.of(exercise.id);
  const stored = isHere || progress.run === null ? null : await bench.keeper.runs.read(progress.run);
  const result = isHere ? view.result : (stored?.result ?? null);
  const run = isHere ? view.run : (stored?.run ?? null);
  const shown = result === null ? null : subject(result, chosen);
  const hints = await bench.hintsOf(exercise);
  const opened = (check: string): { rungs: readonly string[]; of: number } => {
    const all = hints.get(check) ?? [];
    return { rungs: all.slice(0, progress.hints[check] ?? 0), of: all.length };
  };
  const reference = await references.ready(exercise);
  const companion = shown === null ? null : await companions.of(exercise, shown);
  return {
    version: view.version,
    phase: isHere ? view.phase : 'elsewhere',
    verdict: String(
      await verdictPart({
        exercise,
        view: isHere ? view : null,
        result,
        run,
        shown,
        opened,
        passed: progress.passedAt !== null,
        next: bench.exercises[bench.exercises.indexOf(exercise) + 1],
      }),
    ),
    run: String(await runSection(exercise, shown, run, companion)),
    references: String(await referencePart(exercise, reference, bench.judging.chromium.missing())),
    announce: isHere && view.phase === 'idle' && result !== null ? announcement(result) : '',
  };
}

function subject(result: RunResult, chosen: string | undefined): CheckResult | null {
  return (
    result.tests.find((test) => test.checkId === chosen) ??
    firstFailure(result) ??
    tellingOrder(result.tests) ??
    tellingOf(result.tests.filter(({ status }) => status === 'pass')) ??
    result.tests.findLast((test) => test.status === 'pass' && test.oracle !== 'smoke') ??
    null
  );
}

function announcement(result: RunResult): string {
  const failed = firstFailure(result);
  return failed === null
    ? `${passLine(result)} ${countLine(result)}.`
    : `${failed.checkId} fails: ${failed.failure?.headline ?? failed.title} ${countLine(result)}.`;
}

type Verdict = {
  readonly exercise: Exercise;
  readonly view: View | null;
  readonly result: RunResult | null;
  readonly run: number | null;
  readonly shown: CheckResult | null;
  readonly opened: (check: string) => { rungs: readonly string[]; of: number };
  readonly passed: boolean;
  readonly next: Exercise | undefined;
};

function verdictPart(it: Verdict): Html {
  const { exercise, view, result, run, shown } = it;
  const judging = view?.phase === 'judging';
  const file = exercise.files.at(-1)?.path ?? '';
  if (view === null && result === null) {
    return html`<h2>Nothing is judged yet.</h2><p>Open it, and <code>work/${file}</code> is made for you and judged at each save.</p>
<p class="controls"><button type="button" class="primary" data-action="open">Open ${exercise.id}</button></p>`;
  }
  const failed = result === null ? null : firstFailure(result);
  const headline = result === null ? 'Judging …' : failed === null ? passLine(result) : `${failed.checkId} fails.`;
  const note = [result === null ? '' : countLine(result), run === null ? '' : `run ${run}`]
    .filter((part) => part !== '')
    .join(' · ');
  return html`<h2 class="${failed === null && result !== null ? 'good' : ''}">${headline} ${judging ? html`<span class="judging">judging …</span>` : ''}</h2>
<p class="small quiet">${run === null ? note : html`<a href="/workshop/run/${run}">${note}</a>`} · <code>work/${file}</code></p>
${view === null ? html`<p class="controls"><button type="button" data-action="open">Watch ${exercise.id} again</button></p>` : ''}
${view?.problem ? html`<p class="bad">The judge could not do its work: ${view.problem}</p>` : ''}
${view?.polling ? html`<p class="small quiet">No file events come here: the file is looked at five times a second.</p>` : ''}
${(view?.regressions ?? []).map((r) => html`<p class="bad">${r.exercise} passed before, and ${r.check} fails now.</p>`)}
${result === null ? html`<ol class="checks">${exercise.checks.map((check) => html`<li><span class="row"><span class="sign quiet" aria-hidden="true">·</span><span class="id">${check.id}</span> ${check.title}</span></li>`)}</ol>` : checkList(result, shown)}
${shown?.message !== undefined && shown.status === 'fail' ? failureText(shown.message) : ''}
${shown !== null && shown.status === 'fail' ? hintPart(shown.checkId, it.opened(shown.checkId)) : ''}
${view === null ? '' : controls(it)}`;
}

function checkList(result: RunResult, shown: CheckResult | null): Html {
  return html`<ol class="checks">${result.tests.map((test) => {
    const isShown = test.checkId === shown?.checkId;
    const why = test.status === 'skipped' ? html` <span class="small quiet">${test.message ?? 'not run'}</span>` : '';
    return html`<li><button type="button" class="row" data-action="show" data-check="${test.checkId}" ${isShown ? raw('aria-current="true"') : ''}>${statusSign(test)}<span class="id">${test.checkId}</span> <span>${test.title}${why}</span></button></li>`;
  })}</ol>`;
}

function hintPart(check: string, { rungs, of }: { rungs: readonly string[]; of: number }): Html {
  if (of === 0) return html``;
  const shown =
    rungs.length === 0
      ? ''
      : html`<h3>Hints for ${check}</h3>
<ol class="rungs">${rungs.map((rung, i) => html`<li ${i === rungs.length - 1 ? raw('tabindex="-1"') : ''}><p class="small quiet">hint ${i + 1} of ${of}</p>${raw(markdown(rung))}</li>`)}</ol>`;
  const next = rungs.length + 1;
  return html`<div class="hints">${shown}
${next > of ? html`<p class="small quiet">That was the last of ${of} hints.</p>` : html`<p class="controls"><button type="button" data-action="hint" data-check="${check}">Hint ${next} of ${of}</button></p>`}</div>`;
}

function controls({ passed, next }: Verdict): Html {
  const goOn =
    passed && next !== undefined
      ? html`<p class="go-on"><a class="button primary" href="/workshop/${next.id}">Next: ${next.id}</a> <span class="quiet">${next.title}</span></p>`
      : '';
  return html`${goOn}<p class="controls quiet-controls">
<button type="button" data-action="judge">Judge again</button>
<button type="button" data-action="diff" data-passed="${passed ? '1' : '0'}">${passed ? 'Compare with the model' : 'See the model'}</button>
<button type="button" data-action="reset">Back to the start</button></p>`;
}

function runSection(
  exercise: Exercise,
  shown: CheckResult | null,
  run: number | null,
  companion: Companion | null,
): Html {
  if (shown === null) return html`<h2>Your first run is drawn here.</h2>`;
  const title = shown.status === 'skipped' ? `${shown.checkId} was not run.` : `${runTitle(shown)}.`;
  return html`<h2>${title} <span class="quiet">${shown.checkId}${run === null ? '' : `, run ${run}`}</span></h2>${runPart(shown, 'run', imagesPart(exercise, shown), companion)}`;
}

function referencePart(
  exercise: Exercise,
  reference: Awaited<ReturnType<References['ready']>>,
  missing: string | null,
): Html {
  if (!exercise.checks.some((check) => check.judge === 'chromium')) return html``;
  if (reference === null) {
    return missing === null
      ? html`<p class="quiet">The two pictures to compare with are being made.</p>`
      : html`<p class="quiet">The pictures to compare with need a Chromium. ${missing}</p>`;
  }
  const { start, model } = reference;
  return html`${toCompare('What you start from', start, 'ref-start')}${toCompare('Where it leads', model, 'ref-model')}`;
}

/** Nothing where nothing was drawn of it. */
function toCompare(what: string, test: CheckResult | null, id: string): Html {
  if (test === null) return html``;
  if ((test.held ?? []).length > 0) return html`<h2>${what}: ${lower(runTitle(test))}.</h2>${heldPart(test)}`;
  if (test.connections.length === 0) return html``;
  const drawn = compared(test);
  if (drawn !== null) return html`<h2>${what}: ${lower(runTitle(test))}.</h2>${drawn}`;
  return html`<h2>${what}: ${lower(timelineOf(test).title)}.</h2>${figure(timelineOf(test), id, sourceOf(test))}`;
}

/** The exercise's own picture, where it stands in the timeline's place. */
function compared(test: CheckResult): Html | null {
  if (test.picture === 'bands') return bandsFigure(test);
  if (test.picture === 'arrows') return idMatchFigure(test);
  return test.picture === 'protocols' && protocolsOf(test) !== null ? protocolsPart(test) : null;
}

function lower(text: string): string {
  return text.slice(0, 1).toLowerCase() + text.slice(1);
}

/** The exercises' own texts: they are part of the project, so their HTML is trusted. */
const marked = new Marked({ gfm: true });

function markdown(text: string): string {
  // The pictures of control characters become marks that every system can show.
  const marks = (all: string): string =>
    all.replaceAll(/[\u2400-\u2421]/g, (picture) => controlMark(picture.charCodeAt(0) - 0x2400));
  return marks(String(marked.parse(text))).replaceAll('<pre>', '<pre tabindex="0">');
}
