import { CHARACTERS, HEX, TOKEN, VALUE } from '../fields/characters.ts';

/**
 * The line before a chunk, `chunk-size [ chunk-ext ] CRLF` (RFC 9112 §7.1), as a table of states over kinds of bytes. Every
 * byte is judged on its own, so a line that comes in pieces is read just as one that comes whole, and the first byte that
 * does not fit ends it: bare CR and LF, signs, `0x`, blanks after the size.
 */
export type ChunkLineState =
  | 'start'
  | 'size'
  | 'before-semicolon'
  | 'before-name'
  | 'name'
  | 'after-name'
  | 'before-value'
  | 'value'
  | 'quoted'
  | 'escaped'
  | 'after-quoted'
  | 'line-feed'
  | 'complete';

type ByteKind = 'hex' | 'token' | 'blank' | ';' | '=' | '"' | '\\' | 'cr' | 'lf' | 'text' | 'none';

/** Next state by kind of byte; what is not listed is a fault. A hex digit that has no row of its own counts as a token. */
export const CHUNK_LINE_STATES: Readonly<Record<ChunkLineState, Readonly<Partial<Record<ByteKind, ChunkLineState>>>>> =
  {
    start: { hex: 'size' },
    size: { hex: 'size', blank: 'before-semicolon', ';': 'before-name', cr: 'line-feed' },
    'before-semicolon': { blank: 'before-semicolon', ';': 'before-name' },
    'before-name': { blank: 'before-name', token: 'name' },
    name: { token: 'name', blank: 'after-name', '=': 'before-value', ';': 'before-name', cr: 'line-feed' },
    'after-name': { blank: 'after-name', '=': 'before-value', ';': 'before-name' },
    'before-value': { blank: 'before-value', token: 'value', '"': 'quoted' },
    value: { token: 'value', blank: 'before-semicolon', ';': 'before-name', cr: 'line-feed' },
    quoted: {
      token: 'quoted',
      blank: 'quoted',
      ';': 'quoted',
      '=': 'quoted',
      text: 'quoted',
      '"': 'after-quoted',
      '\\': 'escaped',
    },
    escaped: {
      token: 'quoted',
      blank: 'quoted',
      ';': 'quoted',
      '=': 'quoted',
      text: 'quoted',
      '"': 'quoted',
      '\\': 'quoted',
    },
    'after-quoted': { blank: 'before-semicolon', ';': 'before-name', cr: 'line-feed' },
    'line-feed': { lf: 'complete' },
    complete: {},
  };

const NAMES = Object.keys(CHUNK_LINE_STATES) as ChunkLineState[];
/** Number of each state in the packed table; `SIZE` is the only one whose bytes are digits. */
export const START: number = NAMES.indexOf('start');
export const SIZE: number = NAMES.indexOf('size');
export const LINE_FEED: number = NAMES.indexOf('line-feed');
export const COMPLETE: number = NAMES.indexOf('complete');
/** No next state. */
export const NO_STATE = 255;

/** The same table for the machine: next state at `256 * state + byte`. */
export const CHUNK_LINE_TABLE: Uint8Array = pack();

function pack(): Uint8Array {
  const table = new Uint8Array(256 * NAMES.length).fill(NO_STATE);
  for (const [index, name] of NAMES.entries()) {
    const row = CHUNK_LINE_STATES[name];
    for (let byte = 0; byte < 256; byte++) {
      const kind = kindOf(byte);
      const next = row[kind] ?? (kind === 'hex' ? row.token : undefined);
      if (next !== undefined) table[256 * index + byte] = NAMES.indexOf(next);
    }
  }
  return table;
}

function kindOf(byte: number): ByteKind {
  const bits = CHARACTERS[byte] as number;
  if ((bits & HEX) !== 0) return 'hex';
  if ((bits & TOKEN) !== 0) return 'token';
  switch (byte) {
    case 0x0d:
      return 'cr';
    case 0x0a:
      return 'lf';
    case 0x20:
    case 0x09:
      return 'blank';
    case 0x3b:
      return ';';
    case 0x3d:
      return '=';
    case 0x22:
      return '"';
    case 0x5c:
      return '\\';
    default:
      return (bits & VALUE) !== 0 ? 'text' : 'none';
  }
}
