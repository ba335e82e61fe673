/** From what happened on an HTTP/2 connection to its exchanges and frames: who travelled on which stream, the bars and tiles of a picture. */
import { type Fields, makeHpack } from '../../given/hpack.ts';
import type { DataRun, Entry, ExchangeRecord } from '../../result.ts';
import { join } from '../bytes.ts';
import { FRAME_TYPES } from './names.ts';
import { behindPreface, contentOf, framesIn, has, type WireFrame } from './parse.ts';

/** A frame of either side, with the tick at which its last byte was there. */
export type ShownFrame = {
  readonly tick: number;
  readonly by: Entry['by'];
  readonly frame: WireFrame;
  /** Of HEADERS whose block is whole, where it can be decoded. */
  readonly fields?: Fields;
};

/** What happened, and the bytes as they are, which are not in the entry: megabytes need not be turned into text and back. */
export type Note = { readonly entry: Entry; readonly bytes: Uint8Array | null };

/** Both directions of one connection, in the order in which they happened. */
export function shownFrames(entries: readonly Entry[]): ShownFrame[] {
  return framesBoth(entries.map(noteOf));
}

function framesBoth(notes: readonly Note[]): ShownFrame[] {
  const all = [...framesOf(notes, 'judge'), ...framesOf(notes, 'learner')];
  return all.sort((a, b) => a.tick - b.tick);
}

function noteOf(entry: Entry): Note {
  return { entry, bytes: entry.what === 'bytes' ? Uint8Array.from(entry.bytes, (c) => c.charCodeAt(0)) : null };
}

/** One exchange for each stream that a request opened. `asker`: who sends the requests. */
export function http2ExchangesOf(entries: readonly Entry[], asker: Entry['by'] = 'judge'): ExchangeRecord[] {
  return http2RecordIn(entries.map(noteOf), asker).exchanges;
}

/** The same out of notes, and the bytes of the replies' DATA in the order of the wire. */
export function http2RecordIn(
  notes: readonly Note[],
  asker: Entry['by'] = 'judge',
): { readonly exchanges: ExchangeRecord[]; readonly data: DataRun[] } {
  const frames = framesBoth(notes);
  const entries = notes.map(({ entry }) => entry);
  return { exchanges: exchangesIn(entries, frames, asker), data: dataRuns(frames.filter(({ by }) => by !== asker)) };
}

/** Runs beyond this are more than any picture shows. */
const MOST_RUNS = 4000;

/** DATA in the order of the wire: frames of one stream that follow each other are one run. */
export function dataRuns(frames: readonly Pick<ShownFrame, 'frame'>[]): DataRun[] {
  const runs: DataRun[] = [];
  for (const { frame } of frames) {
    if (frame.type !== FRAME_TYPES.DATA) continue;
    const bytes = (contentOf(frame) ?? frame.payload).length;
    const open = runs.at(-1);
    if (open !== undefined && open[0] === frame.stream) runs[runs.length - 1] = [frame.stream, open[1] + bytes];
    else if (runs.length < MOST_RUNS && bytes > 0) runs.push([frame.stream, bytes]);
  }
  return runs;
}

function exchangesIn(entries: readonly Entry[], frames: readonly ShownFrame[], asker: Entry['by']): ExchangeRecord[] {
  const byStream = Map.groupBy(frames, ({ frame }) => frame.stream);
  const calls = entries.filter((entry): entry is CallEntry => entry.what === 'request');
  const answered = new Map<number, number>();
  for (const entry of entries) if (entry.what === 'response') answered.set(entry.exchange, entry.tick);
  const exchanges: ExchangeRecord[] = [];
  for (const [stream, own] of byStream) {
    const sent = own.filter(({ by, frame }) => by === asker && isMessage(frame));
    const reply = own.filter(({ by, frame }) => by !== asker && isMessage(frame));
    const head = sent.find(({ fields }) => fields !== undefined)?.fields;
    if (stream === 0 || sent[0]?.frame.type !== FRAME_TYPES.HEADERS) continue;
    const request =
      head === undefined ? `stream ${stream}` : `${fieldIn(head, ':method') ?? ''} ${fieldIn(head, ':path') ?? ''}`;
    // Joined by name, the first that is free: nothing on the wire says which call belongs to which stream.
    const at = calls.findIndex((entry) => entry.request === request);
    const [call] = at < 0 ? [] : calls.splice(at, 1);
    const status = reply.map(({ fields }) => fieldIn(fields ?? [], ':status')).find((value) => value !== null);
    exchanges.push({
      n: exchanges.length + 1,
      stream,
      request,
      asked: sent.findLast(ends)?.tick ?? sent.at(-1)?.tick ?? null,
      handled: call?.tick ?? null,
      answered: call === undefined ? null : (answered.get(call.exchange) ?? null),
      first: reply[0]?.tick ?? null,
      last: reply.findLast(ends)?.tick ?? null,
      status: status === undefined ? null : Number(status),
    });
  }
  return exchanges;
}

/** The requests in what a client has sent so far: `GET /a`. */
export function requestsSent(bytes: Uint8Array): string[] {
  return decoded(framesIn(bytes, behindPreface(bytes)).frames).flatMap(({ fields }) => {
    const method = fieldIn(fields ?? [], ':method');
    return method === null ? [] : [`${method} ${fieldIn(fields ?? [], ':path') ?? ''}`];
  });
}

type CallEntry = Extract<Entry, { what: 'request' }>;

function isMessage({ type }: WireFrame): boolean {
  // A block that goes on has its fields with its last piece.
  return type === FRAME_TYPES.HEADERS || type === FRAME_TYPES.DATA || type === FRAME_TYPES.CONTINUATION;
}

function ends({ frame }: ShownFrame): boolean {
  return frame.type <= FRAME_TYPES.HEADERS && has(frame, 'END_STREAM');
}

function fieldIn(fields: Fields, name: string): string | null {
  return fields.find(([own]) => own === name)?.[1] ?? null;
}

/** The frames of one direction. A transcript that was cut short has fewer. */
function framesOf(notes: readonly Note[], by: Entry['by']): ShownFrame[] {
  const parts = notes.flatMap(({ entry, bytes }) =>
    entry.by === by && bytes !== null ? [{ tick: entry.tick, bytes }] : [],
  );
  const whole = join(parts.map(({ bytes }) => bytes));
  let part = 0;
  let end = parts[0]?.bytes.length ?? 0;
  return decoded(framesIn(whole, behindPreface(whole)).frames).map(({ frame, fields }) => {
    for (; part < parts.length - 1 && end < frame.to; part++) end += parts[part + 1]?.bytes.length ?? 0;
    return { tick: parts[part]?.tick ?? 0, by, frame, ...(fields === null ? {} : { fields }) };
  });
}

/** Frames in order, each block decoded with the frame that completes it. */
function decoded(frames: readonly WireFrame[]): { frame: WireFrame; fields: Fields | null }[] {
  const hpack = makeHpack();
  let block: Uint8Array[] = [];
  let isLost = false;
  return frames.map((frame) => {
    if (frame.type !== FRAME_TYPES.HEADERS && frame.type !== FRAME_TYPES.CONTINUATION) return { frame, fields: null };
    if (frame.type === FRAME_TYPES.HEADERS) block = [];
    block.push(contentOf(frame) ?? frame.payload);
    if (!has(frame, 'END_HEADERS') || isLost) return { frame, fields: null };
    try {
      return { frame, fields: hpack.decode(join(block)) };
    } catch {
      // From here on nothing can be decoded; the frames themselves are there all the same.
      isLost = true;
      return { frame, fields: null };
    }
  });
}
