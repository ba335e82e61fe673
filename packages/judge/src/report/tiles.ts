/** The frames of a run as tiles, a row for each stream of a connection, in the order in which they went. For looking only. */
import { shortText } from '../raw/http2/excerpt-words.ts';
import { FRAME_TYPES, typeText } from '../raw/http2/names.ts';
import type { CheckResult } from '../result.ts';
import { ends, http2Runs, requestOn } from './http2-runs.ts';

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

export type Tiles = {
  readonly connection: string;
  readonly frames: number;
  /** The record ends before the run does. */
  readonly isCut: boolean;
  /** Row 0 of the connection first, then its streams in the order in which they began. */
  readonly rows: readonly TileRow[];
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
export function tilesOf(test: Pick<CheckResult, 'connections' | 'transcript'>): Tiles[] {
  return http2Runs(test).map((run) => {
    const rows = new Map<number, Tile[]>();
    for (const it of run.frames) {
      const { frame, place, from, fields } = it;
      const row = rows.get(frame.stream) ?? [];
      rows.set(frame.stream, row);
      row.push({
        place,
        by: from,
        name: typeText(frame.type),
        letter: LETTERS[frame.type] ?? '?',
        bytes: frame.payload.length,
        ends: ends(it),
        words: shortText(frame, fields ?? null),
      });
    }
    // Row 0 of the connection is there in every run, also where nothing was said on it.
    if (!rows.has(0)) rows.set(0, []);
    return {
      connection: run.connection,
      frames: run.frames.length,
      isCut: run.isCut,
      rows: [...rows]
        .toSorted(([a], [b]) => (a === 0 ? -1 : b === 0 ? 1 : 0))
        .map(([stream, tiles]) => ({ stream, request: requestOn(run, stream), tiles })),
    };
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
 * there are more frames than columns, the last ones are shown; of more than `most` rows on a connection, those that have any.
 */
export function tilesText(all: readonly Tiles[], columns: number, most: number = Number.POSITIVE_INFINITY): string {
  const lines: string[] = [];
  for (const { connection, rows: streams, frames } of all) {
    const nameOf = ({ stream, request }: TileRow): string =>
      `${connection} · ${stream}${request === null ? '' : ` ${request}`}`;
    const margin = Math.min(28, Math.max(...streams.map((row) => nameOf(row).length)) + 1);
    const places = Math.max(8, columns - margin - 2);
    const from = Math.max(0, frames - places);
    const isSeen = ({ tiles }: TileRow): boolean => tiles.some(({ place }) => place >= from);
    const rows = (streams.length <= most ? streams : streams.filter(isSeen)).slice(0, most);
    for (const row of rows) {
      const cells = Array.from({ length: Math.min(frames, places) }, () => '·');
      for (const tile of row.tiles) {
        if (tile.place < from) continue;
        cells[tile.place - from] = tile.by === 'client' ? tile.letter.toLowerCase() : tile.letter;
      }
      const name = nameOf(row)
        .slice(0, margin - 1)
        .padEnd(margin);
      lines.push(`${name}${from > 0 ? '…' : ' '}${cells.join('')}`);
    }
    const left = streams.length - rows.length;
    if (left > 0) lines.push(`… and ${left} more ${left === 1 ? 'stream' : 'streams'}; the browser view draws all.`);
  }
  const used = new Map(
    all.flatMap(({ rows }) => rows.flatMap(({ tiles }) => tiles.map(({ letter, name }) => [letter, name] as const))),
  );
  const legend = [...used].map(([letter, name]) => `${letter} ${name}`).join(', ');
  return [...lines, `${legend}; small letters: the client’s`].join('\n');
}
