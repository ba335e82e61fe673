import type { Comparison, Measurement, Report, Target } from './results.ts';
import { readable } from './statistics.ts';

/** Lines up cells in columns, two spaces apart; columns named in `right` are flush right. */
export function columns(rows: readonly (readonly string[])[], right: ReadonlySet<number> = new Set()): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, cell.length);
  }
  return rows.map((row) =>
    row
      .map((cell, column) => {
        const width = widths[column] as number;
        return right.has(column) ? cell.padStart(width) : cell.padEnd(width);
      })
      .join('  ')
      .trimEnd(),
  );
}

/** `1.62×`; three significant digits. */
export function times(ratio: number): string {
  return `${readable(ratio)}×`;
}

/** `≥ 1.3×`, `≤ 1.2×`, or nothing. */
export function targetText(target: Target | null): string {
  if (target === null) return '';
  return `${target.bound === 'at least' ? '≥' : '≤'} ${target.value}×`;
}

/** `reached`, `not reached`, or nothing where no target is set. */
export function verdict(comparison: Pick<Comparison, 'reached'>): string {
  if (comparison.reached === null) return '';
  return comparison.reached ? 'reached' : 'not reached';
}

/** The figures of one measurement: each contestant's median and range. */
export function figures(measurement: Measurement): string[] {
  const rows = measurement.entries.map(({ name, median, low, high, busy }) => [
    `  ${name}`,
    readable(median),
    measurement.unit,
    low === high ? '' : `${readable(low)} – ${readable(high)}`,
    busy === null ? '' : `core ${Math.round(busy * 100)} % busy`,
  ]);
  return [measurement.title, ...columns(rows, new Set([1])), ...measurement.notes.map((note) => `  (${note})`)];
}

/** All claims of a run: ratio, spread over the rounds, target, verdict. */
export function ratios(report: Report): string[] {
  const rows = report.measurements
    .flatMap(({ comparisons }) => comparisons)
    .map((comparison) => [
      comparison.claim,
      comparison.ours,
      comparison.peer,
      times(comparison.value),
      comparison.low === comparison.high ? '' : `${readable(comparison.low)} – ${readable(comparison.high)}`,
      comparison.basis === 'processor time' ? 'CPU' : '',
      comparison.other ? times(comparison.other.value) : '',
      comparison.better === 'higher' ? 'more' : 'less',
      targetText(comparison.target),
      verdict(comparison),
    ]);
  if (rows.length === 0) return ['No two contestants were measured side by side.'];
  return columns(
    [['what', 'this', 'against', 'ratio', 'spread', 'by', 'other', 'better', 'target', ''], ...rows],
    new Set([3, 6]),
  );
}

/** The whole report as text. */
export function reportText(report: Report): string {
  const { node, v8, cpu, cores, pinned, generator, loadAverage } = report.environment;
  const lines = [
    `Node ${node}, V8 ${v8}; ${cpu}, ${cores} cores; ${pinned ? 'server and load pinned to a core each' : 'not pinned'}; load from ${generator}.`,
    `${report.rounds} rounds in turn; figures are medians, ratios are of medians, spread is the ratio's range round by round.`,
    '"by CPU": a server waited for its load, so the ratio is of requests per second of processor time; "other" is the one not used.',
    ...(loadAverage > 1
      ? [`Others were at work on this machine (load average ${loadAverage}): trust the ratios, not the figures.`]
      : []),
    ...(generator === 'built-in client' ? [BUILT_IN] : []),
    '',
    ...report.measurements.flatMap((measurement) => [...figures(measurement), '']),
    ...ratios(report),
    ...(report.skipped.length > 0 ? ['', 'Left out:', ...report.skipped.map(({ why }) => `  ${why}`)] : []),
  ];
  return `${lines.join('\n')}\n`;
}

const BUILT_IN =
  'The built-in client is JavaScript: where a server leaves its core idle, the load was the limit and the ratio is too small.';
