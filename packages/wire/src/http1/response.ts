import { encodeLatin1 } from '../bytes/latin1.ts';
import type { OutputQueue } from '../bytes/output_queue.ts';
import { LocalProtocolError } from '../errors.ts';
import type { FieldFault } from '../fields/fault.ts';
import type { FieldLine, FieldSection } from '../fields/field.ts';
import { CONNECTION, CONTENT_LENGTH, TRANSFER_ENCODING } from '../fields/names.ts';
import type { ResponseInit } from '../head.ts';
import { type Framing, isBodiless, switches } from './body_framing.ts';
import { ownFieldId, readOwnFields, writeHead } from './outgoing.ts';
import { reasonPhrase } from './reason_phrases.ts';
import type { ServerExchange } from './server_exchange.ts';

const NO_FIELDS: FieldSection = [];

/** How a response is framed and whether it is the last on its connection. */
export interface ResponsePlan {
  readonly framing: Framing;
  /** What Content-Length declares, if the framing goes by it. */
  readonly length: number;
  /** Content is taken and not sent: HEAD, 204, 304. */
  readonly discard: boolean;
  /** The head is the whole message on the wire. */
  readonly whole: boolean;
  readonly last: boolean;
  /** Field lines that the core adds. */
  readonly extra: string;
}

/**
 * Chooses the framing of a final response (RFC 9112 §6.1, §6.3) and its persistence (§9.3): a Content-Length of the
 * application's holds; without one there are chunks, or for HTTP/1.0 the end of the connection.
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
    return { framing: 'none', length: 0, discard: true, whole: true, last: false, extra: '' };
  }
  const discard = isBodiless(exchange.method, status);
  const declared = facts.contentLength;
  const old = exchange.version === '1.0';
  let framing: Framing = 'none';
  let extra = '';
  if (discard) {
    // 204 and 304 say nothing of framing; for HEAD the fields are those that GET would bring (RFC 9110 §9.3.2).
    if (exchange.method === 'HEAD' && facts.chunked && !old) extra = 'Transfer-Encoding: chunked\r\n';
    if (declared >= 0 && status !== 204) extra = `Content-Length: ${declared}\r\n`;
  } else if (declared >= 0) {
    if (endStream && declared > 0) {
      throw new LocalProtocolError(`Cannot end the response here: Content-Length declares ${declared} bytes`);
    }
    framing = declared > 0 ? 'length' : 'none';
    extra = `Content-Length: ${declared}\r\n`;
  } else if (endStream) {
    extra = 'Content-Length: 0\r\n';
  } else if (old) {
    framing = 'close';
  } else {
    framing = 'chunked';
    extra = 'Transfer-Encoding: chunked\r\n';
  }
  // After a failed CONNECT the client may have sent bytes of its tunnel already: they must not be read as a request.
  const last = closes || facts.close || framing === 'close' || exchange.method === 'CONNECT';
  if (last) extra += 'Connection: close\r\n';
  else if (old) extra += 'Connection: keep-alive\r\n';
  return { framing, length: Math.max(0, declared), discard, whole: discard || framing === 'none', last, extra };
}

/**
 * Queues a response head. The core writes framing and persistence itself (`extra`); the application's lines about them are
 * left out. Returns its length in bytes.
 */
export function writeResponseHead(
  out: OutputQueue,
  init: ResponseInit,
  extra: string,
  kind: 'interim' | 'switch' | 'final',
): number {
  const { status } = init;
  if (!Number.isInteger(status) || status < 100 || status > 999) {
    throw new LocalProtocolError(`Cannot send status ${status}: a status is an integer from 100 to 999 (RFC 9110 §15)`);
  }
  const fields = init.fields ?? NO_FIELDS;
  if (kind !== 'final') readOwnFields(fields, 'response');
  const skip = (index: number): boolean => {
    switch (ownFieldId(index)) {
      case CONTENT_LENGTH:
      case TRANSFER_ENCODING:
        return true;
      case CONNECTION:
        return kind === 'final' && isPersistence((fields[index] as FieldLine)[1]);
      default:
        return false;
    }
  };
  return writeHead(out, `HTTP/1.1 ${status} ${reasonPhrase(status)}\r\n`, fields, skip, extra);
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

function isPersistence(value: string): boolean {
  const option = value.toLowerCase();
  return option === 'close' || option === 'keep-alive';
}
