/** The frames of a run as tiles, a row for each stream of a connection, in the order in which they went. For looking only. */
import { HpackDecoder } from '@interleave/wire/hpack';
import { shortText } from '../raw/http2/excerpt-words.ts';
import { type ShownFrame, shownFrames } from '../raw/http2/exchanges.ts';
import { FRAME_TYPES, typeText } from '../raw/http2/names.ts';
import { contentOf, has } from '../raw/http2/parse.ts';
import type { CheckResult } from '../result.ts';

export type Tile = {
  /** Its place among all frames of the connection, from 0. */
  readonly place: number;
  /** Who wrote it: the one who asks, or the one who answers. */
  readonly by: 'client' | 'server';
  /** `HEADERS`, `DATA`, `type 0xb1`. */
  readonly name: string;
  /** One letter for it: `H`, `D`. */
  readonly letter: string;
  readonly bytes: number;
  readonly ends: boolean;
  /** `HEADERS 1 GET /a END_STREAM`. */
  readonly words: string;
};

export type TileRow = { readonly stream: number; readonly request: string | null; readonly tiles: readonly Tile[] };

/** A header block, and the table of the one who decodes it behind it. */
export type BlockShown = {
  readonly by: 'client' | 'server';
  readonly stream: number;
  readonly words: string;
  readonly bytes: number;
  readonly lines: number;
  readonly size: number;
};

export type Tiles = {
  readonly connection: string;
  readonly frames: number;
  /** Row 0 of the connection first, then its streams in the order in which they began. */
  readonly rows: readonly TileRow[];
  readonly blocks: readonly BlockShown[];
};

const LETTERS: Readonly<Record<number, string>> = {
  [FRAME_TYPES.DATA]: 'D',
  [FRAME_TYPES.HEADERS]: 'H',
  [FRAME_TYPES.PRIORITY]: 'Y',
  [FRAME_TYPES.RST_STREAM]: 'R',
  [FRAME_TYPES.SETTINGS]: 'S',
  [FRAME_TYPES.PUSH_PROMISE]: 'U',
  [FRAME_TYPES.PING]: 'P',
  [FRAME_TYPES.GOAWAY]: 'G',
  [FRAME_TYPES.WINDOW_UPDATE]: 'W',
  [FRAME_TYPES.CONTINUATION]: 'C',
  [FRAME_TYPES.PRIORITY_UPDATE]: 'Y',
};

/** One entry for each HTTP/2 connection that carried a frame. */
export function tilesOf({ connections, transcript }: Pick<CheckResult, 'connections' | 'transcript'>): Tiles[] {
  return connections
    .filter(({ protocol }) => protocol === 'h2')
    .flatMap(({ id }) => {
      const own = transcript.filter((entry) => entry.connection === id);
      const frames = shownFrames(own);
      if (frames.length === 0) return [];
      // A client's first bytes are the preface; where it was taken off, the judge is the client.
      const first = own.find((entry) => entry.what === 'bytes' && entry.by === 'learner');
      const client = first?.what === 'bytes' && first.bytes.startsWith('PRI * ') ? 'learner' : 'judge';
      const side = (by: ShownFrame['by']): Tile['by'] => (by === client ? 'client' : 'server');
      const rows = new Map<number, Tile[]>();
      for (const [place, it] of frames.entries()) {
        const { frame, by, fields } = it;
        const row = rows.get(frame.stream) ?? [];
        rows.set(frame.stream, row);
        row.push({
          place,
          by: side(by),
          name: typeText(frame.type),
          letter: LETTERS[frame.type] ?? '?',
          bytes: frame.payload.length,
          ends: frame.type <= FRAME_TYPES.HEADERS && has(frame, 'END_STREAM'),
          words: shortText(frame, fields ?? null),
        });
      }
      const request = (stream: number): string | null => {
        const head = frames.find(({ frame, fields }) => frame.stream === stream && fields !== undefined)?.fields ?? [];
        const value = (name: string): string => head.find(([own]) => own === name)?.[1] ?? '';
        return value(':method') === '' ? null : `${value(':method')} ${value(':path')}`;
      };
      return [
        {
          connection: id,
          frames: frames.length,
          rows: [...rows]
            .toSorted(([a], [b]) => (a === 0 ? -1 : b === 0 ? 1 : 0))
            .map(([stream, tiles]) => ({ stream, request: request(stream), tiles })),
          blocks: blocksOf(frames, side),
        },
      ];
    });
}

