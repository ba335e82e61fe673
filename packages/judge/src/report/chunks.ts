/** The chunked replies of a run, taken apart: size, data, last chunk, and when each piece left. For looking only; no verdict rests on it. */
import { readable } from '../raw/bytes.ts';
import type { CheckResult, Entry } from '../result.ts';

export type ChunkPart = {
  readonly what: 'head' | 'size' | 'data' | 'end of data' | 'last chunk' | 'trailers';
  /** Readable: control characters as their pictures, long data cut. */
  readonly text: string;
  readonly bytes: number;
};

/** What left in one stretch of writes, without a wait between them. `at`: as in the transcript. */
export type Leaving = { readonly at: number; readonly parts: readonly ChunkPart[] };

export type ChunkedReply = {
  readonly connection: string;
  readonly request: string;
  readonly leavings: readonly Leaving[];
  /** Bytes of data in all. */
  readonly size: number;
  /** False where the reply broke off: nothing says that it is whole. */
  readonly isWhole: boolean;
};

const SHOWN = 40;
/** Writes that are closer together left as one: a head and its first piece, a size and its data. */
const AT_ONCE = 2;

/** Those of the latest deliveries, in the order of the connections. A client's requests are not looked at. */
export function chunkedReplies(test: Pick<CheckResult, 'oracle' | 'connections' | 'transcript'>): ChunkedReply[] {
  return test.connections.flatMap(({ id, exchanges }) => {
    const writes = test.transcript.filter(
      (entry): entry is BytesEntry => entry.connection === id && entry.what === 'bytes' && entry.by === 'learner',
    );
    const text = writes.map((entry) => entry.bytes).join('');
    const replies: ChunkedReply[] = [];
    let at = 0;
    for (const { request } of exchanges) {
      const found = partsFrom(text, at);
      if (found === null) break;
      at = found.to;
      if (!found.isChunked) continue;
      replies.push({
        connection: id,
        request,
        leavings: leavingsOf(found.parts, writes, test.oracle !== 'raw'),
        size: found.parts.reduce((sum, part) => sum + (part.what === 'data' ? part.bytes : 0), 0),
        isWhole: found.isWhole,
      });
    }
    return replies;
  });
}

type BytesEntry = Extract<Entry, { what: 'bytes' }>;
type Placed = ChunkPart & { readonly from: number };
type Found = { to: number; isChunked: boolean; isWhole: boolean; parts: Placed[] };

/** One reply; null when none begins here. */
function partsFrom(text: string, from: number): Found | null {
  const headEnd = text.indexOf('\r\n\r\n', from);
  if (headEnd < 0) return null;
  const head = text.slice(from, headEnd + 4);
  const body = headEnd + 4;
  if (!/\r\ntransfer-encoding:[^\r]*chunked/i.test(head)) {
    const length = Number(/\r\ncontent-length:[ \t]*(\d+)/i.exec(head)?.[1] ?? 0);
    return { to: body + length, isChunked: false, isWhole: true, parts: [] };
  }
  const parts: Placed[] = [];
  const add = (what: ChunkPart['what'], begin: number, end: number): void => {
    if (end > begin)
      parts.push({ what, from: begin, bytes: end - begin, text: readable(text.slice(begin, end), SHOWN) });
  };
  add('head', from, body);
  for (let at = body; ; ) {
    const line = text.indexOf('\r\n', at);
    const size = line < 0 ? Number.NaN : Number.parseInt(text.slice(at, line), 16);
    if (Number.isNaN(size)) {
      add('size', at, text.length);
      return { to: text.length, isChunked: true, isWhole: false, parts };
    }
    if (size === 0) {
      const isBare = text.startsWith('\r\n', line + 2);
      const end = isBare ? line + 4 : text.indexOf('\r\n\r\n', line) + 4;
      add('last chunk', at, isBare ? end : line + 2);
      if (!isBare) add('trailers', line + 2, Math.max(end, line + 2));
      return { to: Math.max(end, line + 2), isChunked: true, isWhole: end > line, parts };
    }
    add('size', at, line + 2);
    const end = Math.min(line + 2 + size, text.length);
    add('data', line + 2, end);
    add('end of data', end, Math.min(end + 2, text.length));
    at = end + 2;
    if (at > text.length) return { to: text.length, isChunked: true, isWhole: false, parts };
  }
}

/** A part has left with the write that carries its last byte. */
function leavingsOf(parts: readonly Placed[], writes: readonly BytesEntry[], isTimed: boolean): Leaving[] {
  const leavings: { at: number; until: number; parts: ChunkPart[] }[] = [];
  for (const { from, ...part } of parts) {
    const write = writes.find((entry) => from + part.bytes <= entry.from + entry.bytes.length);
    // Where the judge's clock stands still, what happens between two writes is what keeps them apart.
    const at = write === undefined ? 0 : isTimed ? write.at : write.tick;
    const open = leavings.at(-1);
    if (open !== undefined && at - open.until <= (isTimed ? AT_ONCE : 1)) {
      open.parts.push(part);
      open.until = at;
    } else leavings.push({ at: write?.at ?? 0, until: at, parts: [part] });
  }
  return leavings.map(({ at, parts: own }) => ({ at, parts: own }));
}
