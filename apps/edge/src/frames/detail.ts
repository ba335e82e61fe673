import {
  type FrameModel,
  type FramePart,
  type FrameView,
  flagNames,
  frameBytes,
  frameName,
  framePurpose,
  streamWords,
  type TableView,
  type Windows,
} from '@interleave/trace/frames';
import { bytesHtml, clip, count, escapeMarkup, visibleHtml } from '@interleave/trace/look';
import { pathHtml, stateTable, stateTableHtml } from './states.ts';

/** Entries of a table that are shown; the rest is counted. */
const ENTRIES = 24;
/** Bytes that are shown of a frame: a head of usual size. */
const BYTES = 1_024;

/** `HEADERS, stream 1, from your browser`. */
export function detailTitle(frame: FrameView, client: string): string {
  return `${frameName(frame)}, ${streamWords(frame)}, from ${frame.fromClient ? client : 'the server'}`;
}

/** Purpose, place and flags in one paragraph. */
export function detailWordsHtml(frame: FrameView): string {
  const flags = flagNames(frame);
  const where =
    frame.protocol === 'http3'
      ? `bytes ${frame.offset} to ${frame.offset + frame.length - 1} of its stream in this direction`
      : `bytes ${frame.offset} to ${frame.offset + frame.length - 1} of the connection in this direction`;
  const flagged = flags === '' ? '' : ` Flags: <code>${escapeMarkup(flags)}</code>.`;
  const kept = frame.keepAlive;
  const keep =
    kept === null ? '' : ` The connection ${kept.keep ? 'stays' : 'ends behind it'}: ${escapeMarkup(kept.why)}.`;
  return `${escapeMarkup(framePurpose(frame))} <span class="quiet">${count(frame.length, 'byte')}, ${where}.</span>${flagged}${keep}`;
}

/** The bytes of a frame, with a caret at one of its parts. */
export function hexHtml(frame: FrameView, columns: number, chosen: number | null): string {
  const { bytes, parts, hidden } = frameBytes(frame);
  const shown = bytes.subarray(0, BYTES);
  const part = chosen === null ? undefined : parts[chosen];
  const caret =
    part === undefined || part.from >= shown.length
      ? undefined
      : { at: part.from, note: `${part.label}${part.value === '' ? '' : ` ${clip(part.value, 40)}`}` };
  const masked = parts.some((one) => one.masked);
  const notes = [
    masked ? 'Bytes of masked values are shown as 00.' : '',
    hidden + bytes.length - shown.length > 0
      ? `${count(hidden + bytes.length - shown.length, 'byte')} more ${hidden > 0 ? (frame.fromClient && frame.kind !== 'headers' ? 'are not shown: what you send stays yours' : 'were not kept') : 'are not drawn'}.`
      : '',
  ].filter((note) => note !== '');
  const fields = parts
    .filter(({ from }) => from < shown.length)
    .map(({ from, to }) => ({ from, to: Math.min(to, shown.length), label: '' }));
  const view = { bytes: shown, base: frame.offset, fields: fields.map((f) => ({ ...f, label: '' })), columns };
  const html = bytesHtml(caret === undefined ? view : { ...view, caret });
  // The parts stand in a table beside the bytes: a legend under them would say everything twice.
  const withoutLegend = fields.length > 0 ? html.replace(/\n\n<span class="at">\d+–[\s\S]*<\/pre>$/, '</pre>') : html;
  return `${withoutLegend}<p class="small quiet hex-note">${notes.join(' ')}</p>`;
}

/** The parts of a frame as rows; a row that is chosen moves the caret. */
export function partsHtml(frame: FrameView): string {
  const { parts } = frameBytes(frame);
  const rows = parts.map((part, at) => partRow(frame, part, at));
  return (
    '<table class="parts"><caption class="visually-hidden">Parts of the frame. Arrow keys move the caret.</caption><thead><tr>' +
    '<th scope="col">bytes</th><th scope="col">what</th><th scope="col">says</th><th scope="col">written as</th></tr></thead>' +
    `<tbody>${rows.join('')}</tbody></table>`
  );
}

function partRow(frame: FrameView, { from, to, label, value, how, masked }: FramePart, at: number): string {
  const range = to - from === 1 ? `${frame.offset + from}` : `${frame.offset + from}–${frame.offset + to - 1}`;
  const said = masked ? '<i class="masked">masked</i>' : visibleHtml(clip(value, 160));
  return (
    `<tr data-part="${at}"><td>${range}</td><th scope="row"><button type="button" class="link" tabindex="${at === 0 ? 0 : -1}">${visibleHtml(clip(label, 60))}</button></th>` +
    `<td class="said">${said}</td><td class="how">${escapeMarkup(how)}</td></tr>`
  );
}

