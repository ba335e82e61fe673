/** An upload split by what became of its bytes. */
import { describe, expect, it } from 'vitest';
import type { Entry } from '../result.ts';
import { uploadsOf, uploadWords } from './uploads.ts';

const HEAD = 'POST /a HTTP/1.1\r\nHost: w\r\nContent-Length: 100000\r\n\r\n';

function run(taken: number, read: readonly number[] | undefined) {
  let [from, tick] = [0, 0];
  const bytes = (by: Entry['by'], text: string): Entry => {
    const entry: Entry = { tick: tick++, at: tick, connection: 'c1', by, what: 'bytes', from, bytes: text };
    if (by === 'judge') from += text.length;
    return entry;
  };
  const transcript = [
    bytes('judge', HEAD + 'x'.repeat(1000)),
    bytes('judge', 'x'.repeat(29_000)),
    bytes('learner', 'HTTP/1.1 413 \r\n'),
    bytes('judge', 'x'.repeat(20_000)),
  ];
  const connection = {
    id: 'c1',
    opened: 0,
    ended: null,
    bytes: { toLearner: from, taken, fromLearner: 15 },
    exchanges: [],
    ...(read === undefined ? {} : { read }),
  };
  return uploadsOf({ transcript, connections: [connection] });
}

describe('an upload', () => {
  it('is split into what was read, dropped and refused, and tells what had come when the reply left', () => {
    const [upload] = run(HEAD.length + 45_000, [5000]);
    expect(upload).toEqual({
      connection: 'c1',
      request: 'POST /a',
      size: 100_000,
      read: 5000,
      dropped: 40_000,
      refused: 55_000,
      cameBeforeReply: 30_000,
    });
    expect(upload === undefined ? '' : uploadWords(upload)).toBe(
      '100,000 bytes: 5,000 read, 40,000 dropped, 55,000 refused',
    );
  });

  it('is refused whole where nothing behind its head was taken', () => {
    expect(run(HEAD.length, [])[0]).toMatchObject({ read: 0, dropped: 0, refused: 100_000 });
  });

  it('is not told where nobody counted what was read', () => {
    expect(run(HEAD.length, undefined)).toEqual([]);
  });
});
