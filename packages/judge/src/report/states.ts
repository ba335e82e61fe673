/** The streams of a run on their way through the states of RFC 9113 §5.1, as the learner's side sees them. */
import { Http2Streams } from '@interleave/trace/events';
import { clip } from '@interleave/trace/look';
import type { StreamState } from '@interleave/wire/http2';
import { shortText } from '../raw/http2/excerpt-words.ts';
import { codeText, FRAME_TYPES } from '../raw/http2/names.ts';
import { uint32 } from '../raw/http2/parse.ts';
import type { CheckResult } from '../result.ts';
import { http2Runs, requestOn, type Side, type SidedFrame, unitOf } from './http2-runs.ts';

/** One arrow that a stream took; `on` is said from the learner's side: `receive HEADERS`. */
export type StateStep = {
  readonly place: number;
  readonly old: string;
  readonly next: string;
  readonly on: string;
};

export type StreamWay = {
  readonly stream: number;
  readonly request: string | null;
  readonly steps: readonly StateStep[];
  /** Who gave it up, and why. */
  readonly reset: { readonly place: number; readonly by: Side; readonly code: string } | null;
  /** Frames for which the stream had no place any more, or not yet. */
  readonly misplaced: readonly { readonly place: number; readonly words: string; readonly state: string }[];
};

export type States = {
  readonly connection: string;
  readonly learner: Side;
  readonly frames: number;
  /** The record ends before the run does. */
  readonly isCut: boolean;
  readonly ways: readonly StreamWay[];
};

/** One entry for each HTTP/2 connection on which a stream was opened. */
export function statesOf(test: Pick<CheckResult, 'connections' | 'transcript'>): States[] {
  return http2Runs(test).flatMap((run) => {
    const streams = new Http2Streams();
    const ways = new Map<number, { steps: StateStep[]; reset: StreamWay['reset']; misplaced: Misplaced[] }>();
    for (const it of run.frames) {
      const { frame, place, from } = it;
      const { stream } = frame;
      const was = streams.stateOf(stream);
      const told = streams.frame(unitOf(it), place);
      if (stream === 0 || frame.type === FRAME_TYPES.PRIORITY || frame.type === FRAME_TYPES.PRIORITY_UPDATE) continue;
      const way = ways.get(stream) ?? { steps: [], reset: null, misplaced: [] };
      ways.set(stream, way);
      for (const { name, data } of told) {
        if (name !== 'http2:stream_state_updated') continue;
        way.steps.push({ place, old: String(data['old']), next: String(data['new']), on: String(data['on']) });
      }
      if (isMisplaced(it, was)) way.misplaced.push({ place, words: shortText(frame, it.fields ?? null), state: was });
      else if (frame.type === FRAME_TYPES.RST_STREAM)
        way.reset = { place, by: from, code: frame.payload.length === 4 ? codeText(uint32(frame.payload)) : '' };
    }
    if (ways.size === 0) return [];
    const all = [...ways].sort(([a], [b]) => a - b);
    return [
      {
        connection: run.connection,
        learner: run.learner,
        frames: run.frames.length,
        isCut: run.isCut,
        ways: all.map(([stream, way]): StreamWay => ({ stream, request: requestOn(run, stream), ...way })),
      },
    ];
  });
}

type Misplaced = StreamWay['misplaced'][number];

/** What its sender may not send in this state. Late frames behind a reset are among them: right, and of no use. */
function isMisplaced({ frame, by }: SidedFrame, state: StreamState): boolean {
  const { type } = frame;
  if (type === FRAME_TYPES.RST_STREAM || type === FRAME_TYPES.WINDOW_UPDATE)
    return state === 'idle' || state === 'closed';
  if (type !== FRAME_TYPES.DATA && type !== FRAME_TYPES.HEADERS) return false;
  if (state === 'idle') return type === FRAME_TYPES.DATA;
  return state !== 'open' && state !== (by === 'learner' ? 'half-closed (remote)' : 'half-closed (local)');
}

/** `Three streams: 2 closed by END_STREAM from both sides, 1 by a reset`. */
export function statesTitle({ ways, isCut }: States): string {
  const over = ways.filter(({ steps }) => steps.at(-1)?.next === 'closed');
  const reset = over.filter((way) => way.reset !== null).length;
  const parts = [
    over.length - reset > 0 ? `${over.length - reset} ended from both sides` : '',
    reset > 0 ? `${reset} given up by a reset` : '',
    ways.length - over.length > 0
      ? `${ways.length - over.length} ${isCut ? 'under way where the record ends' : 'not closed'}`
      : '',
  ].filter((part) => part !== '');
  return `${ways.length === 1 ? 'One stream' : `${ways.length} streams`}: ${parts.join(', ')}`;
}

/** `given up by the client, CANCEL` or `behind it: DATA 1 "late"`: what is worth a word beside the way. */
export function wayNotes({ reset, misplaced }: StreamWay): string[] {
  return [
    ...(reset === null ? [] : [`given up by the ${reset.by}${reset.code === '' ? '' : `, ${reset.code}`}`]),
    ...(misplaced.length === 0
      ? []
      : [`${misplaced.length} ${misplaced.length === 1 ? 'frame' : 'frames'} for it out of place`]),
  ];
}

const SHORT: Readonly<Record<string, string>> = {
  'half-closed (local)': 'half (local)',
  'half-closed (remote)': 'half (remote)',
};

/** A line for each stream: `5 POST /note  open > half (remote) > closed`; at most `most` of them. */
export function statesText(all: readonly States[], columns: number, most: number = 16): string {
  const lines = all.flatMap(({ connection, ways }) => {
    const names = ways.map(
      ({ stream, request }) => `${connection} · ${stream}${request === null ? '' : ` ${request}`}`,
    );
    const margin = Math.min(28, Math.max(...names.map((name) => name.length)) + 2);
    return ways.map((way, i) => {
      const states = way.steps.map(({ next }) => SHORT[next] ?? next).join(' > ');
      const notes = wayNotes(way);
      const said = `${states === '' ? 'never opened' : states}${notes.length === 0 ? '' : `; ${notes.join('; ')}`}`;
      return `${(names[i] ?? '').slice(0, margin - 2).padEnd(margin)}${clip(said, columns - margin)}`;
    });
  });
  const left = lines.length - most;
  return left > 0 ? [...lines.slice(0, most), `… and ${left} more`].join('\n') : lines.join('\n');
}
