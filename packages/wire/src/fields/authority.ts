import { allOf, CHARACTERS, HEX, HOST } from './characters.ts';

const PERCENT = 0x25;
const COLON = 0x3a;

/**
 * True for `uri-host [ ":" port ]` with a host that is not empty: the Host field and the authority of an http URI
 * (RFC 9110 §4.2.1, §7.2). Userinfo is refused, as RFC 9110 §4.2.4 asks of recipients.
 */
export function isAuthority(text: string): boolean {
  if (text.charCodeAt(0) === 0x5b) {
    const close = text.indexOf(']');
    return close > 0 && isIpLiteral(text, 1, close) && isPortSuffix(text, close + 1);
  }
  let index = 0;
  for (; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code === COLON) break;
    if (code === PERCENT) {
      if (index + 2 >= text.length || !allOf(text, HEX, index + 1, index + 3)) return false;
      index += 2;
    } else if (code > 0xff || ((CHARACTERS[code] as number) & HOST) === 0) return false;
  }
  return index > 0 && isPortSuffix(text, index);
}

/** True for `uri-host ":" port`, both there: the authority-form that CONNECT takes (RFC 9112 §3.2.3). */
export function isAuthorityForm(text: string): boolean {
  return isAuthority(text) && /:[0-9]+$/.test(text);
}

function isIpLiteral(text: string, start: number, end: number): boolean {
  const first = text.charCodeAt(start);
  if (first === 0x76 || first === 0x56) return /^v[0-9a-f]+\.[\w\-.~!$&'()*+,;=:]+$/i.test(text.slice(start, end));
  return isIpv6(text.slice(start, end));
}

/** IPv6address of RFC 3986 §3.2.2: eight groups, one run of zeros as `::`, IPv4 in the last 32 bits. */
function isIpv6(text: string): boolean {
  const halves = text.split('::');
  if (halves.length > 2) return false;
  const left = countGroups(halves[0] as string, halves.length === 1);
  const right = halves.length === 2 ? countGroups(halves[1] as string, true) : 0;
  if (left < 0 || right < 0) return false;
  return halves.length === 2 ? left + right <= 7 : left === 8;
}

/** Number of 16-bit groups, or -1 when one is not valid. */
function countGroups(text: string, last: boolean): number {
  if (text === '') return 0;
  const groups = text.split(':');
  let count = 0;
  for (const [index, group] of groups.entries()) {
    if (last && index === groups.length - 1 && group.includes('.')) {
      if (!/^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/.test(group)) return -1;
      count += 2;
    } else {
      if (!/^[0-9a-f]{1,4}$/i.test(group)) return -1;
      count += 1;
    }
  }
  return count;
}

/** True for nothing, or `:` and a port of 0 to 65535; the digits may be missing (RFC 3986 §3.2.3). */
function isPortSuffix(text: string, at: number): boolean {
  if (at === text.length) return true;
  if (text.charCodeAt(at) !== COLON || text.length - at > 6) return false;
  let port = 0;
  for (let index = at + 1; index < text.length; index++) {
    const digit = text.charCodeAt(index) - 0x30;
    if (digit < 0 || digit > 9) return false;
    port = port * 10 + digit;
  }
  return port <= 65_535;
}
