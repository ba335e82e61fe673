import { Http3Connection } from '@interleave/wire/http3';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { TraceEvent } from './event.ts';
import { ConnectionLog } from './log.ts';
import { hexOf } from './masking.ts';
import { readerFor } from './readers.ts';

interface Piece {
  readonly streamId: number;
  readonly bytes: Uint8Array;
  readonly fin: boolean;
}

/** A client and a logged server, whose streams are carried in the order that `pick` says. */
function run(
  exchanges: number,
  pick: (pending: number) => number,
  size: () => number,
): { events: TraceEvent[]; sent: string } {
  const sent = new Map<number, string>();
  const log = new ConnectionLog({ connectionId: 'q', startedAt: 0, now: () => 0, quic: true, reader: readerFor });
  const client = new Http3Connection({ role: 'client' });
  const server = new Http3Connection({ role: 'server', observer: log.observe });
  let toServer: Piece[] = [];
  const take = (): void => {
    for (let pending = client.pendingStreams(); pending.length > 0; pending = client.pendingStreams()) {
      const { streamId, chunks, fin } = client.takeStream(pending[0] as number, size());
      for (const bytes of chunks) {
        toServer.push({ streamId, bytes: bytes.slice(), fin: false });
        sent.set(streamId, (sent.get(streamId) ?? '') + hexOf(bytes));
      }
      if (fin) toServer.push({ streamId, bytes: new Uint8Array(0), fin: true });
    }
  };
  const answer = (): void => {
    for (let pending = server.pendingStreams(); pending.length > 0; pending = server.pendingStreams()) {
      const { streamId, chunks, fin } = server.takeStream(pending[0] as number, 1_000);
      for (const bytes of chunks) {
        log.sent(bytes, streamId, false);
        client.receiveStream(streamId, bytes.slice(), false, 0);
      }
      if (fin) {
        log.sent(new Uint8Array(0), streamId, true);
        client.receiveStream(streamId, new Uint8Array(0), true, 0);
      }
    }
  };
  const deliver = (): void => {
    while (toServer.length > 0) {
      // Any stream may be next; within a stream the order stays.
      const streams = [...new Set(toServer.map(({ streamId }) => streamId))];
      const next = streams[pick(streams.length) % streams.length];
      const piece = toServer.find(({ streamId }) => streamId === next) as Piece;
      toServer = toServer.filter((one) => one !== piece);
      log.received(piece.bytes, piece.streamId, false);
      const events = server.receiveStream(piece.streamId, piece.bytes, piece.fin, 0);
      if (piece.fin) log.received(new Uint8Array(0), piece.streamId, true);
      for (const event of events) {
        if (event.type !== 'request') continue;
        server.sendResponse(event.streamId, { status: 200, fields: [['x-answer', 'yes']] });
        server.sendData(event.streamId, new Uint8Array(5), { endStream: true });
      }
    }
    answer();
  };
  answer();
  take();
  deliver();
  for (let n = 0; n < exchanges; n++) {
    for (const more of ['a', 'b']) {
      client.sendRequest(
        {
          method: 'GET',
          target: `/${more}`,
          scheme: 'https',
          authority: 'a.test',
          fields: [
            ['x-often', `value ${n % 2}`],
            ['cookie', 'sid=hushhush'],
          ],
        },
        { endStream: true },
      );
    }
    take();
    deliver();
    take();
    deliver();
  }
  return { events: [...log.snapshot('own').events], sent: [...sent.values()].join(' ') };
}

it('heads are shown whole, with their bytes, in whatever order streams come: also those that waited for the table', () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(5), { minLength: 3, maxLength: 12 }),
      fc.integer({ min: 1, max: 60 }),
      (order, size) => {
        let at = 0;
        const { events, sent } = run(
          6,
          () => order[at++ % order.length] as number,
          () => size,
        );
        const heads = events.filter(
          ({ name, data }) =>
            name === 'http3:frame_parsed' && (data['frame'] as { frame_type: string }).frame_type === 'headers',
        );
        expect(heads.length).toBe(12);
        for (const { data } of heads) {
          const {
            at: start,
            data: hex,
            lines,
          } = data['block'] as { at: number; data: string; lines: { name: string }[] };
          expect(start + hex.length / 2).toBe(data['length']);
          expect(lines.map(({ name }) => name)).toEqual([
            ':method',
            ':scheme',
            ':path',
            ':authority',
            'x-often',
            'cookie',
          ]);
        }
        const done = events.filter(
          ({ name, data }) =>
            name === 'http3:message_state_updated' && data['message'] === 'request' && data['new'] === 'done',
        );
        expect(done.length).toBe(12);
        const text = JSON.stringify(events);
        expect(text).not.toContain('hushhush');
        // In QPACK's Huffman code, which is how it was sent.
        expect(sent).toContain('41a4827b51');
        expect(text).not.toContain('41a4827b51');
      },
    ),
    { numRuns: 30 },
  );
});

it('the table follows the encoder stream, and control frames stand on the control stream', () => {
  const { events } = run(
    8,
    () => 0,
    () => 1_000,
  );
  const tables = events.filter(
    ({ name, data }) => name === 'http3:dynamic_table_updated' && data['direction'] === 'received',
  );
  expect(JSON.stringify(tables)).toContain('x-often');
  expect(tables.at(-1)?.data['size']).toBeGreaterThan(0);
  const settings = events.filter(
    ({ data }) => (data['frame'] as { frame_type?: string } | undefined)?.frame_type === 'settings',
  );
  expect(settings.map(({ name, data }) => [name, data['stream_id'], data['offset']])).toEqual(
    expect.arrayContaining([
      ['http3:frame_parsed', 2, 1],
      ['http3:frame_created', 3, 1],
    ]),
  );
});
