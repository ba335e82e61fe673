/**
 * Reads HTTP/1.1 replies strictly, for judging. On purpose it shares no code with `wire`: a fault there must not hide the
 * same fault here. Not looked at: reason phrases, the order of fields, the case of names, how many writes there were.
 */
import type { Spec } from '../exercise.ts';
import { rfc } from '../exercise.ts';
import type { Cause } from '../result.ts';
import { join, latin1, readable } from './bytes.ts';

export type Framing = 'length' | 'chunked' | 'no body' | 'until the end';

export type ParsedReply = {
  readonly version: string;
  readonly status: number;
  readonly fields: readonly (readonly [name: string, value: string])[];
  readonly framing: Framing;
  /** What Content-Length says, where it decides. */
  readonly declared: number | null;
  readonly body: Uint8Array;
  /** Offsets: status line, first byte after the head, first byte after the message. */
  readonly from: number;
  readonly headEnd: number;
  readonly to: number;
};

export type Parsed =
  | { readonly kind: 'reply'; readonly reply: ParsedReply }
  /** Not whole. `have` says how far it goes. */
  | {
      readonly kind: 'more';
      readonly have: 'nothing' | 'head' | 'body';
      readonly missing: string;
      readonly headEnd: number | null;
      readonly declared: number | null;
    }
  | {
      readonly kind: 'fault';
      readonly at: number;
      readonly cause: Cause;
      readonly what: string;
      readonly spec: Spec;
      readonly headEnd: number | null;
    };

export type ParseOptions = {
  /** Of the request that is answered: HEAD has no body. */
  readonly method: string;
  /** The learner has ended its direction. */
  readonly ended: boolean;
  /** Pass over empty lines before the status line. */
  readonly lenient: boolean;
};

const CR = 13;
const LF = 10;
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/** What cannot be read, where, and by which rule. Thrown by the readers of this folder only. */
export class Fault extends Error {
  readonly at: number;
  readonly kind: Cause;
  readonly spec: Spec;
  constructor(at: number, kind: Cause, what: string, spec: Spec) {
    super(what);
    this.at = at;
    this.kind = kind;
    this.spec = spec;
  }
}

/** The next final reply from `from` on. Interim replies (1xx) before it are read and passed over. */
export function parseReply(bytes: Uint8Array, from: number, options: ParseOptions): Parsed {
  let at = from;
  let headEnd: number | null = null;
  try {
    for (;;) {
      if (options.lenient) while (bytes[at] === CR && bytes[at + 1] === LF) at += 2;
      const head = readHead(bytes, at);
      if (head === null)
        return more(
          at < bytes.length ? 'head' : 'nothing',
          at < bytes.length ? 'the empty line that ends the head' : 'a reply',
          null,
          null,
        );
      if (head.status >= 100 && head.status <= 199) {
        if (head.status === 101)
          throw new Fault(at, 'wrong bytes', 'status 101 leaves HTTP, and nobody asked for that', rfc(9110, '15.2.2'));
        at = head.end;
        continue;
      }
      headEnd = head.end;
      return readBody(bytes, at, head, options);
    }
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return { kind: 'fault', at: error.at, cause: error.kind, what: error.message, spec: error.spec, headEnd };
  }
}

/** Not whole. `have` says how far it goes. */
export type More = Extract<Parsed, { kind: 'more' }>;

export function more(
  have: 'nothing' | 'head' | 'body',
  missing: string,
  headEnd: number | null,
  declared: number | null,
): More {
  return { kind: 'more', have, missing, headEnd, declared };
}

type Head = { version: string; status: number; fields: [string, string][]; end: number };

function readHead(bytes: Uint8Array, from: number): Head | null {
  checkStart(bytes, from);
  let at = from;
  const lines: { text: string; at: number }[] = [];
  for (;;) {
    const end = lineEnd(bytes, at);
    if (end === null) return null;
    if (end === at) {
      at += 2;
      break;
    }
    lines.push({ text: latin1(bytes.subarray(at, end)), at });
    at = end + 2;
  }
  const [first, ...rest] = lines;
  if (first === undefined)
    throw new Fault(from, 'extra bytes', 'an empty line stands where a status line should', rfc(9112, '2.1'));
  // The phrase is free, and some leave out the space before an empty one; every client reads that.
  const status = /^(HTTP\/1\.[01]) ([0-9]{3})(?: [\t\x20-\x7e\x80-\xff]*)?$/.exec(first.text);
  if (status?.[1] === undefined || status[2] === undefined) {
    throw new Fault(from, 'wrong bytes', `"${readable(first.text, 40)}" is no status line`, rfc(9112, '4'));
  }
  return { version: status[1], status: Number(status[2]), fields: rest.map(readField), end: at };
}

/** Fails as early as the bytes can no longer become a status line, so that stray bytes are named and not waited on. */
function checkStart(bytes: Uint8Array, from: number): void {
  const begin = 'HTTP/1.';
  const have = latin1(bytes.subarray(from, from + begin.length));
  if (!begin.startsWith(have)) {
    const what = `"${readable(latin1(bytes.subarray(from, from + 24)), 24)}" stands where a status line should begin`;
    throw new Fault(from, 'wrong bytes', what, rfc(9112, '4'));
  }
}

/** Offset of the CR that ends the line, or null when the line is not whole. */
export function lineEnd(bytes: Uint8Array, from: number): number | null {
  for (let at = from; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === LF)
      throw new Fault(
        at,
        'wrong bytes',
        'a line of the head ends with ␊ alone; it should end with ␍␊',
        rfc(9112, '2.2'),
      );
    if (byte === CR) {
      if (at + 1 >= bytes.length) return null;
      if (bytes[at + 1] !== LF)
        throw new Fault(at, 'wrong bytes', 'a ␍ stands in the head without its ␊', rfc(9112, '2.2'));
      return at;
    }
  }
  return null;
}

