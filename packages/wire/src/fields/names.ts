/**
 * The field names that decide how an HTTP/1.1 message is framed and routed, as small numbers, so that a parser compares
 * bytes once and everything after it compares numbers. Everything else is `OTHER`.
 */
export const OTHER = 0;
export const TE = 1;
export const HOST = 2;
export const EXPECT = 3;
export const UPGRADE = 4;
export const CONNECTION = 5;
export const CONTENT_LENGTH = 6;
export const TRANSFER_ENCODING = 7;

/** The number of a name in bytes, whatever its case. Length and first letter rule nearly everything else out. */
export function identifyBytes(bytes: Uint8Array, start: number, end: number): number {
  switch (end - start) {
    case 2:
      return equals(bytes, start, 'te') ? TE : OTHER;
    case 4:
      return equals(bytes, start, 'host') ? HOST : OTHER;
    case 6:
      return equals(bytes, start, 'expect') ? EXPECT : OTHER;
    case 7:
      return equals(bytes, start, 'upgrade') ? UPGRADE : OTHER;
    case 10:
      return equals(bytes, start, 'connection') ? CONNECTION : OTHER;
    case 14:
      return equals(bytes, start, 'content-length') ? CONTENT_LENGTH : OTHER;
    case 17:
      return equals(bytes, start, 'transfer-encoding') ? TRANSFER_ENCODING : OTHER;
    default:
      return OTHER;
  }
}

/** The number of a name as a string, whatever its case. */
export function identify(name: string): number {
  switch (name.length) {
    case 2:
      return same(name, 'te', 'TE') ? TE : OTHER;
    case 4:
      return same(name, 'host', 'Host') ? HOST : OTHER;
    case 6:
      return same(name, 'expect', 'Expect') ? EXPECT : OTHER;
    case 7:
      return same(name, 'upgrade', 'Upgrade') ? UPGRADE : OTHER;
    case 10:
      return same(name, 'connection', 'Connection') ? CONNECTION : OTHER;
    case 14:
      return same(name, 'content-length', 'Content-Length') ? CONTENT_LENGTH : OTHER;
    case 17:
      return same(name, 'transfer-encoding', 'Transfer-Encoding') ? TRANSFER_ENCODING : OTHER;
    default:
      return OTHER;
  }
}

function equals(bytes: Uint8Array, start: number, lower: string): boolean {
  for (let index = 0; index < lower.length; index++) {
    // All these names are letters and hyphens: bit 5 makes a capital small, and no other tchar becomes a letter by it
    // that could not be one (0x0d, the image of the hyphen, is no tchar).
    if (((bytes[start + index] as number) | 0x20) !== lower.charCodeAt(index)) return false;
  }
  return true;
}

/** `usual` is the other spelling that programs use: comparing with both is cheaper than making letters small. */
function same(name: string, lower: string, usual: string): boolean {
  return (
    name === lower ||
    name === usual ||
    ((name.charCodeAt(0) | 0x20) === lower.charCodeAt(0) && name.toLowerCase() === lower)
  );
}
