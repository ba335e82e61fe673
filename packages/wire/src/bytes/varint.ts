/** The largest integer a QUIC varint can hold is 2^62−1; we take none that a number cannot hold exactly. */
export const MAX_VARINT: number = Number.MAX_SAFE_INTEGER;

/** Bytes that the varint starting with this byte takes: 1, 2, 4 or 8 (RFC 9000 §16). */
export function varintSize(firstByte: number): number {
  return 1 << (firstByte >> 6);
}

/** Bytes that it takes to write this value. */
export function varintLength(value: number): number {
  return value < 0x40 ? 1 : value < 0x4000 ? 2 : value < 0x4000_0000 ? 4 : 8;
}

/** The varint at `at`, which must be there whole; Infinity when it is above `MAX_VARINT`. */
export function readVarint(bytes: Uint8Array, at: number): number {
  const first = bytes[at] as number;
  const size = varintSize(first);
  let value = first & 0x3f;
  for (let index = 1; index < size; index++) value = value * 256 + (bytes[at + index] as number);
  return value > MAX_VARINT ? Number.POSITIVE_INFINITY : value;
}

/**
 * Writes a value in as few bytes as it takes and returns where the next byte goes.
 *
 * @throws {RangeError} when the value is no integer from 0 to `MAX_VARINT`.
 */
export function writeVarint(value: number, into: Uint8Array, at: number): number {
  if (!Number.isSafeInteger(value) || value < 0) {
    throw new RangeError(`Cannot write ${value} as a varint: give an integer from 0 to 2^53-1`);
  }
  const size = varintLength(value);
  let rest = value;
  for (let index = size - 1; index > 0; index--) {
    into[at + index] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  into[at] = rest | (size === 1 ? 0x00 : size === 2 ? 0x40 : size === 4 ? 0x80 : 0xc0);
  return at + size;
}
