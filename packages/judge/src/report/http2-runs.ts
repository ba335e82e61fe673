/** The HTTP/2 connections of a run, frame by frame, as every picture of them begins: who sent what, and what it does to streams. */
import type { WireUnit } from '@interleave/wire';
import { type ShownFrame, shownFrames } from '../raw/http2/exchanges.ts';
import { FRAME_TYPES, HEAD, typeText } from '../raw/http2/names.ts';
import { contentOf, has, settingsOf, uint32 } from '../raw/http2/parse.ts';
import type { CheckResult, Entry } from '../result.ts';

export type Side = 'client' | 'server';

/** A frame with its sender and its place among all frames of the connection, from 0. */
export type SidedFrame = ShownFrame & { readonly place: number; readonly from: Side };

export type Http2Run = {
  readonly connection: string;
  /** Whose part the learner's code has. */
  readonly learner: Side;
  /** More travelled than was kept: the frames are the first of many, and what is open behind the last one may have ended. */
  readonly isCut: boolean;
  readonly frames: readonly SidedFrame[];
};

type Drawn = Pick<CheckResult, 'connections' | 'transcript'>;

/** A run is drawn in several ways, and megabytes need not be read anew for each. */
const known = new WeakMap<Drawn['connections'], { of: Drawn['transcript']; runs: readonly Http2Run[] }>();

/** One entry for each HTTP/2 connection that carried a frame. */
export function http2Runs({ connections, transcript }: Drawn): readonly Http2Run[] {
  const kept = known.get(connections);
  if (kept?.of === transcript) return kept.runs;
  const runs = runsOf(connections, transcript);
  known.set(connections, { of: transcript, runs });
  return runs;
}

function runsOf(connections: Drawn['connections'], transcript: Drawn['transcript']): Http2Run[] {
  return connections.flatMap(({ id, protocol, bytes }) => {
    if (protocol !== 'h2') return [];
    const own = transcript.filter((entry) => entry.connection === id);
    const frames = shownFrames(own);
    if (frames.length === 0) return [];
    // A client's first bytes are the preface; where it was taken off, the judge is the client.
    const first = own.find((entry) => entry.what === 'bytes' && entry.by === 'learner');
    const learner: Side = first?.what === 'bytes' && first.bytes.startsWith('PRI * ') ? 'client' : 'server';
    const other: Side = learner === 'client' ? 'server' : 'client';
    const kept = (by: Entry['by']): number =>
      own.reduce((sum, entry) => sum + (entry.what === 'bytes' && entry.by === by ? entry.bytes.length : 0), 0);
    const sided = frames.map((it, place) => ({ ...it, place, from: it.by === 'learner' ? learner : other }));
    const isCut = kept('judge') < bytes.toLearner || kept('learner') < bytes.fromLearner;
    return [{ connection: id, learner, isCut, frames: sided }];
  });
}

/** `GET /a`: the first request on the stream, or null where none can be read. */
export function requestOn({ frames }: Http2Run, stream: number): string | null {
  const head = frames.find(({ frame, fields }) => frame.stream === stream && fields !== undefined)?.fields ?? [];
  const value = (name: string): string => head.find(([own]) => own === name)?.[1] ?? '';
  return value(':method') === '' ? null : `${value(':method')} ${value(':path')}`;
}

/** The frame as `wire` would tell of it to somebody who looks on at the learner's side. */
export function unitOf({ frame, by, fields }: SidedFrame): WireUnit {
  const { type, flags, stream, payload, from } = frame;
  const number = type === FRAME_TYPES.RST_STREAM || type === FRAME_TYPES.WINDOW_UPDATE;
  const setting = type === FRAME_TYPES.SETTINGS ? settingsOf(payload) : null;
  return {
    direction: by === 'learner' ? 'created' : 'received',
    kind: typeText(type).toLowerCase(),
    streamId: stream,
    offset: from,
    length: HEAD + payload.length,
    payloadLength: (contentOf(frame) ?? payload).length,
    flags,
    endStream: ends({ frame }),
    startLine: null,
    fields: fields ?? null,
    value: number && payload.length === 4 ? uint32(payload) % 2 ** 31 : null,
    about: null,
    settings: setting === null ? null : new Map(setting.map(({ id, value }) => [id, value])),
  };
}

/** END_STREAM stands on it; on CONTINUATION and others that bit means nothing. */
export function ends({ frame }: Pick<SidedFrame, 'frame'>): boolean {
  return frame.type <= FRAME_TYPES.HEADERS && has(frame, 'END_STREAM');
}
