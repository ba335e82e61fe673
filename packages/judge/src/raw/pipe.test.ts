import { describe, expect, it } from 'vitest';
import { bytesOf, latin1 } from './bytes.ts';
import { Pipe } from './pipe.ts';

function make(limit = 1000): { pipe: Pipe; log: string[] } {
  const log: string[] = [];
  const pipe = new Pipe('c1', limit, {
    activity: () => {},
    wrote: (bytes) => log.push(`wrote ${latin1(bytes)}`),
    ended: (how) => log.push(how),
    stoppedReading: () => log.push('stopped'),
    wrongType: () => new TypeError('no bytes'),
    flooded: () => new Error('too much'),
  });
  return { pipe, log };
}

describe('Pipe, towards the learner', () => {
  it('gives each delivery as one chunk, and takes nothing before it is asked for', async () => {
    const { pipe } = make();
    pipe.deliver(bytesOf('one'));
    pipe.deliver(bytesOf('two'));
    expect(pipe.taken).toBe(0);
    const reader = pipe.connection.readable.getReader();
    expect(latin1((await reader.read()).value ?? new Uint8Array())).toBe('one');
    expect([pipe.taken, pipe.untaken]).toEqual([3, 3]);
  });

  it('wakes a read that waits, and remembers the line that reads', async () => {
    const { pipe } = make();
    const read = pipe.connection.readable.getReader().read();
    expect([...pipe.reading][0]?.stack).toContain('pipe.test.ts');
    pipe.deliver(bytesOf('late'));
    expect(latin1((await read).value ?? new Uint8Array())).toBe('late');
    await Promise.resolve();
    expect(pipe.reading.size).toBe(0);
  });

  it('serves a reader that brings its own buffer, up to the end', async () => {
    const { pipe } = make();
    pipe.deliver(bytesOf('abcd'));
    const reader = pipe.connection.readable.getReader({ mode: 'byob' });
    expect(latin1((await reader.read(new Uint8Array(3))).value ?? new Uint8Array())).toBe('abc');
    expect(latin1((await reader.read(new Uint8Array(3))).value ?? new Uint8Array())).toBe('d');
    const last = reader.read(new Uint8Array(3));
    pipe.endInput();
    expect((await last).done).toBe(true);
  });

  it('ends after what was delivered', async () => {
    const { pipe } = make();
    pipe.deliver(bytesOf('x'));
    pipe.endInput();
    const chunks: string[] = [];
    for await (const chunk of pipe.connection.readable) chunks.push(latin1(chunk));
    expect(chunks).toEqual(['x']);
  });

  it('tells when the learner stops reading, and drops what comes then', async () => {
    const { pipe, log } = make();
    await pipe.connection.readable.getReader().cancel();
    pipe.deliver(bytesOf('x'));
    expect(log).toEqual(['stopped']);
    expect(pipe.stoppedReading?.trace?.stack).toContain('pipe.test.ts');
    expect(pipe.taken).toBe(0);
  });

  it('breaks off both directions', async () => {
    const { pipe } = make();
    const read = pipe.connection.readable.getReader().read();
    const writer = pipe.connection.writable.getWriter();
    pipe.reset();
    await expect(read).rejects.toThrow('reset by the peer');
    await expect(writer.write(bytesOf('x'))).rejects.toThrow('reset by the peer');
  });
});

describe('Pipe, from the learner', () => {
  it('knows for each byte which line wrote it', async () => {
    const { pipe } = make();
    const writer = pipe.connection.writable.getWriter();
    await writer.write(bytesOf('one'));
    await writer.write(bytesOf('three'));
    expect(latin1(pipe.received)).toBe('onethree');
    expect(pipe.writes.map(({ from, to }) => [from, to])).toEqual([
      [0, 3],
      [3, 8],
    ]);
    expect(pipe.writes[1]?.trace?.stack).toContain('pipe.test.ts');
  });

  it('keeps what was written when the writer uses its buffer again', async () => {
    const { pipe } = make();
    const writer = pipe.connection.writable.getWriter();
    const buffer = bytesOf('aa');
    await writer.write(buffer);
    buffer.fill(98);
    await writer.write(buffer);
    expect(latin1(pipe.received)).toBe('aabb');
  });

  it('tells an end from a break', async () => {
    const one = make();
    await one.pipe.connection.writable.getWriter().close();
    const two = make();
    await two.pipe.connection.writable.getWriter().abort();
    expect([one.log, two.log]).toEqual([['end'], ['reset']]);
    expect(one.pipe.ended?.trace?.stack).toContain('pipe.test.ts');
    expect(two.pipe.ended?.trace?.stack).toContain('pipe.test.ts');
  });

  it('refuses what is no Uint8Array', async () => {
    const { pipe } = make();
    await expect(pipe.connection.writable.getWriter().write('text' as never)).rejects.toThrow('no bytes');
  });

  it('stops a flood, also one that never waits', async () => {
    const { pipe } = make(10);
    const writer = pipe.connection.writable.getWriter();
    writer.closed.catch(() => {});
    expect(() => {
      for (let i = 0; i < 100; i++) writer.write(new Uint8Array(4)).catch(() => {});
    }).toThrow('too much');
  });

  it('carries pipeTo as well', async () => {
    const { pipe, log } = make();
    const source = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(bytesOf('piped'));
        controller.close();
      },
    });
    await source.pipeTo(pipe.connection.writable);
    expect(log).toEqual(['wrote piped', 'end']);
  });
});
