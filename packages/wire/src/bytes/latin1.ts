const utf8: TextDecoder = new TextDecoder();

/**
 * The bytes as a string of one character per byte (U+0000 to U+00FF).
 *
 * `TextDecoder('latin1')` cannot do this: by the Encoding standard it is windows-1252, and byte 0x92 becomes U+2019. So
 * ASCII, nearly everything, goes through the UTF-8 decoder, which is exact there and fast, and the rest takes the slow road.
 */
export function decodeLatin1(bytes: Uint8Array, start = 0, end: number = bytes.length): string {
  if (end - start <= 8) return decodeShort(bytes, start, end);
  return isAscii(bytes, start, end) ? decodeAscii(bytes, start, end) : decodeSlowly(bytes, start, end);
}

/** The bytes as a string; the caller knows that all of them are below 0x80. */
export function decodeAscii(bytes: Uint8Array, start = 0, end: number = bytes.length): string {
  return utf8.decode(start === 0 && end === bytes.length ? bytes : bytes.subarray(start, end));
}

/** Writes a string of one character per byte; a character above U+00FF loses its high bits, so check before. */
export function writeLatin1(text: string, into: Uint8Array, at: number): number {
  const size = text.length;
  for (let index = 0; index < size; index++) into[at + index] = text.charCodeAt(index);
  return size;
}

/** The string's characters as bytes, one each. */
export function encodeLatin1(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  writeLatin1(text, bytes, 0);
  return bytes;
}

/** True when every byte is below 0x80. */
export function isAscii(bytes: Uint8Array, start = 0, end: number = bytes.length): boolean {
  for (let index = start; index < end; index++) if ((bytes[index] as number) > 0x7f) return false;
  return true;
}

function decodeShort(bytes: Uint8Array, start: number, end: number): string {
  let text = '';
  for (let index = start; index < end; index++) text += String.fromCharCode(bytes[index] as number);
  return text;
}

function decodeSlowly(bytes: Uint8Array, start: number, end: number): string {
  let text = '';
  // Arguments are pushed onto the stack: a piece at a time.
  for (let index = start; index < end; index += 4096) {
    text += String.fromCharCode.apply(null, bytes.subarray(index, Math.min(index + 4096, end)) as unknown as number[]);
  }
  return text;
}
