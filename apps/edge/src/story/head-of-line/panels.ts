import { count } from '@interleave/trace/look';
import { NAMES } from '../names.ts';
import type { Fate } from './late.ts';
import { AGAIN } from './link.ts';
import { shared } from './roads.ts';
import type { Bar, Mark, Panel, Row } from './rows.ts';
import { countLate, type HoleRun, type RoadRun } from './run.ts';

/** The moment that shows most: everything has come but what was lost, which is about to come again. */
export function snapshot({ again }: HoleRun): number {
  return again - 0.001;
}

/** When the last of everything is handed on. */
export function endOf({ segments }: HoleRun): number {
  return Math.max(...segments.map(({ at }) => at));
}

/** The road with one order at a moment of virtual time: bytes of the connection, the only ruler that TCP has. */
export function oneOrderPanel(run: HoleRun, now: number): Panel {
  const { hole, frames, total, one, plan } = run;
  const edges = [hole.from, hole.to, arrivedTo(run, now)];
  const mark = markAt(run, now);
  const bars = (own: HoleRun['frames']): Bar[] => own.flatMap(({ from, to }) => cut(from, to, edges, mark));
  const all: Row = {
    name: 'all',
    bars: bars(frames),
    verdict: '',
    isLate: false,
    words: `The connection has ${total} bytes.`,
  };
  return {
    id: 'hl-one',
    title: `One order, as TCP has it: ${countLate(one)} of ${plan.n} replies are late.`,
    protocol: 'h2',
    rows: [all, ...replyRows(run, one, now, (reply) => bars(frames.filter((frame) => frame.reply === reply)))],
    most: total,
    tick: (at) => (at === 0 ? 'byte 0' : String(at)),
    band: hole,
    left: 30,
    right: 96,
  };
}

/** The road with an order for each stream: every row has a ruler of its own. */
export function ownOrdersPanel(run: HoleRun, now: number): Panel {
  const { own, plan, parts } = run;
  const none: Row = {
    name: 'all',
    bars: [],
    note: 'each stream counts its own bytes',
    verdict: '',
    isLate: false,
    words: 'There is no ruler for all streams.',
  };
  const bars = (reply: number): Bar[] => {
    let isWhole = true;
    const mine = parts.filter((part) => part.reply === reply && part.to > part.from);
    return merge(
      mine.map(({ from, to, at, isLost }) => {
        const hasCome = at <= now;
        isWhole &&= hasCome;
        const wasDue = isLost && at - AGAIN <= now;
        return { from, to, mark: hasCome ? (isWhole ? 'came' : 'held') : wasDue ? 'lost' : 'due' };
      }),
    );
  };
  return {
    id: 'hl-own',
    title: `An order for each stream, as QUIC has it: ${countLate(own)} of ${plan.n} replies ${countLate(own) === 1 ? 'is' : 'are'} late.`,
    protocol: 'h3',
    rows: [none, ...replyRows(run, own, now, bars)],
    most: Math.max(1, ...parts.map(({ to }) => to)),
    tick: (at) => (at === 0 ? 'byte 0' : String(at)),
    band: null,
    left: 30,
    right: 96,
  };
}

function replyRows(run: HoleRun, road: RoadRun, now: number, bars: (reply: number) => Bar[]): Row[] {
  return Array.from({ length: run.plan.n }, (_, reply): Row => {
    const fate = road.fates[reply] ?? 'before';
    const late = road.late[reply] ?? 0;
    const isTold = now >= usualEnd(run, reply);
    const verdict = verdictOf(fate, late);
    return {
      name: `/${NAMES[reply]}`,
      bars: bars(reply),
      verdict: isTold ? verdict : '',
      isLate: isTold && late > 0,
      words: isTold ? `/${NAMES[reply]} ${verdict}.` : '',
    };
  });
}

/** `lost +59 ms`, `waits +45 ms`, `on time`. */
export function verdictOf(fate: Fate, late: number): string {
  const by = `+${Math.max(1, Math.round(late))} ms`;
  return fate === 'lost' ? `lost ${by}` : fate === 'behind' ? `waits ${by}` : 'on time';
}

/** When a reply is whole if nothing is lost: what can be told of it can be told from then on. */
function usualEnd({ frames, segments }: HoleRun, reply: number): number {
  const end = Math.max(...frames.filter((frame) => frame.reply === reply).map(({ to }) => to));
  const segment = segments.find(({ to }) => to >= end);
  return segment === undefined ? 0 : segment.at - (segment.isLost ? AGAIN : 0);
}

/** Bytes of the connection before this one have been due. */
function arrivedTo({ segments }: HoleRun, now: number): number {
  return segments.reduce((to, segment) => (segment.at - (segment.isLost ? AGAIN : 0) <= now ? segment.to : to), 0);
}

function markAt(run: HoleRun, now: number): (byte: number) => Mark {
  const { hole, again } = run;
  const arrived = arrivedTo(run, now);
  return (byte) => {
    if (byte >= arrived) return 'due';
    if (now >= again || byte < hole.from) return 'came';
    return byte < hole.to ? 'lost' : 'held';
  };
}

/** A stretch in pieces of one mark each. */
function cut(from: number, to: number, edges: readonly number[], mark: (byte: number) => Mark): Bar[] {
  const inside = edges.filter((edge) => edge > from && edge < to).sort((a, b) => a - b);
  const all = [from, ...inside, to];
  return all.slice(1).flatMap((end, i) => {
    const start = all[i] ?? from;
    return end > start ? [{ from: start, to: end, mark: mark(start) }] : [];
  });
}

function merge(bars: readonly Bar[]): Bar[] {
  const merged: Bar[] = [];
  for (const bar of bars) {
    const last = merged.at(-1);
    if (last !== undefined && last.mark === bar.mark && last.to === bar.from)
      merged[merged.length - 1] = { ...last, to: bar.to };
    else merged.push(bar);
  }
  return merged;
}

/** Both roads as one table, with both rulers. */
export function holeTable(run: HoleRun): string {
  const { plan, hole, frames, parts, one, own } = run;
  const rows = Array.from({ length: plan.n }, (_, reply) => {
    const lost = frames
      .filter((frame) => frame.reply === reply)
      .reduce((sum, frame) => sum + shared(frame, hole.from, hole.to), 0);
    const mine = parts.filter((part) => part.reply === reply && part.isLost && part.to > part.from);
    const stretch = mine.length === 0 ? '' : `${mine[0]?.from}–${(mine.at(-1)?.to ?? 1) - 1}`;
    const cells = [
      lost === 0 ? '' : count(lost, 'byte'),
      verdictOf(one.fates[reply] ?? 'before', one.late[reply] ?? 0),
      stretch,
      verdictOf(own.fates[reply] ?? 'before', own.late[reply] ?? 0),
    ];
    return `<tr><th scope="row">/${NAMES[reply]}</th>${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>`;
  });
  const heads = ['reply', 'lost of it on one order', 'one order', 'lost of it, counted in its stream', 'own orders'];
  return `<table class="results"><thead><tr>${heads.map((head) => `<th scope="col">${head}</th>`).join('')}</tr></thead><tbody>${rows.join('')}</tbody></table>`;
}
