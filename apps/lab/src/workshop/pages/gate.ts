/** What the checks are proved with: each wrong submission that is kept, the checks that it fails, and what a learner would read. */
import type { KillMatrix, MatrixRow } from '@interleave/judge/gate';
import { count, visibleHtml } from '@interleave/trace/look';
import { html, raw } from 'hono/html';
import { failureText } from './check-part.ts';
import type { Html } from './layout.ts';

export function gatePage(matrices: readonly KillMatrix[]): Html {
  const checks = sum(matrices, (matrix) => matrix.checks.length);
  const unkilled = matrices.flatMap((matrix) => matrix.unkilled);
  const smoke = sum(matrices, (matrix) => matrix.checks.filter((check) => check.judge === 'smoke').length);
  const judging = checks - smoke;
  const headline =
    unkilled.length === 0
      ? `Each of ${count(judging, 'check')} is failed by a wrong submission.`
      : `${unkilled.length} of ${count(judging, 'check')} ${unkilled.length === 1 ? 'is' : 'are'} failed by nothing that is kept.`;
  return html`<p class="crumbs small"><a href="/workshop">Workshop</a> <span aria-hidden="true">/</span> kill matrix</p>
<h1>${headline}</h1>
<p class="standfirst">A check that nobody can fail proves nothing, and one that a right design fails is worse. So each exercise keeps wrong submissions with one mistake each, and other designs that are right.</p>
<p class="small quiet">Read from the files below <code>workshops/</code>. <code>npm run gate</code> judges all of them again. ✗: the check fails; filled, it is the one whose text a learner reads.</p>
${unkilled.length === 0 ? '' : html`<p class="bad">No wrong submission fails ${unkilled.join(', ')}.</p>`}
<div class="table-scroll" tabindex="0" role="group" aria-label="All exercises in numbers"><table class="totals">
<thead><tr><th scope="col">Exercise</th><th scope="col">Checks</th><th scope="col">Wrong submissions</th><th scope="col">Alternatives</th></tr></thead>
<tbody>${matrices.map((matrix) => {
    const { exercise } = matrix;
    return html`<tr><th scope="row"><a href="#${exercise.id}"><span class="id">${exercise.id}</span> ${exercise.title}</a></th><td>${matrix.checks.length}</td><td>${wrongs(matrix).length}</td><td>${matrix.alternatives.length}</td></tr>`;
  })}</tbody>
<tfoot><tr><th scope="row">Together</th><td>${checks}</td><td>${sum(matrices, (matrix) => wrongs(matrix).length)}</td><td>${sum(matrices, (matrix) => matrix.alternatives.length)}</td></tr></tfoot>
</table></div>
${matrices.map((matrix) => matrixPart(matrix))}`;
}

function matrixPart(matrix: KillMatrix): Html {
  const { exercise, checks, rows, alternatives, problem } = matrix;
  const { id } = exercise;
  return html`<section class="matrix-part" id="${id}" aria-labelledby="h-${id}" tabindex="-1">
<h2 id="h-${id}"><a href="/workshop/${id}"><span class="id">${id}</span> ${exercise.title}</a></h2>
<p class="quiet">${count(checks.length, 'check')}, ${count(wrongs(matrix).length, 'wrong submission')}, ${alternatives.length === 0 ? 'no alternative that is right yet.' : html`${count(alternatives.length, 'alternative')}: ${alternatives.join(', ')}.`}</p>
${problem === null ? '' : html`<p class="bad">${problem}</p>`}
${rows.length === 0 ? '' : table(matrix)}
<details><summary>${count(checks.length, 'check')}, in words</summary><ul class="small words">${checks.map((check) => html`<li><span class="id">${check.id}</span> ${check.title}</li>`)}</ul></details>
<h3 class="reads">What a learner reads</h3>
${rows.map((row) => reads(id, row))}
</section>`;
}

function table(matrix: KillMatrix): Html {
  const { exercise, checks, rows } = matrix;
  const killers = (check: string): number => wrongs(matrix).filter(({ fails }) => fails.includes(check)).length;
  return html`<div class="table-scroll" tabindex="0" role="group" aria-label="Kill matrix of ${exercise.id}"><table class="matrix">
<thead><tr><th scope="col">Submission</th>${checks.map((check) => html`<th scope="col" class="id">${check.id}</th>`)}</tr></thead>
<tbody>${rows.map(
    (row) =>
      html`<tr class="${row.kind}"><th scope="row"><a href="#${exercise.id}-${row.name}">${row.name}</a>${row.mistake === null ? '' : html`<span class="small quiet mistake">${row.mistake}</span>`}</th>${checks.map((check) => cell(row, check.id))}</tr>`,
  )}</tbody>
<tfoot><tr><th scope="row">Wrong submissions that fail it</th>${checks.map((check) => {
    const number = killers(check.id);
    // A smoke check guards the hosts: no submission has to fail it.
    const isMissing = number === 0 && check.judge !== 'smoke';
    return html`<td class="${isMissing ? 'bad' : ''}">${number}</td>`;
  })}</tr></tfoot>
</table></div>`;
}

/** The first check that fails is the one whose text is shown: it stands out. */
function cell({ fails }: MatrixRow, check: string): Html {
  if (!fails.includes(check))
    return html`<td class="quiet"><span aria-hidden="true">·</span><span class="visually-hidden">passes</span></td>`;
  const isShown = fails[0] === check;
  return html`<td class="${isShown ? 'kill shown' : 'kill'}"><span aria-hidden="true">✗</span><span class="visually-hidden">${isShown ? 'fails, and is shown' : 'fails'}</span></td>`;
}

function reads(exercise: string, { name, golden, fails }: MatrixRow): Html {
  const says =
    golden !== null
      ? raw(visibleHtml(headlineOf(golden)))
      : fails.length === 0
        ? 'does not say which checks fail'
        : 'its text was never written';
  // The place to jump to is inside: a browser opens what it has to scroll to.
  return html`<details><summary><span class="name">${name}</span> ${says}</summary>
<div id="${exercise}-${name}">${golden === null ? html`<p class="small quiet"><code>npm run gate -- ${exercise} --golden</code> writes it.</p>` : failureText(golden.trimEnd())}</div></details>`;
}

/** A kept text begins with its check; the sentence below, up to the empty line, says what is wrong. */
function headlineOf(golden: string): string {
  const [, ...rest] = golden.split('\n');
  const lines = rest.slice(0, rest.indexOf(''));
  return lines.map((line) => line.trim()).join(' ');
}

function wrongs({ rows }: KillMatrix): MatrixRow[] {
  return rows.filter((row) => row.kind === 'wrong');
}

function sum(matrices: readonly KillMatrix[], of: (matrix: KillMatrix) => number): number {
  return matrices.reduce((total, matrix) => total + of(matrix), 0);
}
