import type { HttpVersion, RequestHead, ResponseHead } from '../head.ts';
import { isAuthority, isAuthorityForm } from './authority.ts';
import { allOf, isFieldValue, isToken, LOWER_TOKEN, TARGET } from './characters.ts';
import { parseContentLength } from './content_length.ts';
import { FieldFault, quote } from './fault.ts';
import type { FieldLine, FieldSection } from './field.ts';

export { FieldFault } from './fault.ts';

/** A request whose field section keeps the rules. */
export interface ValidRequest {
  readonly head: RequestHead;
  /** What Content-Length declares, or -1. */
  readonly contentLength: number;
}

/** A response whose field section keeps the rules. */
export interface ValidResponse {
  readonly head: ResponseHead;
  /** What Content-Length declares, or -1. */
  readonly contentLength: number;
}

/** What the rules depend on. */
export interface ValidationOptions {
  /** We have offered SETTINGS_ENABLE_CONNECT_PROTOCOL, so `:protocol` is known (RFC 8441 §3). */
  readonly connectProtocol?: boolean;
  /** Every line has passed `checkFieldLine` already, as when a decoder checks each line once, on its way into a table. */
  readonly linesChecked?: boolean;
}

/**
 * The rules for one field line in HTTP/2 and HTTP/3 (RFC 9113 §8.2.1, RFC 9114 §4.2): a lower-case token, perhaps with the
 * colon of a pseudo-header field, and a value without control characters or whitespace at its ends. Null when kept.
 */
export function checkFieldLine(name: string, value: string): FieldFault | null {
  const start = name.charCodeAt(0) === COLON ? 1 : 0;
  if (name.length === start || !allOf(name, LOWER_TOKEN, start)) {
    return new FieldFault('name', `Field name ${quote(name)} is not a lower-case token (RFC 9113 §8.2.1)`);
  }
  if (!isFieldValue(value)) {
    return new FieldFault(
      'value',
      `The value of ${quote(name)} has a character that no field may hold (RFC 9113 §8.2.1)`,
    );
  }
  return null;
}

/**
 * A request's field section of HTTP/2 or HTTP/3, pseudo-header fields first, as a head (RFC 9113 §8.3.1, RFC 9114 §4.3.1,
 * RFC 8441 §4).
 */
export function validateRequest(
  lines: FieldSection,
  version: '2' | '3',
  options: ValidationOptions = {},
): ValidRequest | FieldFault {
  const pseudo = new PseudoFields();
  const regular = readPseudo(lines, REQUEST_PSEUDO, pseudo, options.linesChecked === true);
  if (typeof regular !== 'number') return regular;
  const { method, scheme, path, authority, protocol } = pseudo;
  if (method === null) return missing(':method');
  if (!isToken(method)) return new FieldFault('method', `:method ${quote(method)} is not a token (RFC 9110 §9.1)`);
  if (protocol !== null) {
    if (options.connectProtocol !== true || method !== 'CONNECT') {
      return new FieldFault('protocol', ':protocol stands only in a CONNECT that SETTINGS allow (RFC 8441 §4)');
    }
    if (!isToken(protocol))
      return new FieldFault('protocol', `:protocol ${quote(protocol)} is not a token (RFC 8441 §4)`);
    if (authority === null) return missing(':authority');
  }
  if (method === 'CONNECT' && protocol === null) {
    if (scheme !== null || path !== null) {
      return new FieldFault('connect', 'CONNECT carries neither :scheme nor :path (RFC 9113 §8.5)');
    }
    if (authority === null) return missing(':authority');
  } else {
    if (scheme === null) return missing(':scheme');
    if (!isHttp(scheme) && !/^[A-Za-z][A-Za-z0-9+.-]*$/.test(scheme)) {
      return new FieldFault('scheme', `:scheme ${quote(scheme)} is not a scheme (RFC 3986 §3.1)`);
    }
    if (path === null) return missing(':path');
    if (!isPath(path, method, scheme)) {
      return new FieldFault('path', `:path ${quote(path)} is not a path, nor * for OPTIONS (RFC 9113 §8.3.1)`);
    }
  }
  const emptyAllowed = scheme !== null && !isHttp(scheme);
  const authorityKept =
    authority === null ||
    (authority === '' && emptyAllowed) ||
    (scheme === null ? isAuthorityForm(authority) : isAuthority(authority));
  if (!authorityKept) {
    return new FieldFault('authority', `:authority ${quote(authority ?? '')} is not host and port (RFC 9113 §8.3.1)`);
  }
  const fields = regular === 0 ? lines : lines.slice(regular);
  const state = new RegularFields();
  const fault = readRegular(fields, state);
  if (fault !== null) return fault;
  if (state.host !== null && authority !== null && !sameHost(state.host, authority)) {
    return new FieldFault('host', 'Host differs from :authority (RFC 9113 §8.3.1)');
  }
  if (version === '3' && isHttp(scheme) && !authority && !state.host) return missing(':authority');
  const head: RequestHead = {
    version,
    method,
    target: path ?? (authority as string),
    scheme,
    authority: authority ?? state.host,
    protocol,
    fields,
  };
  return { head, contentLength: state.contentLength };
}

