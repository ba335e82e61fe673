import { isAuthority, isAuthorityForm } from './authority.ts';
import { isToken } from './characters.ts';
import { parseContentLength } from './content_length.ts';
import { FieldFault, quote } from './fault.ts';
import type { FieldLine, FieldSection } from './field.ts';
import { CONNECTION, CONTENT_LENGTH, EXPECT, HOST, OTHER, TRANSFER_ENCODING, UPGRADE } from './names.ts';

/** What the fields of an HTTP/1.1 message say about its framing, its routing and its connection. Made to be reused. */
export class Http1Facts {
  host: string | null = null;
  /** The last valid Host, kept over `reset`. */
  lastHost = '';
  /** Content-Length, or -1. */
  contentLength = -1;
  /** Transfer-Encoding stands there. */
  transferEncoding = false;
  /** Its one coding is `chunked`. */
  chunked = false;
  /** Connection: close, keep-alive, upgrade. */
  close = false;
  keepAlive = false;
  connectionUpgrade = false;
  /** The value of Upgrade. */
  upgrade: string | null = null;
  /** Expect: 100-continue. */
  expectContinue = false;

  reset(): void {
    this.host = null;
    this.contentLength = -1;
    this.transferEncoding = false;
    this.chunked = false;
    this.close = false;
    this.keepAlive = false;
    this.connectionUpgrade = false;
    this.upgrade = null;
    this.expectContinue = false;
  }
}

/**
 * Reads the fields that matter of a section whose lines are well-formed. `ids` holds what `identify` says of each name.
 *
 * Whatever two recipients could read differently is refused: a second Host or Content-Length, even an equal one; a length
 * that is not plain digits; any transfer coding but one `chunked`; length and coding together (RFC 9112 §6.1, §6.3).
 */
export function readHttp1Fields(
  lines: FieldSection,
  ids: Uint8Array,
  kind: 'request' | 'response',
  minor: number,
  facts: Http1Facts,
): FieldFault | null {
  facts.reset();
  for (let index = 0; index < lines.length; index++) {
    const id = ids[index] as number;
    if (id === OTHER) continue;
    const value = (lines[index] as FieldLine)[1];
    const fault = readField(id, value, kind, facts);
    if (fault !== null) return fault;
  }
  if (!facts.transferEncoding) return null;
  if (facts.contentLength >= 0) {
    return new FieldFault('length-and-coding', 'Content-Length and Transfer-Encoding together (RFC 9112 §6.1)');
  }
  if (minor === 0) {
    return new FieldFault('coding-in-1.0', 'Transfer-Encoding in an HTTP/1.0 message (RFC 9112 §6.1)');
  }
  return null;
}

function readField(id: number, value: string, kind: 'request' | 'response', facts: Http1Facts): FieldFault | null {
  switch (id) {
    case HOST:
      if (kind === 'response') return null;
      if (facts.host !== null) return new FieldFault('host', 'More than one Host (RFC 9112 §3.2)');
      // A connection nearly always names one host: what was found valid last need not be looked at again.
      if (value !== facts.lastHost) {
        if (value !== '' && !isAuthority(value)) {
          return new FieldFault('host', `Host ${quote(value)} is not host and port (RFC 9112 §3.2)`);
        }
        facts.lastHost = value;
      }
      facts.host = value;
      return null;
    case CONTENT_LENGTH:
      if (facts.contentLength >= 0) {
        return new FieldFault('content-length', 'More than one Content-Length (RFC 9112 §6.3)');
      }
      facts.contentLength = parseContentLength(value);
      return facts.contentLength >= 0
        ? null
        : new FieldFault('content-length', `Content-Length ${quote(value)} is not 1 to 15 digits (RFC 9112 §6.3)`);
    case TRANSFER_ENCODING:
      return readTransferEncoding(value, kind, facts);
    case CONNECTION:
      return readConnection(value, facts);
    case UPGRADE:
      facts.upgrade = facts.upgrade === null ? value : `${facts.upgrade}, ${value}`;
      return null;
    case EXPECT:
      if (kind === 'response') return null;
      if (value.toLowerCase() !== '100-continue') {
        return new FieldFault(
          'expect',
          `Expect ${quote(value)} cannot be met, only 100-continue can (RFC 9110 §10.1.1)`,
          417,
        );
      }
      facts.expectContinue = true;
      return null;
    default:
      return null;
  }
}

