import { Http2Connection } from '@interleave/wire/http2';
import { concat } from '../pipe/server.ts';
import { askTwiceInMemory, ENDINGS, messageParts } from '../story/ends.ts';
import { MISTAKES, readMistake } from '../story/mistakes.ts';
import type { ByteParts } from '../story/parts.ts';

/** Bytes in which a connection's end can be read. */
export interface EndBytes {
  readonly title: string;
  readonly bytes: Uint8Array;
  readonly parts: readonly ByteParts[];
  /** What to look at. */
  readonly caret?: { readonly at: number; readonly note: string };
}

/** Written by the core, in memory: `Connection: close`, GOAWAY, and a reply with bytes behind its end. */
export function endBytes(): EndBytes[] {
  const close = ENDINGS.find(({ id }) => id === '1.1-close');
  const stray = MISTAKES.find(({ id }) => id === 'stray');
  const ends: EndBytes[] = [];
  if (close !== undefined) {
    const { received } = askTwiceInMemory(close);
    ends.push({ title: 'HTTP/1.1: a field of the last response', bytes: received, parts: messageParts(received) });
  }
  ends.push(goaway());
  if (stray !== undefined) {
    const { bytes, parts, believed } = readMistake(stray);
    ends.push({
      title: 'A reply, four bytes that nobody announced, and the next reply',
      bytes,
      parts,
      caret: { at: believed, note: 'the next response is looked for here' },
    });
  }
  return ends;
}

const HEADER = 9;
const GOAWAY = 7;

/** The frame with which a server of ours ends a connection that has carried one request. */
function goaway(): EndBytes {
  const client = new Http2Connection({ role: 'client', now: 0 });
  client.sendRequest({ method: 'GET', target: '/hello', scheme: 'https', authority: 'pipe' }, { endStream: true });
  const server = new Http2Connection({ role: 'server', now: 0 });
  server.receive(concat(client.takeOutput()), 0);
  server.shutdown(0);
  const sent = concat(server.takeOutput());
  let at = 0;
  const length = (): number => ((sent[at] ?? 0) << 16) | ((sent[at + 1] ?? 0) << 8) | (sent[at + 2] ?? 0);
  while (at < sent.length && sent[at + 3] !== GOAWAY) at += HEADER + length();
  const bytes = sent.subarray(at, at + HEADER + length());
  return {
    title: 'HTTP/2: a frame of the connection itself',
    bytes,
    parts: [
      { from: 0, to: 3, label: 'length' },
      { from: 3, to: 4, label: 'GOAWAY' },
      { from: 4, to: 5, label: 'flags' },
      { from: 5, to: 9, label: 'stream 0: the connection' },
      { from: 9, to: 13, label: 'last stream that is answered' },
      { from: 13, to: 17, label: 'code: no error' },
      { from: 17, to: bytes.length, label: 'why, for people' },
    ],
  };
}