/** A dynamic table before and after a block; null where the frame has nothing to do with one. */
export function tableHtml(frame: FrameView): string | null {
  const { table: change, tableBefore } = frame;
  const isQpack = frame.protocol === 'http3';
  if (change === null) {
    if (frame.block === null || frame.protocol === 'http1') return null;
    const used = usedLines(frame);
    if (tableBefore.entries.length === 0)
      return '<p class="small quiet">The dynamic table is empty, and this frame leaves it so.</p>';
    const words =
      used.size === 0
        ? 'It takes nothing from the table and adds nothing.'
        : `It takes ${count(used.size, 'line')} from the table, and adds none.`;
    return `<p class="small">${words}</p><div class="beforeafter one">${entriesHtml('The table as it stood', tableBefore, 0, 0, isQpack, used)}</div>`;
  }
  const { before, after, inserted, evicted } = change;
  const words = [
    inserted > 0 ? `${count(inserted, 'line')} added` : '',
    evicted > 0 ? `${count(evicted, 'line')} made room` : '',
    before.capacity !== after.capacity ? `capacity ${before.capacity} → ${after.capacity}` : '',
  ].filter((word) => word !== '');
  return (
    `<p class="small">${words.join(', ')}: ${before.size} → <b>${after.size}</b> of ${after.capacity} bytes.</p>` +
    `<div class="beforeafter">${entriesHtml('Before', before, 0, evicted, isQpack, usedLines(frame))}${entriesHtml('After', after, inserted, 0, isQpack, NONE)}</div>`
  );
}

const NONE: ReadonlySet<string> = new Set();

/** Lines that a block takes from the dynamic table whole, as names and values. */
function usedLines({ block }: FrameView): ReadonlySet<string> {
  const lines = (block?.lines ?? []).filter(({ form, table }) => form === 'indexed' && table === 'dynamic');
  return new Set(lines.map(({ name, value }) => `${name}: ${value}`));
}

function entriesHtml(
  title: string,
  view: TableView,
  added: number,
  evicted: number,
  isQpack: boolean,
  used: ReadonlySet<string>,
): string {
  const rows = view.entries.slice(0, ENTRIES).map(({ name, value }, at) => {
    const isNew = at < added;
    const goes = at >= view.entries.length - evicted;
    const index = isQpack ? view.inserted - 1 - at : 62 + at;
    const isUsed = used.has(`${name}: ${value}`);
    const mark = isNew ? '+' : goes ? '−' : isUsed ? '→' : '';
    const said = value === undefined ? '<i class="masked">masked</i>' : visibleHtml(clip(value, 60));
    return `<li class="${isNew ? 'new' : goes ? 'goes' : isUsed ? 'used' : ''}"><span class="index">${mark}${index}</span> <span><b>${visibleHtml(clip(name, 40))}</b> ${said}</span></li>`;
  });
  const more = view.entries.length - ENTRIES;
  const rest = more > 0 ? `<li class="quiet">and ${more} older</li>` : '';
  const none = view.entries.length === 0 ? '<li class="quiet">empty</li>' : '';
  return `<section aria-label="${title}"><h4>${title}</h4><ol class="entries">${rows.join('')}${rest}${none}</ol></section>`;
}

/** The way of the frame's stream through its table of states, as far as this frame. */
export function statesHtml(frame: FrameView, model: FrameModel): string {
  const [own] = frame.steps;
  const all = (model.steps.get(frame.streamId) ?? []).filter(
    (step) => step.frame <= frame.number && (own === undefined || step.of === own.of),
  );
  if (all.length === 0) {
    return '<p class="small quiet">It belongs to the connection, or moves no state.</p>';
  }
  const of = all[0]?.of ?? 'stream';
  const seenFrom = (frame.direction === 'received') === frame.fromClient ? 'server' : 'client';
  const steps = all.filter((step) => step.of === of);
  return `${pathHtml(steps, frame.steps)}<section class="table-scroll" tabindex="0" aria-label="Table of states">${stateTableHtml(stateTable(frame.protocol, of, seenFrom), steps, frame.steps)}</section>`;
}

/** What either side may still send, before and after. */
export function windowsHtml({ windows, protocol, direction, fromClient }: FrameView, client: string): string | null {
  if (protocol !== 'http2') return null;
  if (windows === null)
    return '<p class="small quiet">It moves no window: only DATA, WINDOW_UPDATE and SETTINGS do.</p>';
  const { before, after } = windows;
  // What an onlooker at the server may receive is what the client may send.
  const atServer = (direction === 'received') === fromClient;
  const [ofClient, ofServer] = atServer ? (['receive', 'send'] as const) : (['send', 'receive'] as const);
  const rows: string[] = [
    row(`${client} may send, all streams`, before?.connection[ofClient], after.connection[ofClient]),
    row('the server may send, all streams', before?.connection[ofServer], after.connection[ofServer]),
  ];
  if (after.stream !== null) {
    const stream = streamOf(before, after);
    rows.push(
      row(`${client} may send, stream ${after.streamId}`, stream?.[ofClient], after.stream[ofClient]),
      row(`the server may send, stream ${after.streamId}`, stream?.[ofServer], after.stream[ofServer]),
    );
  }
  return `<table class="windows"><thead><tr><th scope="col">who</th><th scope="col">before</th><th scope="col">after</th></tr></thead><tbody>${rows.join('')}</tbody></table>`;
}

function streamOf(before: Windows | null, after: Windows): Windows['stream'] {
  return before !== null && before.streamId === after.streamId ? before.stream : null;
}

function row(who: string, before: number | undefined, after: number): string {
  const changed = before !== undefined && before !== after;
  const number = (n: number): string => n.toLocaleString('en');
  return `<tr><th scope="row">${escapeMarkup(who)}</th><td>${before === undefined ? '' : number(before)}</td><td${changed ? ' class="now"' : ''}>${number(after)}</td></tr>`;
}