/** `One connection, 14 streams, 61 frames`. */
export function tilesTitle(all: readonly Tiles[]): string {
  const many = (n: number, what: string): string => `${n === 1 ? 'One' : n} ${what}${n === 1 ? '' : 's'}`;
  const streams = all.reduce((sum, { rows }) => sum + rows.filter(({ stream }) => stream !== 0).length, 0);
  const frames = all.reduce((sum, it) => sum + it.frames, 0);
  return [
    many(all.length, 'connection'),
    many(streams, 'stream').toLowerCase(),
    many(frames, 'frame').toLowerCase(),
  ].join(', ');
}

/**
 * Rows of letters: small ones for what the client sent, capitals for what the server sent, a full stop behind END_STREAM. Where
 * there are more frames than columns, the last ones are shown.
 */
export function tilesText(all: readonly Tiles[], columns: number): string {
  const lines: string[] = [];
  for (const { connection, rows, frames } of all) {
    const names = rows.map(
      ({ stream, request }) => `${connection} · ${stream}${request === null ? '' : ` ${request}`}`,
    );
    const margin = Math.min(28, Math.max(...names.map((name) => name.length)) + 1);
    const places = Math.max(8, columns - margin - 2);
    const from = Math.max(0, frames - places);
    for (const [i, { tiles }] of rows.entries()) {
      const cells = Array.from({ length: Math.min(frames, places) }, () => '·');
      for (const tile of tiles) {
        if (tile.place < from) continue;
        cells[tile.place - from] = tile.by === 'client' ? tile.letter.toLowerCase() : tile.letter;
      }
      const name = (names[i] ?? '').slice(0, margin - 1).padEnd(margin);
      lines.push(`${name}${from > 0 ? '…' : ' '}${cells.join('')}`);
    }
  }
  const used = new Map(
    all.flatMap(({ rows }) => rows.flatMap(({ tiles }) => tiles.map(({ letter, name }) => [letter, name] as const))),
  );
  const legend = [...used].map(([letter, name]) => `${letter} ${name}`).join(', ');
  return [...lines, `${legend}; small letters: the client’s`].join('\n');
}

function blocksOf(frames: readonly ShownFrame[], side: (by: ShownFrame['by']) => Tile['by']): BlockShown[] {
  const decoders = new Map<string, HpackDecoder>();
  const open = new Map<string, Uint8Array[]>();
  const blocks: BlockShown[] = [];
  for (const { frame, by, fields } of frames) {
    if (frame.type !== FRAME_TYPES.HEADERS && frame.type !== FRAME_TYPES.CONTINUATION) continue;
    const pieces = frame.type === FRAME_TYPES.HEADERS ? [] : (open.get(by) ?? []);
    pieces.push(contentOf(frame) ?? frame.payload);
    open.set(by, pieces);
    if (!has(frame, 'END_HEADERS') || fields === undefined) continue;
    const decoder = decoders.get(by) ?? new HpackDecoder();
    decoders.set(by, decoder);
    const bytes = pieces.reduce((sum, { length }) => sum + length, 0);
    const block = new Uint8Array(bytes);
    let at = 0;
    for (const piece of pieces) {
      block.set(piece, at);
      at += piece.length;
    }
    decoder.decode(block);
    const { count, size } = decoder.table;
    blocks.push({ by: side(by), stream: frame.stream, words: shortText(frame, fields), bytes, lines: count, size });
  }
  return blocks;
}
