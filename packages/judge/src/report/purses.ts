/** Flow control as purses: what a side may still send on each stream and on the connection, and when one of them held a stream. */
import { Http2Streams } from '@interleave/trace/events';
import { FRAME_TYPES } from '../raw/http2/names.ts';
import { has } from '../raw/http2/parse.ts';
import { grouped } from '../raw/numbers.ts';
import type { CheckResult } from '../result.ts';
import { ends, type Http2Run, http2Runs, requestOn, type SidedFrame, unitOf } from './http2-runs.ts';

/** Who pays: the learner's code (windows that the other side gave), or the other side (windows that the learner gives). */
export type Payer = 'learner' | 'peer';

export type Purse = {
  /** 0: the connection's. */
  readonly stream: number;
  readonly request: string | null;
  /** What is in it behind each frame that changed it, from the frame on that opened it (-1: before the first). */
  readonly levels: readonly { readonly place: number; readonly left: number }[];
  /** The place behind the frame that closed the stream: from there on it is no more. Null while the stream is not closed. */
  readonly until: number | null;
  /** Bytes of DATA that were paid from it, padding included. */
  readonly spent: number;
  /** Bytes of them for which there was nothing left. */
  readonly over: number;
  /** Credits that came, and what they add up to. */
  readonly credits: number;
  readonly credited: number;
};

/** A stream that had begun and could not go on: from behind this frame to the one at `to`, or to the end of the run. */
export type Held = {
  readonly stream: number;
  readonly from: number;
  readonly to: number | null;
  readonly by: 'stream' | 'connection' | 'both';
};

export type Purses = {
  readonly connection: string;
  readonly payer: Payer;
  readonly frames: number;
  /** The record ends before the run does. */
  readonly isCut: boolean;
  /** The connection's first, then those of streams on which something was paid, given or held. */
  readonly purses: readonly Purse[];
  readonly held: readonly Held[];
};

type Draft = {
  levels: { place: number; left: number }[];
  until: number | null;
  spent: number;
  over: number;
  credits: number;
  credited: number;
};

/** One entry for each HTTP/2 connection on which the payer paid something or had to wait. */
export function pursesOf(test: Pick<CheckResult, 'connections' | 'transcript'>, payer: Payer): Purses[] {
  return http2Runs(test).flatMap((run) => {
    const { drafts, held } = follow(run, payer);
    const isUsed = ({ spent }: Draft, stream: number): boolean =>
      stream === 0 || spent > 0 || held.some((it) => it.stream === stream);
    if ([...drafts].every(([stream, draft]) => (stream === 0 ? draft.spent === 0 : !isUsed(draft, stream)))) return [];
    return [
      {
        connection: run.connection,
        payer,
        frames: run.frames.length,
        isCut: run.isCut,
        purses: [...drafts]
          .filter(([stream, draft]) => isUsed(draft, stream))
          .map(([stream, draft]): Purse => ({ stream, request: requestOn(run, stream), ...draft })),
        held,
      },
    ];
  });
}

function follow(run: Http2Run, payer: Payer): { drafts: Map<number, Draft>; held: Held[] } {
  const side = payer === 'learner' ? 'send' : 'receive';
  const streams = new Http2Streams();
  const drafts = new Map<number, Draft>();
  const begun = new Set<number>();
  const open = new Map<number, Held>();
  const held: Held[] = [];
  const note = (place: number, stream: number): void => {
    const now = streams.windows();
    for (const [stream, windows] of now) {
      const draft = drafts.get(stream) ?? { levels: [], until: null, spent: 0, over: 0, credits: 0, credited: 0 };
      drafts.set(stream, draft);
      const left = windows[side];
      if (draft.levels.at(-1)?.left !== left) draft.levels.push({ place, left });
    }
    const own = drafts.get(stream);
    if (own !== undefined && !now.has(stream)) own.until ??= place + 1;
    const all = now.get(0)?.[side] ?? 0;
    for (const stream of new Set([...begun, ...open.keys()])) {
      const own = now.get(stream)?.[side];
      const isEmpty = own !== undefined && begun.has(stream) && (own <= 0 || all <= 0);
      const by = !isEmpty ? null : own > 0 ? 'connection' : all > 0 ? 'stream' : 'both';
      const was = open.get(stream);
      if (was?.by === by) continue;
      if (was !== undefined) held.push({ ...was, to: place });
      open.delete(stream);
      if (by !== null) open.set(stream, { stream, from: place, to: null, by });
    }
  };
  note(-1, 0);
  for (const it of run.frames) {
    const { frame, place } = it;
    const isPayers = (it.by === 'learner') === (payer === 'learner');
    streams.frame(unitOf(it), place);
    const { type, stream } = frame;
    if (isPayers && stream > 0 && type === FRAME_TYPES.HEADERS && !ends(it)) begun.add(stream);
    if (isPayers && (ends(it) || type === FRAME_TYPES.RST_STREAM)) begun.delete(stream);
    // A stream that is closed has no window: what its last frame took is counted here.
    const own = drafts.get(stream);
    const left = own?.until === null ? own.levels.at(-1)?.left : undefined;
    note(place, stream);
    if (
      left !== undefined &&
      own?.until === place + 1 &&
      isPayers &&
      type === FRAME_TYPES.DATA &&
      frame.payload.length > 0
    )
      own.levels.push({ place, left: left - frame.payload.length });
    count(drafts, it, isPayers);
  }
  held.push(...open.values());
  // With an empty purse a stream may still say that it is over: who does that was not held.
  const wasHeld = ({ stream, to }: Held): boolean => {
    const last = to === null ? undefined : run.frames[to];
    return last === undefined || last.frame.stream !== stream || !isEmptyEnd(last);
  };
  return { drafts, held: held.filter(wasHeld).sort((a, b) => a.from - b.from || a.stream - b.stream) };
}

