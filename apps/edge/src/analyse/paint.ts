import { duration, escapeMarkup as esc, visibleText } from '@interleave/trace/look';
import {
  type Comparison,
  evidenceLines,
  type Finding,
  NETLOG_ADVICE,
  type Report,
  RULES,
  ruleOf,
  silentGroups,
  sureWords,
  tellLines,
} from '@interleave/trace/report';
import { type Timeline, timelineSvg, timelineTableHtml } from '@interleave/trace/timeline';

/** Lanes that are drawn; a picture of more is no picture. The table and the exports have all. */
const MOST_LANES = 60;

/** Text from a file: shown, never acted on. */
function text(plain: string): string {
  return esc(visibleText(plain));
}

/** A report as HTML: what the file can tell, the sentence, findings with their evidence, the waterfall, what stays open. */
export function paintReport(report: Report, name: string): string {
  return `<section class="report-head" aria-labelledby="report-title">
<p class="small quiet">${text(name)}</p>
<h2 id="report-title" class="report-sentence">${text(report.sentence)}</h2>
${tells(report)}
</section>
${findings(report)}
${waterfalls(report)}
${notes(report)}
${silence(report)}`;
}

/** Two reports side by side: what went, what came, what stayed. */
export function paintComparison(comparison: Comparison, names: readonly [string, string]): string {
  const { before, after, went, came, stayed, unknown } = comparison;
  const list = (title: string, all: readonly string[], none: string): string =>
    `<section><h2>${esc(title)}</h2>${all.length === 0 ? `<p class="quiet">${esc(none)}</p>` : `<ul class="compared">${all.map((line) => `<li>${line}</li>`).join('')}</ul>`}</section>`;
  const line = (finding: Finding): string => `${text(finding.sentence)} ${ruleTag(finding)}`;
  return `<section class="report-head" aria-labelledby="report-title">
<h2 id="report-title" class="report-sentence">${went.length} went, ${came.length} came, ${stayed.length} stayed.</h2>
<dl class="how"><dt>Before</dt><dd>${text(names[0])}: ${text(before.sentence)}</dd><dt>After</dt><dd>${text(names[1])}: ${text(after.sentence)}</dd></dl>
</section>
${list('These went.', went.map(line), 'No finding went.')}
${list('These came.', came.map(line), 'No finding came.')}
${list(
  'These stayed.',
  stayed.map(
    (pair) =>
      `${text(pair.after.sentence)} <span class="quiet">Before: ${text(pair.before.sentence)}</span> ${ruleTag(pair.after)}`,
  ),
  'No finding is in both.',
)}
${
  unknown.length === 0
    ? ''
    : list(
        'These cannot be compared.',
        unknown.map((each) => `${line(each.finding)} <span class="quiet">${text(each.why)}</span>`),
        '',
      )
}
${paintReport(after, names[1])}`;
}

function tells(report: Report): string {
  const { facts } = report.tells;
  const lines = tellLines(report).filter((line) => !line.startsWith('entries that have it'));
  const rows = facts.map(
    ({ fact, have, of }) =>
      `<tr><th scope="row">${esc(fact)}</th><td>${have} of ${of}</td><td class="bar" aria-hidden="true">${meter(have, of)}</td></tr>`,
  );
  return `<details class="tells"><summary>What this file can tell</summary>
<ul class="plain small">${lines.map((line) => `<li>${text(line)}</li>`).join('')}</ul>
<div class="table-scroll"><table><caption>Entries that hold a fact</caption><tbody>${rows.join('')}</tbody></table></div>
</details>`;
}

function meter(have: number, of: number): string {
  const width = of > 0 ? Math.round((100 * have) / of) : 0;
  return `<svg width="102" height="8" viewBox="0 0 102 8"><rect class="meter-all" x="1" y="3.5" width="100" height="1"/><rect class="meter-have" x="1" y="1" width="${width}" height="6"/></svg>`;
}

