import { answerInMemory } from '../pipe/memory.ts';
import { concat } from '../pipe/server.ts';
import type { ByteParts } from './parts.ts';

/** A request in one of the four ways in which version and field decide whether the connection stays (RFC 9112 §9.3). */
export interface Ending {
  readonly id: string;
  readonly name: string;
  readonly request: Uint8Array;
}

const utf8 = new TextEncoder();

const ending = (id: string, name: string, version: string, field: string): Ending => ({
  id,
  name,
  request: utf8.encode(`GET /hello HTTP/${version}\r\nHost: pipe\r\n${field}\r\n`),
});

export const ENDINGS: readonly Ending[] = [
  ending('1.1', 'HTTP/1.1', '1.1', ''),
  ending('1.1-close', 'HTTP/1.1, Connection: close', '1.1', 'Connection: close\r\n'),
  ending('1.0', 'HTTP/1.0', '1.0', ''),
  ending('1.0-keep-alive', 'HTTP/1.0, Connection: keep-alive', '1.0', 'Connection: keep-alive\r\n'),
];

/** The same request twice on one connection. */
export interface AskedTwice {
  readonly sent: Uint8Array;
  readonly received: Uint8Array;
  /** The server ended the connection after its first reply. */
  readonly ended: boolean;
}

/** Asks twice with both ends in memory. */
export function askTwiceInMemory({ request }: Ending): AskedTwice {
  const { replies, ended } = answerInMemory(request, request);
  return { sent: ended ? request : concat([request, request]), received: replies, ended };
}

/** What an attempt shows, in one sentence. */
export function endingWords({ name }: Ending, { ended }: AskedTwice): string {
  return ended
    ? `${name}: the server answers once and ends the connection, so the second request needs another one.`
    : `${name}: the server answers twice, and the connection stays open.`;
}

/**
 * Names the parts of HTTP/1.x messages that follow each other in these bytes, each with a head and the content that its
 * Content-Length announces: start line, the Connection field, the empty line that ends the head, content.
 */
export function messageParts(bytes: Uint8Array): ByteParts[] {
  const text = new TextDecoder('latin1').decode(bytes);
  const parts: ByteParts[] = [];
  let at = 0;
  while (at < text.length) {
    const lineEnd = text.indexOf('\r\n', at);
    const headEnd = text.indexOf('\r\n\r\n', at);
    if (headEnd === -1) break;
    const head = text.slice(at, headEnd + 2);
    parts.push({ from: at, to: lineEnd + 2, label: 'start line' });
    const field = /^Connection:.*\r\n/im.exec(head);
    if (field) parts.push({ from: at + field.index, to: at + field.index + field[0].length, label: 'Connection' });
    parts.push({ from: headEnd + 2, to: headEnd + 4, label: 'end of head' });
    const length = Number(/^Content-Length:\s*(\d+)/im.exec(head)?.[1] ?? 0);
    if (length > 0) parts.push({ from: headEnd + 4, to: headEnd + 4 + length, label: 'content' });
    at = headEnd + 4 + length;
  }
  return parts;
}

/** Messages that have come whole. */
export function wholeMessages(bytes: Uint8Array): number {
  const parts = messageParts(bytes);
  const heads = parts.filter(({ label }) => label === 'end of head').length;
  const last = parts.at(-1);
  return last !== undefined && last.to > bytes.length ? heads - 1 : heads;
}
