/**
 * What becomes of a value: taken whole, each of its elements taken, or descended into by key, `*` for the elements of an array.
 * What no key names is skipped.
 */
export type Plan = 'take' | 'each' | { readonly [key: string]: Plan };

/** A value that was taken. `text` is its JSON; strings over the limit are empty in it. */
export interface Piece {
  /** Keys from the root: `log.entries`. */
  readonly path: string;
  /** Place in the array; -1 for a value that is not an element. */
  readonly index: number;
  readonly text: string;
  /** Where it begins in the text, in bytes. */
  readonly offset: number;
}

export interface SplitOptions {
  /** Bytes of one string that are kept. Longer ones are bodies, and nobody asks for those. */
  readonly longestString?: number;
  /** Bytes of one value that are kept: more than this is not a record of anything. */
  readonly longestPiece?: number;
}

/** How the text ended: complete, cut off, or broken at a byte by something that no JSON holds. */
export interface SplitEnd {
  readonly complete: boolean;
  readonly broken: { readonly offset: number; readonly what: string } | null;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;

const LONGEST_STRING = 64 * 1024;
const LONGEST_PIECE = 16 * 1024 * 1024;

/** Where the reader stands in the structure: an object or array that the plan descends into. */
interface Level {
  readonly plan: Plan;
  readonly path: string;
  readonly isArray: boolean;
  index: number;
  key: string;
}

/** `name`, `take` and `skip` are inside a value: a member's name, one that is kept, one that is not. */
type Mode = 'value' | 'key' | 'colon' | 'after' | 'name' | 'take' | 'skip' | 'end';

/**
 * Reads JSON of any size in pieces: only what the plan takes is held, one value at a time. It checks no more than it needs to
 * find where values end, so that files with small faults can be read; what is taken is parsed by whoever asked for it.
 */
export class JsonSplitter {
  readonly #root: Plan;
  readonly #emit: (piece: Piece) => void;
  readonly #longestString: number;
  readonly #longestPiece: number;
  readonly #levels: Level[] = [];
  #mode: Mode = 'value';
  #offset = 0;
  #broken: { offset: number; what: string } | null = null;

  // The value that is being taken or skipped.
  #depth = 0;
  #inString = false;
  #escaped = false;
  /** True while a string is too long and its rest is dropped. */
  #dropping = false;
  /** Where the string that is being read begins in what is kept. */
  #stringStart = 0;
  #kept: Uint8Array = new Uint8Array(4096);
  #size = 0;
  #pieceAt = 0;
  #tooLong = false;
  /** A number or word has begun, which ends before the next separator. */
  #inWord = false;
  readonly #decoder = new TextDecoder();

  constructor(plan: Plan, emit: (piece: Piece) => void, options: SplitOptions = {}) {
    this.#root = plan;
    this.#emit = emit;
    this.#longestString = options.longestString ?? LONGEST_STRING;
    this.#longestPiece = options.longestPiece ?? LONGEST_PIECE;
  }

  /** Takes the next bytes of the text, cut anywhere. */
  push(bytes: Uint8Array): void {
    let at = 0;
    while (at < bytes.length && this.#mode !== 'end') {
      at = this.#inValue ? this.#value(bytes, at) : this.#structure(bytes, at);
    }
    this.#offset += bytes.length;
  }

  end(): SplitEnd {
    if (this.#inValue && this.#inWord && this.#depth === 0) this.#finish();
    const complete = this.#broken === null && this.#levels.length === 0 && this.#mode === 'end';
    return { complete, broken: this.#broken };
  }

  get #inValue(): boolean {
    return this.#mode === 'take' || this.#mode === 'skip' || this.#mode === 'name';
  }

  /** One byte outside of values that are taken or skipped. */
  #structure(bytes: Uint8Array, at: number): number {
    const byte = bytes[at] as number;
    if (byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09) return at + 1;
    const level = this.#levels.at(-1);
    switch (this.#mode) {
      case 'key':
        if (byte === CLOSE_BRACE) return this.#leave(at);
        if (byte === COMMA) return at + 1;
        if (byte !== QUOTE) return this.#break(at, 'a member without a name');
        this.#begin(at);
        this.#mode = 'name';
        return this.#value(bytes, at);
      case 'colon':
        if (byte !== COLON) return this.#break(at, 'a name without a value');
        this.#mode = 'value';
        return at + 1;
      case 'after':
        if (level === undefined) {
          this.#mode = 'end';
          return at;
        }
        if (byte === COMMA) {
          this.#mode = level.isArray ? 'value' : 'key';
          return at + 1;
        }
        if (byte === (level.isArray ? CLOSE_BRACKET : CLOSE_BRACE)) return this.#leave(at);
        // Two values with nothing between them: some writers join files.
        if (level.isArray && (byte === OPEN_BRACE || byte === OPEN_BRACKET)) {
          this.#mode = 'value';
          return at;
        }
        return this.#break(at, 'two values without a comma');
      default:
        if (level?.isArray && byte === CLOSE_BRACKET) return this.#leave(at);
        if (level?.isArray && byte === COMMA) return at + 1;
        if (level !== undefined && !level.isArray && (byte === COMMA || byte === CLOSE_BRACE)) {
          return this.#break(at, `nothing as the value of "${level.key}"`);
        }
        return this.#enter(bytes, at, byte);
    }
  }

