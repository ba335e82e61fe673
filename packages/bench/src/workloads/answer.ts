/** What every server answers: the same small response, with the same fields. */
export const BODY = 'Hello, World!\n';
export const CONTENT_TYPE = 'text/plain';
export const CONTENT_LENGTH: string = String(BODY.length);
export const BODY_BYTES: Uint8Array = new TextEncoder().encode(BODY);

let second = 0;
let written = '';

/** The Date field of RFC 9110 §6.6.1, made once a second, as `node:http` does it. */
export function date(now: number = Date.now()): string {
  const current = Math.floor(now / 1000);
  if (current !== second) {
    second = current;
    written = new Date(current * 1000).toUTCString();
  }
  return written;
}
