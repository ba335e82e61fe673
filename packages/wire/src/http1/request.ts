import { encodeLatin1 } from '../bytes/latin1.ts';
import type { OutputQueue } from '../bytes/output_queue.ts';
import { LocalProtocolError } from '../errors.ts';
import { isAuthority } from '../fields/authority.ts';
import { allOf, isToken, TARGET } from '../fields/characters.ts';
import { FieldFault } from '../fields/fault.ts';
import type { FieldSection } from '../fields/field.ts';
import { validateTarget } from '../fields/validate_http1.ts';
import type { RequestInit } from '../head.ts';
import { type Omit, OutgoingContent, readOwnFields, writeHead } from './outgoing.ts';

const NO_FIELDS: FieldSection = [];
/** The core writes the framing itself. */
const OMIT: Omit = { framing: true, persistence: false };

/** A request head that was queued. */
export interface WrittenRequest {
  readonly content: OutgoingContent;
  /** Bytes of the head. */
  readonly length: number;
  /** The protocols that it offers to switch to, or null. */
  readonly upgrade: string | null;
}

/**
 * Queues a request head. Host comes from the fields, else from `authority`; the framing from Content-Length, else there are
 * chunks, or nothing when the request ends here (RFC 9112 §3.2, §6.1).
 *
 * @throws {LocalProtocolError} when the head is not one that we would accept as a server.
 */
export function writeRequestHead(out: OutputQueue, init: RequestInit, endStream: boolean): WrittenRequest {
  const { method, target, authority } = init;
  const fields = init.fields ?? NO_FIELDS;
  if (!isToken(method)) throw new LocalProtocolError(`Cannot send method ${JSON.stringify(method)}: it is not a token`);
  if (target === '' || !allOf(target, TARGET)) {
    throw new LocalProtocolError(
      `Cannot send target ${JSON.stringify(target)}: percent-encode what is not printable ASCII`,
    );
  }
  const facts = readOwnFields(fields, 'request');
  let host = '';
  if (facts.host === null) {
    if (authority === undefined || !isAuthority(authority)) {
      throw new LocalProtocolError(
        'Cannot send a request without Host: give a valid authority, or a Host field (RFC 9112 §3.2)',
      );
    }
    host = `Host: ${authority}\r\n`;
  }
  const fault = validateTarget(method, target, 1, facts.host ?? (authority as string));
  if (fault instanceof FieldFault) throw new LocalProtocolError(`Cannot send this request: ${fault.reason}`);
  const declared = facts.contentLength;
  if (endStream && (declared > 0 || facts.chunked)) {
    throw new LocalProtocolError('Cannot end the request here: its fields declare content');
  }
  const chunked = !endStream && declared < 0;
  let extra = '';
  if (declared >= 0) extra = `Content-Length: ${declared}\r\n`;
  else if (chunked) extra = 'Transfer-Encoding: chunked\r\n';
  // A method that usually brings content says when there is none (RFC 9110 §8.6).
  else if (method === 'POST' || method === 'PUT' || method === 'PATCH') extra = 'Content-Length: 0\r\n';
  const upgrade = facts.connectionUpgrade ? facts.upgrade : null;
  const length = writeHead(out, encodeLatin1(`${method} ${target} HTTP/1.1\r\n${host}`), fields, OMIT, extra);
  const framing = chunked ? 'chunked' : declared > 0 ? 'length' : 'none';
  return { content: new OutgoingContent(framing, Math.max(0, declared), false), length, upgrade };
}