  /** A value begins. */
  #enter(bytes: Uint8Array, at: number, byte: number): number {
    const level = this.#levels.at(-1);
    const plan = this.#planHere();
    const path = level === undefined ? '' : level.isArray ? level.path : join(level.path, level.key);
    if (level?.isArray) level.index++;
    const branches = typeof plan === 'object' ? plan : null;
    if (byte === OPEN_BRACE && branches !== null) {
      this.#levels.push({ plan: branches, path, isArray: false, index: -1, key: '' });
      this.#mode = 'key';
      return at + 1;
    }
    if (byte === OPEN_BRACKET && plan === 'each') {
      this.#levels.push({ plan: 'take', path, isArray: true, index: -1, key: '' });
      return at + 1;
    }
    const elements = branches?.['*'];
    if (byte === OPEN_BRACKET && elements !== undefined) {
      this.#levels.push({ plan: elements, path: join(path, '*'), isArray: true, index: -1, key: '' });
      return at + 1;
    }
    this.#begin(at);
    this.#mode = plan === 'take' || plan === 'each' ? 'take' : 'skip';
    return this.#value(bytes, at);
  }

  #planHere(): Plan | null {
    const level = this.#levels.at(-1);
    if (level === undefined) return this.#root;
    if (level.isArray) return level.plan;
    return Object.hasOwn(level.plan as object, level.key)
      ? ((level.plan as Record<string, Plan>)[level.key] as Plan)
      : null;
  }

  #leave(at: number): number {
    this.#levels.pop();
    this.#mode = this.#levels.length === 0 ? 'end' : 'after';
    return at + 1;
  }

  #begin(at: number): void {
    this.#depth = 0;
    this.#inString = this.#escaped = this.#dropping = this.#inWord = this.#tooLong = false;
    this.#size = 0;
    this.#pieceAt = this.#offset + at;
  }

  /** Bytes of a value that is taken or skipped; returns where its end was found, or the end of the bytes. */
  #value(bytes: Uint8Array, from: number): number {
    let at = from;
    /** Where bytes begin that are kept. */
    let keepFrom = from;
    const keeps = this.#mode !== 'skip';
    for (; at < bytes.length; at++) {
      const byte = bytes[at] as number;
      if (this.#inString) {
        if (this.#escaped) this.#escaped = false;
        else if (byte === BACKSLASH) this.#escaped = true;
        else if (byte === QUOTE) {
          this.#inString = false;
          if (this.#dropping) {
            this.#dropping = false;
            keepFrom = at;
          }
          if (this.#depth === 0) return this.#close(bytes, keepFrom, at + 1, keeps);
        } else if (keeps && !this.#dropping && this.#size + at - keepFrom - this.#stringStart > this.#longestString) {
          this.#dropString(bytes, keepFrom);
        }
        continue;
      }
      if (byte === QUOTE) {
        this.#inString = true;
        this.#stringStart = this.#size + at + 1 - keepFrom;
      } else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) this.#depth++;
      else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
        // The end of a word that stands last in what surrounds it.
        if (this.#depth === 0) return this.#close(bytes, keepFrom, at, keeps);
        if (--this.#depth === 0) return this.#close(bytes, keepFrom, at + 1, keeps);
      } else if (this.#depth === 0) {
        if (byte === COMMA || byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09) {
          return this.#close(bytes, keepFrom, at, keeps);
        }
        this.#inWord = true;
      }
    }
    if (keeps && !this.#dropping) this.#keep(bytes, keepFrom, at);
    return at;
  }

  /** The string that is being read is too long: it is empty in what is kept. */
  #dropString(bytes: Uint8Array, keepFrom: number): void {
    if (this.#stringStart <= this.#size) this.#size = this.#stringStart;
    else this.#keep(bytes, keepFrom, keepFrom + this.#stringStart - this.#size);
    this.#dropping = true;
  }

  #close(bytes: Uint8Array, keepFrom: number, end: number, keeps: boolean): number {
    if (keeps) this.#keep(bytes, keepFrom, end);
    this.#finish();
    return end;
  }

  #keep(bytes: Uint8Array, from: number, to: number): void {
    const size = to - from;
    if (size <= 0 || this.#tooLong) return;
    if (this.#size + size > this.#longestPiece) {
      this.#tooLong = true;
      return;
    }
    if (this.#size + size > this.#kept.length) {
      const grown = new Uint8Array(Math.max(2 * this.#kept.length, this.#size + size));
      grown.set(this.#kept.subarray(0, this.#size));
      this.#kept = grown;
    }
    this.#kept.set(bytes.subarray(from, to), this.#size);
    this.#size += size;
  }

  /** A value is whole. */
  #finish(): void {
    const level = this.#levels.at(-1);
    if (this.#mode !== 'skip') {
      const text = this.#tooLong ? 'null' : this.#decoder.decode(this.#kept.subarray(0, this.#size));
      if (this.#mode === 'name' && level !== undefined) {
        level.key = plain(text);
        this.#mode = 'colon';
        return;
      }
      const path = level === undefined ? '' : level.isArray ? level.path : join(level.path, level.key);
      this.#emit({ path, index: level?.isArray ? level.index : -1, text, offset: this.#pieceAt });
    }
    this.#mode = level === undefined ? 'end' : 'after';
  }

  #break(at: number, what: string): number {
    this.#broken = { offset: this.#offset + at, what };
    this.#mode = 'end';
    return at;
  }
}

function join(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`;
}

/** The name that a JSON string spells; names in recordings hold no escapes, but some do. */
function plain(text: string): string {
  if (!text.includes('\\')) return text.slice(1, -1);
  try {
    return JSON.parse(text) as string;
  } catch {
    return text.slice(1, -1);
  }
}
