/** Bytes as the judge handles them: data in exercises, `Uint8Array` on the pipe, one character a byte (latin1) in results. */
import type { Bytes } from '../exercise.ts';

const encoder = new TextEncoder();

/** The bytes that a piece of exercise data stands for. A string is UTF-8; `hex` that is not hex throws. */
export function bytesOf(data: Bytes): Uint8Array<ArrayBuffer> {
  if (typeof data === 'string') return encoder.encode(data);
  if (Array.isArray(data)) return join((data as readonly Bytes[]).map(bytesOf));
  if ('hex' in data) {
    const digits = data.hex.replaceAll(/\s/g, '');
    if (digits.length % 2 !== 0 || /[^0-9a-f]/i.test(digits))
      throw new TypeError(`"${data.hex}" is not hex: pairs of 0-9 and a-f`);
    return Uint8Array.from({ length: digits.length / 2 }, (_, i) =>
      Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16),
    );
  }
  if ('repeat' in data) {
    const once = bytesOf(data.repeat);
    const all = new Uint8Array(once.length * data.times);
    for (let i = 0; i < data.times; i++) all.set(once, i * once.length);
    return all;
  }
  throw new TypeError('bytes are a string, { hex }, { repeat, times } or a list of these');
}

export function join(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** One character for each byte: lossless, readable, and fit for JSON. */
export function latin1(bytes: Uint8Array): string {
  let text = '';
  // In slices, because a call takes a limited number of arguments.
  for (let at = 0; at < bytes.length; at += 8192) {
    // `apply` takes any list of numbers; spreading a typed array first makes an iterator, which is many times slower.
    text += String.fromCharCode.apply(null, bytes.subarray(at, at + 8192) as unknown as number[]);
  }
  return text;
}

/** What a person would call these bytes: UTF-8 text where they are text, else escapes. At most `limit` characters. */
export function readable(latin: string, limit = 60): string {
  let text = latin;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(Uint8Array.from(latin, (c) => c.charCodeAt(0)));
  } catch {
    // Not UTF-8: each byte stands for itself.
  }
  let out = '';
  for (const c of text) {
    const code = c.codePointAt(0) ?? 0;
    if (c === '\r') out += '␍';
    else if (c === '\n') out += '␊';
    else if (code < 0x20 || code === 0x7f || (text === latin && code > 0x7f))
      out += `\\x${code.toString(16).padStart(2, '0')}`;
    else out += c;
    if (out.length > limit) return `${out.slice(0, limit - 1)}…`;
  }
  return out;
}
