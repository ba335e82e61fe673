import type { WireUnit } from '@interleave/wire';
import { Http1Connection } from '@interleave/wire/http1';
import { concat } from '../pipe/server.ts';
import type { ByteParts } from './parts.ts';

/** A reply with a mistake that no page shows. */
export interface Mistake {
  readonly id: string;
  readonly name: string;
  readonly method: string;
  readonly reply: Uint8Array;
}

const utf8 = new TextEncoder();
const mistake = (id: string, name: string, method: string, reply: string): Mistake => ({
  id,
  name,
  method,
  reply: utf8.encode(reply),
});

export const MISTAKES: readonly Mistake[] = [
  mistake('head', 'content in reply to HEAD', 'HEAD', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nHello'),
  mistake('204', 'a last chunk on 204', 'GET', 'HTTP/1.1 204 No Content\r\n\r\n0\r\n\r\n'),
  mistake('stray', 'four bytes too many', 'GET', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nHello\r\n\r\n'),
  mistake('none', 'no mistake', 'GET', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nHello'),
];

const NEXT = utf8.encode('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nNext');

export interface MistakeReading {
  /** The reply, and the one that follows it on the connection. */
  readonly bytes: Uint8Array;
  readonly parts: readonly ByteParts[];
  /** Where the client looks for the second reply. */
  readonly believed: number;
  /** Why the client gave the connection up, else null. */
  readonly problem: string | null;
}

/** Lets a client's core read the reply and the next one. */
export function readMistake({ method, reply }: Mistake): MistakeReading {
  const units: WireUnit[] = [];
  const client = new Http1Connection({ role: 'client', now: 0, observe: (unit) => units.push(unit) });
  for (const [verb, target] of [
    [method, '/hello'],
    ['GET', '/next'],
  ] as const)
    client.sendRequest({ method: verb, target, authority: 'pipe' }, { endStream: true });
  client.takeOutput();
  const bytes = concat([reply, NEXT]);
  const events = client.receive(bytes, 0);
  const fault = events.find((event) => event.type === 'connection-error');
  const read = units.filter(({ direction, length }) => direction === 'received' && length > 0);
  const parts = read.map(({ kind, streamId, offset, length }) => ({
    from: offset,
    to: offset + length,
    label: kind === 'response' ? `head of ${streamId}` : `content of ${streamId}`,
  }));
  const first = read.filter(({ streamId }) => streamId === 1).at(-1);
  return {
    bytes,
    parts,
    believed: first ? first.offset + first.length : 0,
    problem: fault?.type === 'connection-error' ? fault.reason : null,
  };
}

/** What the client makes of it, in two sentences. */
export function mistakeWords({ reply, name }: Mistake, { believed, problem }: MistakeReading): string {
  return problem === null
    ? `${name}: both replies are read, and the connection stays.`
    : `${name}: the first reply is fine, and so is the page. The next is looked for at byte ${believed}, where ${reply.length - believed} bytes stand that belong to nothing; a browser drops the connection and opens another.`;
}