/**
 * A request may say `chunked`, once (RFC 9112 §6.1). A response may name codings that we do not undo: without `chunked` at
 * their end its content reaches to the end of the connection (RFC 9112 §6.3, rule 4).
 */
function readTransferEncoding(value: string, kind: 'request' | 'response', facts: Http1Facts): FieldFault | null {
  if (facts.transferEncoding) {
    return new FieldFault('transfer-encoding', 'More than one Transfer-Encoding (RFC 9112 §6.1)');
  }
  facts.transferEncoding = true;
  if (value === 'chunked' || value.toLowerCase() === 'chunked') {
    facts.chunked = true;
    return null;
  }
  const codings = value.split(',').map((coding) => coding.trim().toLowerCase());
  if (!codings.every(isToken) || codings.includes('chunked')) {
    return new FieldFault('transfer-encoding', `Transfer-Encoding ${quote(value)} is not one chunked (RFC 9112 §6.1)`);
  }
  return kind === 'response'
    ? null
    : new FieldFault('transfer-coding', `Transfer coding ${quote(value)} is not known here (RFC 9112 §6.1)`, 501);
}

/** Connection options are tokens in any case; empty list elements are allowed (RFC 9110 §5.6.1, §7.6.1). */
function readConnection(value: string, facts: Http1Facts): FieldFault | null {
  if (value === 'keep-alive') {
    facts.keepAlive = true;
    return null;
  }
  for (const element of value.split(',')) {
    const option = element.trim().toLowerCase();
    if (option === 'keep-alive') facts.keepAlive = true;
    else if (option === 'close') facts.close = true;
    else if (option === 'upgrade') facts.connectionUpgrade = true;
    else if (option !== '' && !isToken(option)) {
      return new FieldFault('connection', `Connection option ${quote(option)} is not a token (RFC 9110 §7.6.1)`);
    }
  }
  return null;
}

/**
 * The request target and the authority it leads to (RFC 9112 §3.2, §3.3). Returns the authority, null where there is none
 * (HTTP/1.0 without Host), or what is wrong. The characters of the target were checked while scanning.
 */
export function validateTarget(
  method: string,
  target: string,
  minor: number,
  host: string | null,
): string | null | FieldFault {
  if (host === null && minor > 0) return new FieldFault('host', 'Host is missing (RFC 9112 §3.2)');
  if (method === 'CONNECT') {
    return isAuthorityForm(target)
      ? target
      : new FieldFault('target', `CONNECT takes host and port, not ${quote(target)} (RFC 9112 §3.2.3)`);
  }
  if (target.charCodeAt(0) === 0x2f) return checkHost(host);
  if (target === '*') {
    return method === 'OPTIONS'
      ? checkHost(host)
      : new FieldFault('target', 'The target * is for OPTIONS (RFC 9112 §3.2.4)');
  }
  const absolute = /^([A-Za-z][A-Za-z0-9+.-]*):(?:\/\/([^/?]*))?/.exec(target);
  if (absolute === null) {
    return new FieldFault('target', `The target ${quote(target)} is neither a path nor a URI (RFC 9112 §3.2)`);
  }
  const scheme = (absolute[1] as string).toLowerCase();
  const authority = absolute[2];
  if (authority === undefined || authority === '') {
    return scheme === 'http' || scheme === 'https'
      ? new FieldFault('target', `The target ${quote(target)} has no host (RFC 9110 §4.2.1)`)
      : checkHost(host);
  }
  return isAuthority(authority)
    ? authority
    : new FieldFault('target', `The target ${quote(target)} has no valid host and port (RFC 9110 §4.2)`);
}

/** Host may be empty only where the target names the authority itself: an http URI needs a host (RFC 9110 §4.2.1). */
function checkHost(host: string | null): string | null | FieldFault {
  return host === '' ? new FieldFault('host', 'Host is empty (RFC 9112 §3.2)') : host;
}
