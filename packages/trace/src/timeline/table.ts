import { BEGINNINGS, PHASES } from '../look/marks.ts';
import { protocolLook } from '../look/protocol.ts';
import { clip, duration, escapeMarkup, visibleText } from '../look/text.ts';
import { extent, type Timeline } from './model.ts';

/** A timeline as rows: everything that the picture shows, for reading instead of looking. */
export interface TimelineTable {
  readonly caption: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** One row per exchange, in order of time, then one per mark. */
export function timelineTable(timeline: Timeline): TimelineTable {
  const isTimed = timeline.scale !== 'order';
  const origin = startOf(timeline);
  const columns = ['connection', 'protocol', 'exchange', 'what', 'starts', 'takes', 'phases'];
  const rows: { at: number; cells: string[] }[] = [];
  for (const lane of timeline.lanes) {
    const protocol = lane.protocol ? protocolLook(lane.protocol).name : 'unknown';
    const name = clip(visibleText(lane.label), 60);
    for (const exchange of lane.exchanges) {
      const span = extent(exchange);
      const phases = exchange.phases.map((p) => {
        const word = PHASES[p.phase].word;
        return isTimed ? `${word} ${duration(p.to - p.from)}` : word;
      });
      const what = clip(visibleText(exchange.label), 120);
      rows.push({
        at: span?.from ?? Infinity,
        cells: [
          lane.kind === 'connection' ? `${name} (${BEGINNINGS[lane.beginning].word})` : name,
          protocol,
          exchange.nth === null ? 'not known' : String(exchange.nth),
          exchange.outcome === 'complete' ? what : `${what} (${exchange.outcome})`,
          span ? moment(span.from - origin, isTimed) : 'not known',
          span && isTimed ? duration(span.to - span.from) : '',
          phases.join(', '),
        ],
      });
    }
    for (const mark of lane.marks ?? []) {
      const what = visibleText(mark.label ?? mark.kind) + (mark.by ? `, by the ${mark.by}` : '');
      rows.push({ at: mark.at, cells: [name, protocol, '', what, moment(mark.at - origin, isTimed), '', ''] });
    }
  }
  rows.sort((a, b) => a.at - b.at);
  return { caption: timeline.title, columns, rows: rows.map((r) => r.cells) };
}

/** The table as HTML, with header cells for each column and each row. */
export function timelineTableHtml(timeline: Timeline): string {
  const table = timelineTable(timeline);
  const head = table.columns.map((c) => `<th scope="col">${escapeMarkup(c)}</th>`).join('');
  const body = table.rows.map(([first = '', ...rest]) => {
    const cells = rest.map((c) => `<td>${escapeMarkup(c)}</td>`).join('');
    return `<tr><th scope="row">${escapeMarkup(first)}</th>${cells}</tr>`;
  });
  return (
    `<table class="tl-table"><caption>${escapeMarkup(table.caption)}</caption>` +
    `<thead><tr>${head}</tr></thead><tbody>${body.join('')}</tbody></table>`
  );
}

function moment(ms: number, isTimed: boolean): string {
  return isTimed ? `+${duration(ms)}` : `step ${ms + 1}`;
}

function startOf(timeline: Timeline): number {
  const starts = timeline.lanes.flatMap((lane) => [
    ...(lane.openedAt === null ? [] : [lane.openedAt]),
    ...lane.exchanges.flatMap((e) => extent(e)?.from ?? []),
    ...(lane.marks ?? []).map((m) => m.at),
  ]);
  return Math.min(...starts, timeline.from ?? Infinity);
}
