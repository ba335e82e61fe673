/**
 * Reads HTTP/1.1 requests strictly, for judging clients. On purpose it shares no code with `wire`. A client may write a request in
 * any legal form: the order of fields, the case of names, how the body is framed and how many writes there were do not matter.
 */
import { rfc } from '../exercise.ts';
import { latin1, readable } from './bytes.ts';
import { Fault, lineEnd, type More, more, readChunked, readField, valuesOf } from './replies.ts';

export type ParsedRequest = {
  /** `GET /a`. */
  readonly request: string;
  readonly method: string;
  readonly target: string;
  readonly version: string;
  readonly fields: readonly (readonly [name: string, value: string])[];
  readonly body: Uint8Array;
  /** Offsets: request line, first byte after the head, first byte after the message. */
  readonly from: number;
  readonly headEnd: number;
  readonly to: number;
};

export type RequestFault = { readonly kind: 'fault'; readonly fault: Fault };
export type Request = { readonly kind: 'request'; readonly request: ParsedRequest } | More | RequestFault;

const LINE = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+) ([\x21-\x7e]+) (HTTP\/1\.[01])$/;

/** The next request from `from` on. */
export function parseRequest(bytes: Uint8Array, from: number): Request {
  try {
    if (from >= bytes.length) return more('nothing', 'a request', null, null);
    return read(bytes, from);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return { kind: 'fault', fault: error };
  }
}

function read(bytes: Uint8Array, from: number): Request {
  const lines: { text: string; at: number }[] = [];
  let at = from;
  for (;;) {
    const end = lineEnd(bytes, at);
    if (end === null) return more('head', 'the empty line that ends the head', null, null);
    const text = latin1(bytes.subarray(at, end));
    if (lines.length === 0) checkLine(text, at);
    if (text !== '') lines.push({ text, at });
    at = end + 2;
    if (text === '') break;
  }
  const [, method = '', target = '', version = ''] = LINE.exec(lines[0]?.text ?? '') ?? [];
  const fields = lines.slice(1).map(readField);
  const hosts = valuesOf(fields, 'host');
  if (version === 'HTTP/1.1' && hosts.length !== 1) {
    const what = hosts.length === 0 ? 'a request without Host' : `a request with ${hosts.length} Host fields`;
    throw new Fault(from, 'wrong bytes', what, rfc(9112, '3.2'));
  }
  const whole = (_framing: string, body: Uint8Array, to: number): Request => ({
    kind: 'request',
    request: { request: `${method} ${target}`, method, target, version, fields, body, from, headEnd: at, to },
  });
  const lengths = valuesOf(fields, 'content-length');
  const codings = valuesOf(fields, 'transfer-encoding');
  if (lengths.length > 1)
    throw new Fault(from, 'wrong length', 'Content-Length stands twice in one request', rfc(9110, '8.6'));
  if (lengths.length > 0 && codings.length > 0) {
    const what = 'Content-Length and Transfer-Encoding stand in one request';
    throw new Fault(from, 'wrong length', what, rfc(9112, '6.2'));
  }
  if (codings.length > 0) {
    if (codings.join(',').trim().toLowerCase() !== 'chunked') {
      const what = `Transfer-Encoding is "${readable(codings.join(', '), 30)}"; only chunked says where the body ends`;
      throw new Fault(from, 'wrong length', what, rfc(9112, '6.1'));
    }
    return readChunked<Request>(bytes, at, whole);
  }
  const length = lengths[0] ?? '0';
  if (!/^[0-9]+$/.test(length)) {
    const what = `Content-Length is "${readable(length, 20)}", which is no number of bytes`;
    throw new Fault(from, 'wrong length', what, rfc(9110, '8.6'));
  }
  const missing = Number(length) - (bytes.length - at);
  if (missing > 0) return more('body', `${missing} of ${length} bytes of its body`, at, Number(length));
  return whole('length', bytes.subarray(at, at + Number(length)), at + Number(length));
}

function checkLine(text: string, at: number): void {
  if (LINE.test(text)) return;
  const what =
    text === ''
      ? 'an empty line stands where a request line should'
      : `"${readable(text, 40)}" is no request line: method, target and version, one space between them`;
  throw new Fault(at, 'wrong bytes', what, rfc(9112, '3'));
}
