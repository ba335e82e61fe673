/** Whose DATA stands where on a connection: solid blocks where one reply follows another, stripes where they share. For looking only. */
import { dataRuns } from '../raw/http2/exchanges.ts';
import type { CheckResult } from '../result.ts';
import { type Http2Run, http2Runs } from './http2-runs.ts';

/** One reply. Offsets count the bytes of all DATA on the connection. */
export type Band = {
  readonly stream: number;
  readonly request: string;
  /** What the request asked for (RFC 9218 §4.1): 0 is the most urgent. 3 where it says nothing. */
  readonly urgency: number;
  readonly bytes: number;
  readonly begins: number;
  readonly ends: number;
  /** END_STREAM came. */
  readonly isWhole: boolean;
};

/** DATA of one stream with nothing of another between. */
export type Stripe = { readonly stream: number; readonly from: number; readonly to: number };

export type Bands = {
  readonly connection: string;
  readonly total: number;
  /** In the order in which their first bytes came. */
  readonly bands: readonly Band[];
  readonly stripes: readonly Stripe[];
  /** The DATA frames that are kept, as places among all frames of the connection, and how far the bytes are with each. */
  readonly frames: readonly { readonly place: number; readonly to: number }[];
  /** The reply that went past most others: less urgent ones that had begun before it, and were not over when it was. */
  readonly overtaker: { readonly stream: number; readonly others: number } | null;
};

type Drawn = Pick<CheckResult, 'connections' | 'transcript'>;

/** One entry for each connection on which at least two replies had bytes, the one with most bytes first. */
export function bandsOf(test: Drawn): Bands[] {
  const all = http2Runs(test).flatMap((run): Bands[] => {
    const record = test.connections.find(({ id }) => id === run.connection);
    // What is kept of a run may end before the run does; the record of it does not.
    const runs = record?.data ?? dataRuns(run.frames.filter(({ from }) => from === 'server'));
    let at = 0;
    const stripes = runs.map(([stream, bytes]): Stripe => {
      at += bytes;
      return { stream, from: at - bytes, to: at };
    });
    const streams = Map.groupBy(stripes, ({ stream }) => stream);
    if (streams.size < 2) return [];
    const whole = new Set((record?.exchanges ?? []).flatMap((it) => (it.last === null ? [] : [it.stream])));
    const bands = [...streams].map(([stream, own]): Band => {
      const { request, urgency } = askedOn(run, stream);
      return {
        stream,
        request: request ?? record?.exchanges.find((it) => it.stream === stream)?.request ?? `stream ${stream}`,
        urgency,
        bytes: own.reduce((sum, { from, to }) => sum + to - from, 0),
        begins: own[0]?.from ?? 0,
        ends: own.at(-1)?.to ?? 0,
        isWhole: whole.has(stream),
      };
    });
    const { connection } = run;
    return [{ connection, total: at, bands, stripes, frames: placesOf(run), overtaker: overtakerOf(bands) }];
  });
  return all.toSorted((a, b) => b.total - a.total);
}

/** `3 replies, one after another: 3 solid blocks`; `GET /style.css cuts through 39 of 41 replies`. */
export function bandsTitle({ bands, stripes, overtaker }: Bands): string {
  const replies = `${bands.length} replies`;
  const first = bands.find(({ stream }) => stream === overtaker?.stream);
  if (first !== undefined && overtaker !== null && overtaker.others > 0)
    return `${replies} in ${stripes.length} stripes, and ${first.request} cuts through ${overtaker.others} of them`;
  return stripes.length === bands.length
    ? `${replies}, one after another: ${stripes.length} solid blocks`
    : `${replies} share the connection in ${stripes.length} stripes`;
}

/** So many replies get a letter each; of more, only the most urgent ones stand out. */
const LETTERED = 8;

/** Those that stand out, the others' being alike: all of a few, else the most urgent ones where not all are alike. */
export function standingOut({ bands }: Bands): readonly Band[] {
  if (bands.length <= LETTERED) return bands;
  const most = Math.min(...bands.map(({ urgency }) => urgency));
  const urgent = bands.filter(({ urgency }) => urgency === most);
  return urgent.length > LETTERED ? [] : urgent;
}

/**
 * The wire as one line of letters: each stands for its share of the bytes, and is that of whoever has most of them there. A
 * small letter where others had some as well.
 */
export function bandsText(all: Bands, columns: number): string {
  const places = Math.max(8, columns - 12);
  const out = standingOut(all);
  const letterOf = (stream: number): string => {
    const i = out.findIndex((band) => band.stream === stream);
    if (i >= 0) return String.fromCharCode(65 + i);
    return '·';
  };
  const shares = Array.from({ length: places }, () => new Map<string, number>());
  for (const { stream, from, to } of all.stripes) {
    const scale = places / all.total;
    for (let i = Math.floor(from * scale); i < places && i < to * scale; i++) {
      const part = Math.min(to * scale, i + 1) - Math.max(from * scale, i);
      const share = shares[i];
      if (part > 1e-9) share?.set(letterOf(stream), (share.get(letterOf(stream)) ?? 0) + part);
    }
  }
  const cells = shares.map((share) => {
    // One that stands out is seen wherever it is.
    const named = [...share].filter(([letter]) => letter !== '·' || share.size === 1);
    const [letter] = named.toSorted(([, a], [, b]) => b - a)[0] ?? [' '];
    return share.size > 1 ? letter.toLowerCase() : letter;
  });
  const rest = all.bands.length - out.length;
  const names = out.map(({ stream, request, urgency }) => `${letterOf(stream)} ${request}, u=${urgency}`);
  if (rest > 0) names.push(`· ${rest} others`);
  return [`  the wire  ${cells.join('')}`, ...names.map((name) => `            ${name}`)].join('\n');
}

function placesOf({ frames }: Http2Run): Bands['frames'] {
  let to = 0;
  return frames.flatMap((it) => {
    const bytes = it.from === 'server' ? (dataRuns([it])[0]?.[1] ?? 0) : 0;
    to += bytes;
    return bytes === 0 ? [] : [{ place: it.place, to }];
  });
}

function askedOn({ frames }: Http2Run, stream: number): { request: string | null; urgency: number } {
  const fields = frames.find((it) => it.from === 'client' && it.frame.stream === stream && it.fields)?.fields ?? [];
  const value = (name: string): string => fields.find(([own]) => own === name)?.[1] ?? '';
  // A dictionary (RFC 8941 §3.2): strings may hold anything, and the last of equal keys counts.
  const members = value('priority')
    .replaceAll(/"(?:[^"\\]|\\.)*"/g, '')
    .split(',');
  const said = members
    .map((member) => /^\s*u=([0-7])(?=\s*(?:;|$))/.exec(member)?.[1])
    .findLast((u) => u !== undefined);
  return {
    request: value(':method') === '' ? null : `${value(':method')} ${value(':path')}`,
    urgency: Number(said ?? 3),
  };
}

function overtakerOf(bands: readonly Band[]): Bands['overtaker'] {
  const past = bands
    .filter(({ isWhole }) => isWhole)
    .map((one) => ({
      stream: one.stream,
      others: bands.filter((it) => it.urgency > one.urgency && it.begins < one.begins && it.ends > one.ends).length,
    }));
  const most = past.toSorted((a, b) => b.others - a.others)[0];
  return most === undefined || most.others === 0 ? null : most;
}
