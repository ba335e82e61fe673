/** What goes into a link comes out of it: whole, in order, in any pieces, and never more at a time than it has room for. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { latin1 } from './bytes.ts';
import { VirtualClock } from './clock.ts';
import { type Break, Link, type LinkShape } from './link.ts';
import type { Pipe } from './pipe.ts';
import { World } from './world.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function linked(
  shape: Partial<LinkShape> = {},
  plan: Break | null = null,
): { world: World; client: Pipe; server: Pipe; link: Link } {
  const host = {
    name: 'node' as const,
    load: async () => ({}),
    turn,
    rest: turn,
    realNow: () => 0,
  };
  const world = new World(host, new VirtualClock(), new Map());
  const client = world.open('c1');
  const server = world.open('c1', false);
  const full = { room: 1024, window: 1024, piece: () => 1024, wait: () => 0, ...shape };
  return { world, client, server, link: new Link(world, { client, server }, full, plan) };
}

/** Reads to the end; the error's text behind what came before it. */
async function readAll({ connection }: Pipe): Promise<string> {
  const reader = connection.readable.getReader();
  let text = '';
  for (;;) {
    const next = await reader.read().catch((error: unknown) => ({ done: true, value: undefined, error }));
    if ('error' in next) return `${text}!${(next.error as Error).message}`;
    if (next.done || next.value === undefined) return text;
    text += latin1(next.value);
  }
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

async function say({ connection }: Pipe, ...texts: readonly string[]): Promise<void> {
  const writer = connection.writable.getWriter();
  for (const text of texts) await writer.write(bytes(text));
  await writer.close();
}

describe('a link', () => {
  it('carries both ways, with both ends', async () => {
    const { world, client, server } = linked();
    const [asked, answered] = [readAll(server), readAll(client)];
    void say(client, 'one', ' two');
    void say(server, 'three');
    await world.settle();
    expect(await Promise.all([asked, answered])).toEqual(['one two', 'three']);
  });

  it('changes no byte and no order, whatever the pieces, the waits and the room', async () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 6 });
    const waits = fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 6 });
    const writes = fc.array(fc.stringMatching(/^[a-z]{1,20}$/), { maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(sizes, waits, writes, fc.integer({ min: 1, max: 30 }), async (pieces, pauses, texts, room) => {
        let n = 0;
        const piece = (): number => pieces[n++ % pieces.length] ?? 1;
        const wait = (): number => pauses[n % pauses.length] ?? 0;
        const { world, client, server } = linked({ room, window: 1, piece, wait });
        let got: string | null = null;
        void readAll(server).then((text) => {
          got = text;
        });
        void say(client, ...texts);
        await world.until(() => got !== null);
        expect(got).toBe(texts.join(''));
      }),
      { numRuns: 60 },
    );
  });

  it('holds a writer back when it is full, until somebody reads', async () => {
    const { world, client, server, link } = linked({ room: 8, window: 4, piece: () => 2 });
    const writer = client.connection.writable.getWriter();
    for (let i = 0; i < 10; i++) void writer.write(bytes('abcd'));
    await world.settle();
    expect(client.written).toBeLessThanOrEqual(4 + 8 + 3);
    expect(link.waiting[0]?.isFull).toBe(true);
    const reader = server.connection.readable.getReader();
    for (let i = 0; i < 20; i++) await reader.read();
    expect(client.written).toBe(40);
  });

  it('lets whoever writes to an end that reads no more go on', async () => {
    const { world, client, server } = linked({ room: 4, window: 4 });
    await server.connection.readable.cancel();
    let done = false;
    void say(client, 'much more', ' than', ' there is room for').then(() => {
      done = true;
    });
    await world.settle();
    expect(done).toBe(true);
  });

  it.each([
    ['server', 'end', ['abcde', 'xyz']],
    ['client', 'end', ['abcdefgh', 'xyz']],
    ['server', 'reset', ['abcde!The connection was reset by the peer', 'xyz!The connection was reset by the peer']],
  ] as const)('breaks behind a byte toward the %s, as %s', async (toward, how, want) => {
    const { world, client, server, link } = linked({}, { toward, at: toward === 'server' ? 5 : 3, how });
    const read = Promise.all([readAll(server), readAll(client)]);
    const first = server.connection.writable.getWriter();
    await first.write(bytes(toward === 'server' ? 'xyz' : 'xyzzz'));
    if (toward === 'server') await world.settle();
    const writer = client.connection.writable.getWriter();
    // The bytes toward the server must be there before the other direction breaks the link.
    writer.write(bytes('abcdefgh')).catch(() => {});
    await world.until(() => link.broken && link.writtenAtEnd !== null);
    const [asked, answered] = await read;
    if (toward === 'server') expect([asked, answered]).toEqual(want);
    else expect(answered).toBe('xyz');
    expect(link.writtenAtEnd).not.toBeNull();
  });

  it('can break behind the first whole reply, however that is cut', async () => {
    const reply = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi';
    const plan = { toward: 'client', at: 3, how: 'end', behindReply: true } as const;
    const { world, client, server } = linked({ piece: () => 5 }, plan);
    let got: string | null = null;
    void readAll(client).then((text) => {
      got = text;
    });
    const writer = server.connection.writable.getWriter();
    for (const text of [reply.slice(0, 10), reply.slice(10), 'HTT', 'P/1.1']) writer.write(bytes(text)).catch(() => {});
    await world.until(() => got !== null);
    expect(got).toBe(`${reply}HTT`);
  });

  it('is torn for both when one side gives up', async () => {
    const { world, client, server } = linked();
    const read = readAll(server);
    const writer = client.connection.writable.getWriter();
    await writer.write(bytes('half'));
    await world.settle();
    await writer.abort();
    expect(await read).toBe('half!The connection was reset by the peer');
  });
});
