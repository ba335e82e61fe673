/** Which characters may stand where, as one table of bits per byte: a lookup instead of a chain of comparisons. */

/** tchar (RFC 9110 §5.6.2). */
export const TOKEN = 1;
/** tchar without A-Z: names in HTTP/2 and HTTP/3 (RFC 9113 §8.2.1). */
export const LOWER_TOKEN = 2;
/** HTAB, SP, VCHAR and obs-text: what a field value may hold (RFC 9110 §5.5). */
export const VALUE = 4;
/**
 * What a request target may hold: VCHAR without `#`. RFC 3986 allows less, but browsers send `|`, `{`, `^` and the like
 * unescaped (URL Standard), and none of them can end the target.
 */
export const TARGET = 8;
/** 0-9. */
export const DIGIT = 16;
/** 0-9, A-F, a-f. */
export const HEX = 32;
/** unreserved and sub-delims of RFC 3986, without `%`: a registered name in a host. */
export const HOST = 64;
/** A-Z, a-z. */
export const ALPHA = 128;

function classify(code: number): number {
  const char = String.fromCharCode(code);
  const digit = /[0-9]/.test(char);
  const alpha = /[A-Za-z]/.test(char);
  const token = digit || alpha || "!#$%&'*+-.^_`|~".includes(char);
  let bits = 0;
  if (token) bits |= TOKEN;
  if (token && !/[A-Z]/.test(char)) bits |= LOWER_TOKEN;
  if (code === 0x09 || (code >= 0x20 && code !== 0x7f)) bits |= VALUE;
  if (code > 0x20 && code < 0x7f && char !== '#') bits |= TARGET;
  if (digit) bits |= DIGIT;
  if (/[0-9A-Fa-f]/.test(char)) bits |= HEX;
  if (digit || alpha || "-._~!$&'()*+,;=".includes(char)) bits |= HOST;
  if (alpha) bits |= ALPHA;
  return bits;
}

/** The bits of each byte. */
export const CHARACTERS: Uint8Array = Uint8Array.from({ length: 256 }, (_, code) => classify(code));

/** True when every character from `start` has the bit; true for nothing. */
export function allOf(text: string, bit: number, start = 0, end: number = text.length): boolean {
  for (let index = start; index < end; index++) {
    const code = text.charCodeAt(index);
    if (code > 0xff || ((CHARACTERS[code] as number) & bit) === 0) return false;
  }
  return true;
}

/** True for a token: at least one tchar, nothing else (RFC 9110 §5.6.2). */
export function isToken(text: string): boolean {
  return text.length > 0 && allOf(text, TOKEN);
}

/** True for a field value as kept in a `FieldLine`: no control characters, no whitespace at the ends (RFC 9110 §5.5). */
export function isFieldValue(text: string): boolean {
  const size = text.length;
  if (size === 0) return true;
  if (isBlank(text.charCodeAt(0)) || isBlank(text.charCodeAt(size - 1))) return false;
  // Reading a long string character by character is slow in V8; its regular expressions read the memory itself.
  return size > 32 ? /^[\t\x20-\x7e\x80-\xff]*$/.test(text) : allOf(text, VALUE);
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}
