import { encodeLatin1 } from '../bytes/latin1.ts';
import type { OutputQueue } from '../bytes/output_queue.ts';
import { LocalProtocolError } from '../errors.ts';
import type { FieldFault } from '../fields/fault.ts';
import type { FieldSection } from '../fields/field.ts';
import type { ResponseInit } from '../head.ts';
import { type Framing, isBodiless, switches } from './body_framing.ts';
import { type Omit, readOwnFields, writeHead } from './outgoing.ts';
import { reasonPhrase } from './reason_phrases.ts';
import type { ServerExchange } from './server_exchange.ts';

const NO_FIELDS: FieldSection = [];

/** How a response is framed and whether it is the last on its connection. */
export interface ResponsePlan {
  framing: Framing;
  /** What Content-Length declares, if the framing goes by it. */
  length: number;
  /** Content is taken and not sent: HEAD, 204, 304. */
  discard: boolean;
  /** The head is the whole message on the wire. */
  whole: boolean;
  last: boolean;
  /** Field lines that the core adds. */
  extra: string;
  /** Lines of the application that are left out. */
  omit: Omit;
}

/**
 * Chooses the framing of a final response (RFC 9112 §6.1, §6.3) and its persistence (§9.3): a Content-Length of the
 * application's holds; without one there are chunks, or for HTTP/1.0 the end of the connection. The result is shared: read it
 * before the next call.
 *
 * @throws {LocalProtocolError} when the application's fields contradict themselves or the protocol.
 */
export function planResponse(
  exchange: ServerExchange,
  init: ResponseInit,
  endStream: boolean,
  closes: boolean,
): ResponsePlan {
  const { status } = init;
  const facts = readOwnFields(init.fields ?? NO_FIELDS, 'response');
  if (facts.transferEncoding && !facts.chunked) {
    throw new LocalProtocolError(
      'Cannot send this response: the only transfer coding that is sent is chunked (RFC 9112 §6.1)',
    );
  }
  if (switches(exchange.method, status)) {
    return fill('none', 0, true, false, '', OMIT_FRAMING);
  }
  const discard = isBodiless(exchange.method, status);
  const declared = facts.contentLength;
  const old = exchange.version === '1.0';
  let framing: Framing = 'none';
  let extra = '';
  let omit = OMIT_PERSISTENCE;
  if (discard) {
    // 204 and 304 say nothing of framing; for HEAD the fields are those that GET would bring (RFC 9110 §9.3.2).
    if (status === 204 || (facts.chunked && (old || status === 304))) omit = OMIT_BOTH;
  } else if (declared >= 0) {
    if (endStream && declared > 0) {
      throw new LocalProtocolError(`Cannot end the response here: Content-Length declares ${declared} bytes`);
    }
    framing = declared > 0 ? 'length' : 'none';
  } else {
    if (endStream) extra = 'Content-Length: 0\r\n';
    else if (old) framing = 'close';
    else {
      framing = 'chunked';
      extra = 'Transfer-Encoding: chunked\r\n';
    }
    omit = OMIT_BOTH;
  }
  // After a failed CONNECT the client may have sent bytes of its tunnel already: they must not be read as a request.
  const last = closes || facts.close || framing === 'close' || exchange.method === 'CONNECT';
  if (last) extra += 'Connection: close\r\n';
  else if (old) extra += 'Connection: keep-alive\r\n';
  return fill(framing, Math.max(declared, 0), discard, last, extra, omit);
}

function fill(
  framing: Framing,
  length: number,
  discard: boolean,
  last: boolean,
  extra: string,
  omit: Omit,
): ResponsePlan {
  plan.framing = framing;
  plan.length = length;
  plan.discard = discard;
  plan.whole = discard || framing === 'none';
  plan.last = last;
  plan.extra = extra;
  plan.omit = omit;
  return plan;
}

/**
 * Queues a response head whose fields `readOwnFields` has read. The core writes persistence itself, and framing where
 * `extra` says so; the application's lines about them are left out then. Returns its length in bytes.
 */
export function writeResponseHead(out: OutputQueue, init: ResponseInit, extra: string, omit: Omit | null): number {
  return writeHead(out, statusLine(init.status), init.fields ?? NO_FIELDS, omit, extra);
}

/** In a 1xx and a switching response nothing speaks of framing, and Connection names what the connection becomes. */
export const OMIT_FRAMING: Omit = { framing: true, persistence: false };
const OMIT_BOTH: Omit = { framing: true, persistence: true };
const OMIT_PERSISTENCE: Omit = { framing: false, persistence: true };

const plan: ResponsePlan = {
  framing: 'none',
  length: 0,
  discard: false,
  whole: false,
  last: false,
  extra: '',
  omit: OMIT_PERSISTENCE,
};

const statusLines: Uint8Array[] = [];

function statusLine(status: number): Uint8Array {
  const known = statusLines[status];
  if (known !== undefined) return known;
  if (!Number.isInteger(status) || status < 100 || status > 999) {
    throw new LocalProtocolError(`Cannot send status ${status}: a status is an integer from 100 to 999 (RFC 9110 §15)`);
  }
  const line = encodeLatin1(`HTTP/1.1 ${status} ${reasonPhrase(status)}\r\n`);
  statusLines[status] = line;
  return line;
}

/** The answer to a request that cannot be read: its status, and in words what was wrong. */
export function faultResponse(
  fault: FieldFault,
  method: string,
): { head: ResponseInit; extra: string; body: Uint8Array } {
  const body = encodeLatin1(`${fault.reason}\n`.replace(/[^\x20-\x7e\n]/g, (c) => (c === '§' ? 'section ' : '?')));
  const fields: FieldSection = [['Content-Type', 'text/plain; charset=utf-8']];
  readOwnFields(fields, 'response');
  return {
    head: { status: fault.status, fields },
    extra: `Content-Length: ${body.length}\r\nConnection: close\r\n`,
    body: method === 'HEAD' ? body.subarray(0, 0) : body,
  };
}
