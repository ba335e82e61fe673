import type { Exercise } from '@interleave/judge';
import { countLine, type StoredRun } from '@interleave/judge/watch';
import { html } from 'hono/html';
import { failureText, runPart, statusSign } from './check-part.ts';
import type { Html } from './layout.ts';

/** A run that was kept, check by check; every failure line in the terminal leads here. */
export function runPage({ run, attempt, result }: StoredRun, exercise: Exercise): Html {
  const verdict = result.status === 'pass' ? 'passed' : result.status === 'error' ? 'could not be judged' : 'failed';
  return html`<p class="crumbs small"><a href="/workshop">Workshop</a> <span aria-hidden="true">/</span> <a href="/workshop/${exercise.id}">${exercise.id} ${exercise.title}</a> <span aria-hidden="true">/</span> run ${run}</p>
<h1>Run ${run} ${verdict}.</h1>
<p class="standfirst">${countLine(result)} on ${result.host}, <time datetime="${result.startedAt}">${result.startedAt.slice(0, 19).replace('T', ' ')} UTC</time>.${attempt === null ? '' : html` The files are kept as attempt <code>${attempt}</code>.`}</p>
<p class="small quiet">Judge the same files again: <code>npm run check -- --replay ${run}</code></p>
<ul class="checks toc">${result.tests.map((test) => html`<li><a class="row" href="#${test.checkId}">${statusSign(test)}<span class="id">${test.checkId}</span> <span>${test.title}</span></a></li>`)}</ul>
${result.tests.map(
  (test) => html`<section class="run" id="${test.checkId}" aria-labelledby="h-${test.checkId}" tabindex="-1">
<h2 id="h-${test.checkId}">${statusSign(test)}${test.checkId} <span class="quiet">${test.title}</span></h2>
${test.message !== undefined && test.status === 'fail' ? failureText(test.message) : html`<p class="quiet">${test.spec.url === '' ? test.spec.text : html`<a href="${test.spec.url}" rel="noreferrer">${test.spec.text}</a>`}</p>`}
${runPart(test, `r-${test.checkId}`)}</section>`,
)}`;
}