function isEmptyEnd(it: SidedFrame): boolean {
  return ends(it) && (it.frame.type === FRAME_TYPES.HEADERS || it.frame.payload.length === 0);
}

function count(drafts: ReadonlyMap<number, Draft>, it: SidedFrame, isPayers: boolean): void {
  const { type, stream, payload } = it.frame;
  if (isPayers && type === FRAME_TYPES.DATA)
    for (const id of new Set([0, stream])) {
      const draft = drafts.get(id);
      if (draft === undefined) continue;
      draft.spent += payload.length;
      const left = draft.levels.at(-1)?.left ?? 0;
      if (left < 0) draft.over += Math.min(payload.length, -left);
    }
  if (!isPayers && type === FRAME_TYPES.WINDOW_UPDATE && !has(it.frame, 'ACK')) {
    const draft = drafts.get(stream);
    if (draft === undefined) return;
    draft.credits += 1;
    draft.credited += unitOf(it).value ?? 0;
  }
}

/** `Stream 1 was held 3 times: twice by its own purse, once by the connection’s`, in as few words as it takes. */
export function pursesTitle({ held, payer, purses, isCut }: Purses): string {
  const over = purses.find((purse) => purse.over > 0);
  if (over !== undefined) {
    const whose = over.stream === 0 ? 'the connection’s purse' : `the purse of stream ${over.stream}`;
    return `${grouped(over.over)} ${over.over === 1 ? 'byte' : 'bytes'} more than ${whose} held`;
  }
  if (held.length === 0) {
    const [connection] = purses;
    const spent = grouped(connection?.spent ?? 0);
    const kept = isCut ? ', as far as it was kept' : '';
    return payer === 'learner'
      ? `${spent} bytes of DATA, and no reply was held${kept}`
      : `${spent} bytes of DATA came, ${grouped(connection?.credited ?? 0)} were given back, and no upload was held${kept}`;
  }
  const streams = new Set(held.map(({ stream }) => stream)).size;
  const still = held.filter(({ to }) => to === null).length;
  const by = (purse: Held['by'], words: string): string => {
    const n = held.filter((it) => it.by === purse).length;
    return n === 0 ? '' : `${n === 1 ? 'once' : n === 2 ? 'twice' : `${n} times`} by ${words}`;
  };
  const how = [
    by('stream', 'their own purse'),
    by('connection', 'the connection’s purse'),
    by('both', 'both purses'),
  ].filter((part) => part !== '');
  const who = streams === 1 ? `stream ${held[0]?.stream} was held` : `${streams} streams were held`;
  const words = (streams === 1 ? how.map((part) => part.replace('their own', 'its own')) : how).join(', ');
  return `${who.charAt(0).toUpperCase()}${who.slice(1)} ${words}${stillWords(still, streams)}`;
}

function stillWords(still: number, streams: number): string {
  if (still === 0) return '';
  return streams === 1
    ? ', and still is at the end'
    : `; ${still === 1 ? 'one still is' : `${still} still are`} at the end`;
}

const LEVELS = '▁▂▃▄▅▆▇█';

/** A sparkline for each purse, the fullest it ever was at the top; an empty one is a dot. At most `most` lines. */
export function pursesText(all: readonly Purses[], columns: number, most: number = 12): string {
  const lines = all.flatMap(({ connection, purses, frames, held }) => {
    const margin = 12;
    const wordsOf = ({ levels, stream }: Purse): string => {
      const waits = held.filter((it) => it.stream === stream).length;
      return `${grouped(levels.at(-1)?.left ?? 0)} left${waits === 0 ? '' : `, held ${waits}×`}`;
    };
    const end = Math.max(...purses.map((purse) => wordsOf(purse).length)) + 1;
    const places = Math.max(10, Math.min(frames, columns - margin - end));
    return purses.map((purse) => {
      const name = purse.stream === 0 ? connection : `${connection} · ${purse.stream}`;
      const top = Math.max(1, ...purse.levels.map(({ left }) => left));
      const cells = Array.from({ length: places }, (_, cell) => {
        const left = levelAt(purse, Math.floor(((cell + 1) * frames) / places) - 1);
        if (left === null) return ' ';
        return left <= 0 ? '·' : (LEVELS[Math.min(7, Math.floor((left / top) * 8))] ?? '█');
      }).join('');
      return `${name.padEnd(margin)}${cells} ${wordsOf(purse)}`.slice(0, columns);
    });
  });
  const left = lines.length - most;
  return (left > 0 ? [...lines.slice(0, most), `… and ${left} more`] : lines).join('\n');
}

/** What is in the purse behind the frame at this place; null while it is not there. */
export function levelAt({ levels, until }: Purse, place: number): number | null {
  if (until !== null && place >= until) return null;
  return levels.findLast((level) => level.place <= place)?.left ?? null;
}
