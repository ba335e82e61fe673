/** A text that tells where a piece of it belongs. */

const LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ';

/**
 * So many bytes. A short text has each character once; a long one counts: `00000 00006 00012 …`. `salt` tells several texts
 * apart, which otherwise would look alike.
 */
export function offsetText(total: number, salt: number = 0): Uint8Array<ArrayBuffer> {
  const turned = LETTERS.slice(salt % LETTERS.length) + LETTERS.slice(0, salt % LETTERS.length);
  if (total <= turned.length) return new TextEncoder().encode(turned.slice(0, total));
  const mark = String.fromCharCode(97 + (salt % 26));
  let text = '';
  while (text.length < total) text += `${String(text.length).padStart(5, '0')}${salt === 0 ? ' ' : mark}`;
  return new TextEncoder().encode(text.slice(0, total));
}

/** Where in `text` these bytes stand, if they stand in one place only; looks at the first twelve. */
export function placeOf(bytes: Uint8Array, text: Uint8Array): number | null {
  const wanted = bytes.subarray(0, 12);
  if (wanted.length === 0) return null;
  const places: number[] = [];
  for (let at = 0; at + wanted.length <= text.length && places.length < 2; at++) {
    if (wanted.every((byte, i) => text[at + i] === byte)) places.push(at);
  }
  return places.length === 1 ? (places[0] ?? null) : null;
}