/** A response's field section of HTTP/2 or HTTP/3 as a head (RFC 9113 §8.3.2, RFC 9114 §4.3.2). */
export function validateResponse(
  lines: FieldSection,
  version: '2' | '3',
  options: ValidationOptions = {},
): ValidResponse | FieldFault {
  const pseudo = new PseudoFields();
  const regular = readPseudo(lines, RESPONSE_PSEUDO, pseudo, options.linesChecked === true);
  if (typeof regular !== 'number') return regular;
  if (pseudo.status === null) return missing(':status');
  if (!/^[1-9][0-9]{2}$/.test(pseudo.status)) {
    return new FieldFault('status', `:status ${quote(pseudo.status)} is not three digits from 100 (RFC 9110 §15)`);
  }
  const status = Number(pseudo.status);
  if (status === 101) return new FieldFault('status-101', '101 does not exist in this version (RFC 9113 §8.6)');
  const fields = regular === 0 ? lines : lines.slice(regular);
  const state = new RegularFields();
  const fault = readRegular(fields, state);
  if (fault !== null) return fault;
  return { head: { version, status, fields }, contentLength: state.contentLength };
}

/**
 * The rules for a trailer section of any version: no pseudo-header field, and nothing that frames or routes, since the
 * message has been framed and routed by then (RFC 9110 §6.5.1, RFC 9113 §8.1). In HTTP/1.1 the names may have capitals, and
 * their characters were checked while parsing. Null when kept.
 */
export function validateTrailers(
  lines: FieldSection,
  version: HttpVersion,
  options: ValidationOptions = {},
): FieldFault | null {
  const binary = version === '2' || version === '3';
  for (const [name, value] of lines) {
    if (name.charCodeAt(0) === COLON) {
      return new FieldFault('pseudo-in-trailers', `${quote(name)} in trailers (RFC 9113 §8.1)`);
    }
    if (binary && options.linesChecked !== true) {
      const fault = checkFieldLine(name, value);
      if (fault !== null) return fault;
    }
    if (NOT_IN_TRAILERS.has(binary ? name : name.toLowerCase())) {
      return new FieldFault('trailer-name', `${quote(name)} may not stand in trailers (RFC 9110 §6.5.1)`);
    }
  }
  return null;
}

const COLON = 0x3a;

const REQUEST_PSEUDO = 'request';
const RESPONSE_PSEUDO = 'response';

/** Fields that frame a message, route it, or speak of the connection. */
const NOT_IN_TRAILERS: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'expect',
  'host',
  'keep-alive',
  'max-forwards',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

class PseudoFields {
  method: string | null = null;
  scheme: string | null = null;
  path: string | null = null;
  authority: string | null = null;
  protocol: string | null = null;
  status: string | null = null;
}

