/** The object identifier of subjectAltName (RFC 5280 §4.2.1.6), as DER has it. */
const SUBJECT_ALT_NAME = [0x06, 0x03, 0x55, 0x1d, 0x11];
const DNS_NAME = 0x82;

/** The DNS names that a certificate covers, from its PEM; null when they cannot be found. Nothing is verified. */
export function certificateNames(pem: string): string[] | null {
  const base64 = /-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END/.exec(pem)?.[1]?.replace(/\s/g, '');
  if (base64 === undefined) return null;
  let der: Uint8Array;
  try {
    der = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
  } catch {
    return null;
  }
  const start = indexOf(der, SUBJECT_ALT_NAME);
  if (start < 0) return null;
  let at = start + SUBJECT_ALT_NAME.length;
  // Whether it is critical (BOOLEAN), then the value: an OCTET STRING that holds a SEQUENCE.
  if (der[at] === 0x01) at += 3;
  if (der[at] !== 0x04) return null;
  at = contents(der, at).from;
  if (der[at] !== 0x30) return null;
  const { from, to } = contents(der, at);
  const names: string[] = [];
  for (at = from; at < to; ) {
    const { from: begin, to: end } = contents(der, at);
    if (der[at] === DNS_NAME) names.push(String.fromCharCode(...der.subarray(begin, end)).toLowerCase());
    if (end <= at) break;
    at = end;
  }
  return names.length === 0 ? null : names;
}

/** Where the content of a DER value lies. */
function contents(der: Uint8Array, at: number): { from: number; to: number } {
  const first = der[at + 1] ?? 0;
  if (first < 0x80) return { from: at + 2, to: Math.min(der.length, at + 2 + first) };
  const octets = first & 0x7f;
  let length = 0;
  for (let index = 0; index < octets; index++) length = length * 256 + (der[at + 2 + index] ?? 0);
  const from = at + 2 + octets;
  return { from, to: Math.min(der.length, from + length) };
}

function indexOf(bytes: Uint8Array, sought: readonly number[]): number {
  for (let at = 0; at + sought.length <= bytes.length; at++) {
    if (sought.every((byte, index) => bytes[at + index] === byte)) return at;
  }
  return -1;
}
