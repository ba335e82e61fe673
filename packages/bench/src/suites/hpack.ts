import { type Bench, compareCodecs, enter, settleAll, skip } from '../bench.ts';
import { atLeast, atMost } from '../results.ts';
import { stories } from '../workloads/stories.ts';

const OURS = 'interleave';
const PEER = 'hpack.js';

/** HPACK both ways against hpack.js, and the size of what is encoded against nghttp2. */
export async function hpack(bench: Bench): Promise<void> {
  const { source, lines, encoded } = stories();
  const notes = [`${source}: ${lines.toLocaleString('en-GB')} field lines, a table of 4,096 bytes.`];
  for (const way of ['decode', 'encode'] as const) {
    const args = way === 'encode' ? ['--encode'] : [];
    await compareCodecs(
      bench,
      { id: `hpack-${way}`, title: `HPACK, ${way}`, unit: 'field lines/s', notes },
      [
        { name: OURS, module: 'hpack-interleave.ts', args },
        { name: PEER, module: 'hpack-hpackjs.ts', args },
      ],
      [
        {
          id: `hpack-${way}`,
          claim: `HPACK, ${way}`,
          ours: OURS,
          peer: PEER,
          better: 'higher',
          target: atLeast(way === 'decode' ? 8 : 4),
        },
      ],
    );
  }
  if (encoded === null) {
    skip(bench, 'hpack-size', 'Size of encoded HPACK against nghttp2: needs the story vectors (VECTORS).');
    return;
  }
  const children = await enter(
    bench,
    'HPACK, encoded size',
    [
      { name: OURS, module: 'hpack-interleave.ts', args: ['--encode'] },
      { name: PEER, module: 'hpack-hpackjs.ts', args: ['--encode'] },
    ],
    [],
  );
  const sizes: { name: string; figures: number[] }[] = [{ name: 'nghttp2', figures: [encoded] }];
  for (const child of children) {
    await child.ask('run', 1);
    sizes.push({ name: child.name, figures: [await child.ask<number>('size')] });
    await child.stop();
  }
  settleAll(bench, { id: 'hpack-size', title: 'HPACK, encoded size', unit: 'bytes', notes: [...notes] }, sizes, [
    { id: 'hpack-size', claim: 'HPACK, encoded size', ours: OURS, peer: 'nghttp2', better: 'lower', target: atMost(1) },
  ]);
}