function findings(report: Report): string {
  if (report.findings.length === 0) {
    const checked = RULES.length - report.cannotTell.length;
    return `<section aria-labelledby="findings-title"><h2 id="findings-title">Nothing shows that a connection was needless.</h2>
<p>${checked} of ${RULES.length} rules could be answered from this file.</p></section>`;
  }
  const items = report.findings.map((finding, index) => paintFinding(report, finding, index));
  return `<section aria-labelledby="findings-title"><h2 id="findings-title">${
    report.findings.length === 1 ? 'One thing stands out' : `${report.findings.length} things stand out`
  }, ${report.findings.some(({ isGrave }) => isGrave) ? 'the gravest' : 'the costliest'} first.</h2>
<ol class="findings">${items.join('')}</ol></section>`;
}

function paintFinding(report: Report, finding: Finding, index: number): string {
  const rule = ruleOf(finding.rule);
  const evidence = evidenceLines(report, finding.evidence, 8);
  const stake = finding.atMostMs > 0 ? `<span class="stake">at most ${esc(duration(finding.atMostMs))}</span>` : '';
  const limits = Object.entries(rule.thresholds)
    .map(([name, value]) => `${esc(name)} ${value}`)
    .join(' · ');
  return `<li class="finding"><h3 id="finding-${index}">${text(finding.sentence)}</h3>
<p class="small finding-line">${stake}<span class="source">${text(sureWords(finding))}</span>${ruleTag(finding)}</p>
<p>${text(rule.remedy)}</p>
<details><summary>Evidence, and when not to</summary>
<ul class="plain small mono-list">${evidence.map((line) => `<li>${text(line)}</li>`).join('')}</ul>
<p class="small"><b>Wrong if:</b> ${text(rule.disproof)}</p>
<p class="small"><b>Leave it if:</b> ${text(rule.exception)}</p>
<p class="small quiet">${limits}</p>
</details></li>`;
}

function ruleTag({ rule }: Finding): string {
  return `<code class="rule">${esc(rule)}</code>`;
}

function waterfalls(report: Report): string {
  const drawn = report.timelines().slice(0, 3);
  if (drawn.length === 0) {
    return `<section><h2>There is nothing to draw.</h2><p>No entry has both a time and a connection.</p></section>`;
  }
  return `<section aria-labelledby="waterfall-title"><h2 id="waterfall-title">Each lane is a connection.</h2>${drawn
    .map((timeline, index) => waterfall(timeline, index))
    .join('')}</section>`;
}

function waterfall(timeline: Timeline, index: number): string {
  const lanes = timeline.lanes.slice(0, MOST_LANES);
  const shown: Timeline = { ...timeline, lanes };
  const left = timeline.lanes.length - lanes.length;
  return `<figure class="life"><div class="wide table-scroll">${timelineSvg(shown, { width: 860, idPrefix: `w${index}` })}</div>
<div class="narrow">${timelineSvg(shown, { width: 350, idPrefix: `n${index}` })}</div>
<figcaption><p class="small life-note">${text(timeline.title)}${left > 0 ? ` <span class="quiet">${left} more connections are in the table.</span>` : ''}</p>
<details><summary>The same as a table</summary><div class="table-scroll" tabindex="0" role="region" aria-label="Table of exchanges">${timelineTableHtml(timeline)}</div></details>
</figcaption></figure>`;
}

function notes(report: Report): string {
  if (report.notes.length === 0) return '';
  return `<section aria-labelledby="notes-title"><h2 id="notes-title">Also noted, and no fault.</h2>
<ul class="plain">${report.notes.map(({ sentence }) => `<li>${text(sentence)}</li>`).join('')}</ul></section>`;
}

function silence(report: Report): string {
  const groups = silentGroups(report);
  if (groups.length === 0) return '';
  return `<section aria-labelledby="silence-title"><h2 id="silence-title">This file cannot answer ${
    report.cannotTell.length === 1 ? 'one rule' : `${report.cannotTell.length} rules`
  }.</h2>
<ul class="plain small">${groups
    .map(
      ({ why, rules }) =>
        `<li>${rules.map((rule) => `<code class="rule">${esc(rule)}</code>`).join(' ')} ${text(why)}</li>`,
    )
    .join('')}</ul>
<p class="small quiet">${text(NETLOG_ADVICE)}</p></section>`;
}
