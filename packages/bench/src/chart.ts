import type { Comparison, Report } from './results.ts';
import { targetText, times } from './table.ts';

const WIDTH = 900;
const LABELS = 290;
const VALUES = 230;
const PLOT = { left: LABELS, right: WIDTH - VALUES } as const;
const ROW = 44;
const TOP = 74;
const GROUP = 40;

/**
 * The ratios of a run as an SVG picture: a dot for each claim, a line for its range round by round, and a mark where its
 * target lies, on a logarithmic axis that is the same for all rows, so that twice as much is as far everywhere.
 *
 * It needs no script and no font of its own, follows the reader's dark or light setting, and says in its text
 * everything that it shows. Ratios of speed and ratios of cost are kept apart, since the good side differs.
 */
export function chart(report: Report): string {
  const all = report.measurements.flatMap(({ comparisons }) => comparisons);
  const groups = [
    { heading: 'Speed, as a multiple of the peer’s', side: 'more is better', rows: all.filter(isSpeed) },
    { heading: 'Cost, as a multiple of the peer’s', side: 'less is better', rows: all.filter((row) => !isSpeed(row)) },
  ].filter(({ rows }) => rows.length > 0);
  const scale = logScale(all);

  const parts: string[] = [];
  let y = TOP;
  for (const { heading, side, rows } of groups) {
    parts.push(text(0, y, `${heading} (${side})`, 'heading'));
    y += 14;
    const height = rows.length * ROW;
    for (const tick of scale.ticks) {
      const x = scale.at(tick);
      parts.push(line(x, y, x, y + height, tick === 1 ? 'par' : 'grid'));
      parts.push(text(x, y + height + 16, `${tick}×`, 'tick'));
    }
    for (const row of rows) {
      parts.push(rowOf(row, y + ROW / 2, scale.at));
      y += ROW;
    }
    y += GROUP + 16;
  }
  const height = y + 4;
  const { node, cpu, generator } = report.environment;
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-labelledby="title desc">`,
    `<title id="title">Interleave against its peers, as ratios</title>`,
    `<desc id="desc">${escapeText(described(all))}</desc>`,
    `<style>${STYLE}</style>`,
    text(0, 22, 'Interleave against its peers', 'title'),
    text(
      0,
      42,
      `Node ${node} · ${cpu} · load from ${generator} · ${report.date} · medians of ${report.rounds} rounds in turn`,
      'note',
    ),
    ...parts,
    legend(height - 14),
    '</svg>',
  ].join('\n')}\n`;
}

// Colours pass 4.5:1 for text on both grounds; reached and missed differ in shape too: a full dot and a ring.
const STYLE = [
  'text{font:13px system-ui,sans-serif;fill:#1a1a1a}',
  '.title{font-size:18px;font-weight:600}',
  '.heading{font-weight:600}',
  '.note,.peer,.tick{fill:#5c5c5c;font-size:12px}',
  '.tick{text-anchor:middle}',
  '.value{font-variant-numeric:tabular-nums;font-weight:600}',
  '.grid{stroke:#dcdcdc}',
  '.par{stroke:#5c5c5c}',
  '.range{stroke:#0b62c4;stroke-width:2}',
  '.dot{fill:#0b62c4;stroke:#0b62c4;stroke-width:2}',
  '.missed{fill:#fff}',
  '.target{stroke:#1a1a1a;stroke-width:2}',
  '@media (prefers-color-scheme:dark){',
  'text{fill:#ececec}',
  '.note,.peer,.tick{fill:#a6a6a6}',
  '.grid{stroke:#3a3a3a}',
  '.par{stroke:#a6a6a6}',
  '.range{stroke:#6cb2ff}',
  '.dot{fill:#6cb2ff;stroke:#6cb2ff}',
  '.missed{fill:#0d1117}',
  '.target{stroke:#ececec}',
  '}',
].join('');

function isSpeed(row: Comparison): boolean {
  return row.better === 'higher';
}

function rowOf(row: Comparison, y: number, at: (ratio: number) => number): string {
  const x = at(row.value);
  const missed = row.reached === false;
  const subject = row.ours.startsWith('interleave') ? row.ours.replace(/^interleave(, )?/, '') : '';
  const versus = `${subject ? `${subject} ` : ''}against ${row.peer}${row.basis === 'processor time' ? ', by CPU time' : ''}`;
  const parts = [text(0, y - 3, row.claim, 'claim'), text(0, y + 13, versus, 'peer')];
  if (row.target) parts.push(line(at(row.target.value), y - 10, at(row.target.value), y + 10, 'target'));
  parts.push(line(at(row.low), y, at(row.high), y, 'range'));
  parts.push(`<circle cx="${round(x)}" cy="${round(y)}" r="5" class="dot${missed ? ' missed' : ''}"/>`);
  parts.push(text(PLOT.right + 20, y + 1, times(row.value), 'value'));
  if (row.target) {
    parts.push(text(PLOT.right + 80, y + 1, `${targetText(row.target)} ${missed ? 'not reached' : 'reached'}`, 'peer'));
  }
  return parts.join('\n');
}

function legend(y: number): string {
  return [
    `<circle cx="6" cy="${round(y - 4)}" r="5" class="dot"/>`,
    text(18, y, 'ratio of medians', 'note'),
    `<circle cx="136" cy="${round(y - 4)}" r="5" class="dot missed"/>`,
    text(148, y, 'target not reached', 'note'),
    line(272, y - 4, 296, y - 4, 'range'),
    text(304, y, 'range over the rounds', 'note'),
    line(456, y - 12, 456, y + 4, 'target'),
    text(466, y, 'target', 'note'),
  ].join('\n');
}

/** What the picture shows, in words. */
function described(rows: readonly Comparison[]): string {
  return rows
    .map(
      ({ claim, ours, peer, value, target, reached }) =>
        `${claim}: ${ours} at ${times(value)} of ${peer}${target ? `, target ${targetText(target)} ${reached ? 'reached' : 'not reached'}` : ''}.`,
    )
    .join(' ');
}

/** One logarithmic axis for all rows, from and to a tick that leaves nothing outside. */
export function logScale(rows: readonly Comparison[]): {
  readonly ticks: readonly number[];
  at(ratio: number): number;
} {
  const marks = rows.flatMap(({ low, high, value, target }) => [low, high, value, ...(target ? [target.value] : [])]);
  const steps = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000];
  const [least, most] = [Math.min(1, ...marks), Math.max(1, ...marks)];
  const first = steps.findLast((step) => step <= least && step < 1) ?? 0.01;
  const last = steps.find((step) => step >= most && step > 1) ?? 1000;
  const [from, to] = [Math.log(first), Math.log(last)];
  return {
    ticks: steps.filter((step) => step >= first && step <= last),
    at(ratio) {
      const share = (Math.log(ratio) - from) / (to - from);
      return PLOT.left + Math.min(1, Math.max(0, share)) * (PLOT.right - PLOT.left);
    },
  };
}

function text(x: number, y: number, content: string, kind: string): string {
  return `<text x="${round(x)}" y="${round(y)}" class="${kind}">${escapeText(content)}</text>`;
}

function line(x1: number, y1: number, x2: number, y2: number, kind: string): string {
  return `<line x1="${round(x1)}" y1="${round(y1)}" x2="${round(x2)}" y2="${round(y2)}" class="${kind}"/>`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function escapeText(content: string): string {
  return content.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