/** Reads the pseudo-header fields, checks every line, and returns how many lines they take. */
function readPseudo(
  lines: FieldSection,
  kind: 'request' | 'response',
  into: PseudoFields,
  checked: boolean,
): number | FieldFault {
  let regular = -1;
  for (let index = 0; index < lines.length; index++) {
    const line = lines[index] as FieldLine;
    const name = line[0];
    const value = line[1];
    if (!checked) {
      const fault = checkFieldLine(name, value);
      if (fault !== null) return fault;
    }
    if (name.charCodeAt(0) !== COLON) {
      if (regular < 0) regular = index;
      continue;
    }
    if (regular >= 0) {
      return new FieldFault('pseudo-after-regular', `${quote(name)} after a regular field (RFC 9113 §8.3)`);
    }
    const key = pseudoKey(name, kind);
    if (key === null) {
      return new FieldFault(
        'pseudo-unknown',
        `${quote(name)} is not a pseudo-header field of a ${kind} (RFC 9113 §8.3)`,
      );
    }
    if (into[key] !== null) return new FieldFault('pseudo-twice', `${quote(name)} twice (RFC 9113 §8.3)`);
    into[key] = value;
  }
  return regular < 0 ? lines.length : regular;
}

function pseudoKey(name: string, kind: 'request' | 'response'): keyof PseudoFields | null {
  if (kind === 'response') return name === ':status' ? 'status' : null;
  switch (name) {
    case ':method':
      return 'method';
    case ':scheme':
      return 'scheme';
    case ':path':
      return 'path';
    case ':authority':
      return 'authority';
    case ':protocol':
      return 'protocol';
    default:
      return null;
  }
}

class RegularFields {
  host: string | null = null;
  contentLength = -1;
}

/** The rules between the lines of a section: nothing of one connection, at most one Host and one Content-Length. */
function readRegular(fields: FieldSection, state: RegularFields): FieldFault | null {
  for (let index = 0; index < fields.length; index++) {
    const line = fields[index] as FieldLine;
    const value = line[1];
    switch (line[0]) {
      case 'connection':
      case 'keep-alive':
      case 'proxy-connection':
      case 'transfer-encoding':
      case 'upgrade':
        return new FieldFault('connection-specific', `${line[0]} belongs to one HTTP/1.1 connection (RFC 9113 §8.2.2)`);
      case 'te':
        if (value.toLowerCase() !== 'trailers')
          return new FieldFault('te', 'te may only say trailers (RFC 9113 §8.2.2)');
        break;
      case 'host':
        if (state.host !== null) return new FieldFault('host', 'More than one Host (RFC 9110 §7.2)');
        if (value !== '' && !isAuthority(value)) {
          return new FieldFault('host', `Host ${quote(value)} is not host and port (RFC 9110 §7.2)`);
        }
        state.host = value;
        break;
      case 'content-length':
        if (state.contentLength >= 0)
          return new FieldFault('content-length', 'More than one Content-Length (RFC 9110 §8.6)');
        state.contentLength = parseContentLength(value);
        if (state.contentLength < 0) {
          return new FieldFault(
            'content-length',
            `Content-Length ${quote(value)} is not 1 to 15 digits (RFC 9110 §8.6)`,
          );
        }
        break;
    }
  }
  return null;
}

function missing(name: string): FieldFault {
  return new FieldFault('pseudo-missing', `${name} is missing or empty (RFC 9113 §8.3)`);
}

function isHttp(scheme: string | null): boolean {
  return scheme === 'https' || scheme === 'http';
}

function isPath(path: string, method: string, scheme: string): boolean {
  if (path.length === 0 || !allOf(path, TARGET)) return false;
  if (path.charCodeAt(0) === 0x2f) return true;
  return isHttp(scheme) ? path === '*' && method === 'OPTIONS' : true;
}

function sameHost(host: string, authority: string): boolean {
  return host === authority || host.toLowerCase() === authority.toLowerCase();
}