export function readField(line: { text: string; at: number }): [string, string] {
  const colon = line.text.indexOf(':');
  const name = line.text.slice(0, colon);
  if (/^[ \t]/.test(line.text))
    throw new Fault(line.at, 'wrong bytes', 'a field line begins with a space', rfc(9112, '5.2'));
  if (colon < 0)
    throw new Fault(
      line.at,
      'wrong bytes',
      `"${readable(line.text, 40)}" is no field line: it has no colon`,
      rfc(9112, '5'),
    );
  if (!TOKEN.test(name))
    throw new Fault(line.at, 'wrong bytes', `"${readable(name, 40)}" is no field name`, rfc(9112, '5.1'));
  const value = line.text.slice(colon + 1).replace(/^[ \t]+|[ \t]+$/g, '');
  const bad = /[^\t\x20-\x7e\x80-\xff]/.exec(value);
  if (bad !== null)
    throw new Fault(line.at, 'wrong bytes', `the value of ${name} holds a control character`, rfc(9110, '5.5'));
  return [name, value];
}

/** All values of a field, in any case of its name. */
export function valuesOf(fields: readonly (readonly [string, string])[], name: string): string[] {
  return fields.filter(([n]) => n.toLowerCase() === name.toLowerCase()).map(([, value]) => value);
}

function readBody(bytes: Uint8Array, from: number, head: Head, options: ParseOptions): Parsed {
  const whole = (framing: Framing, body: Uint8Array, to: number, declared: number | null): Parsed => ({
    kind: 'reply',
    reply: {
      version: head.version,
      status: head.status,
      fields: head.fields,
      framing,
      declared,
      body,
      from,
      headEnd: head.end,
      to,
    },
  });
  const lengths = valuesOf(head.fields, 'content-length');
  const codings = valuesOf(head.fields, 'transfer-encoding');
  if (lengths.length > 1)
    throw new Fault(from, 'wrong length', 'Content-Length stands twice in one reply', rfc(9110, '8.6'));
  const length = lengths[0];
  if (length !== undefined && !/^[0-9]+$/.test(length)) {
    throw new Fault(
      from,
      'wrong length',
      `Content-Length is "${readable(length, 20)}", which is no number of bytes`,
      rfc(9110, '8.6'),
    );
  }
  if (length !== undefined && codings.length > 0) {
    throw new Fault(from, 'wrong length', 'Content-Length and Transfer-Encoding stand in one reply', rfc(9112, '6.2'));
  }
  if (options.method === 'HEAD' || head.status === 204 || head.status === 304)
    return whole('no body', new Uint8Array(0), head.end, null);
  if (codings.length > 0) {
    if (codings.join(',').trim().toLowerCase() !== 'chunked') {
      throw new Fault(
        from,
        'wrong length',
        `Transfer-Encoding is "${readable(codings.join(', '), 30)}"; only chunked says where the body ends`,
        rfc(9112, '6.1'),
      );
    }
    return readChunked(bytes, head.end, whole);
  }
  if (length !== undefined) {
    const declared = Number(length);
    const have = bytes.length - head.end;
    if (have < declared) return more('body', `${declared - have} of ${declared} bytes of its body`, head.end, declared);
    return whole('length', bytes.subarray(head.end, head.end + declared), head.end + declared, declared);
  }
  if (!options.ended) {
    throw new Fault(head.end, 'no framing', 'nothing in the reply says where its body ends', rfc(9112, '6.3'));
  }
  return whole('until the end', bytes.subarray(head.end), bytes.length, null);
}

/** A chunked body from `from` on: what `whole` makes of it, or that it is not whole. */
export function readChunked<T>(
  bytes: Uint8Array,
  from: number,
  whole: (framing: Framing, body: Uint8Array, to: number, declared: number | null) => T,
): T | More {
  const parts: Uint8Array[] = [];
  let at = from;
  for (;;) {
    const end = lineEnd(bytes, at);
    if (end === null) return more('body', 'the rest of its chunks', from, null);
    const line = latin1(bytes.subarray(at, end));
    const size = /^([0-9A-Fa-f]+)[ \t]*(?:;.*)?$/.exec(line)?.[1];
    if (size === undefined) {
      throw new Fault(
        at,
        'wrong length',
        `"${readable(line, 30)}" stands where the size of a chunk should`,
        rfc(9112, '7.1'),
      );
    }
    at = end + 2;
    const count = Number.parseInt(size, 16);
    if (count === 0) break;
    if (at + count + 2 > bytes.length) return more('body', `the rest of a chunk of ${count} bytes`, from, null);
    if (bytes[at + count] !== CR || bytes[at + count + 1] !== LF) {
      throw new Fault(
        at + count,
        'wrong length',
        `the chunk says ${count} bytes, and no ␍␊ stands after them`,
        rfc(9112, '7.1'),
      );
    }
    parts.push(bytes.subarray(at, at + count));
    at += count + 2;
  }
  // Trailers, then the empty line.
  for (;;) {
    const end = lineEnd(bytes, at);
    if (end === null) return more('body', 'the empty line after the last chunk', from, null);
    const empty = end === at;
    if (!empty) readField({ text: latin1(bytes.subarray(at, end)), at });
    at = end + 2;
    if (empty) return whole('chunked', join(parts), at, null);
  }
}
