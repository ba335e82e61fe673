import { type Bench, compareCodecs } from '../bench.ts';
import { atMost } from '../results.ts';

const STREAMS = [1, 100, 10_000] as const;

/** Reading frames, and what one DATA frame costs while others streams are open. */
export async function frames(bench: Bench): Promise<void> {
  await compareCodecs(
    bench,
    {
      id: 'frames',
      title: 'Reading DATA frames',
      unit: 'frames/s',
      notes: ['Frames of 1,024 bytes of content, 64 KiB at a time, framing only: no streams, no flow control.'],
    },
    [
      { name: 'interleave', module: 'frames-interleave.ts' },
      { name: 'molnarg http2', module: 'frames-molnarg.ts' },
    ],
    [{ id: 'frames-molnarg', claim: 'Reading frames', ours: 'interleave', peer: 'molnarg http2', better: 'higher' }],
  );

  const name = (streams: number): string => `${streams.toLocaleString('en-GB')} open`;
  for (const way of ['receive', 'send'] as const) {
    const title = `One DATA frame, ${way === 'receive' ? 'received' : 'sent'}`;
    await compareCodecs(
      bench,
      {
        id: `data-${way}`,
        title,
        unit: 'ns/frame',
        notes: [
          way === 'receive'
            ? 'Frames of 1,024 bytes through a whole connection, one stream after the other, consumed at once.'
            : 'Frames of 1,024 bytes, one stream after the other, output taken every 64 frames, credit given back.',
        ],
      },
      STREAMS.map((streams) => ({
        name: name(streams),
        module: 'data-frames.ts',
        args: [`--streams=${streams}`, ...(way === 'send' ? ['--send'] : [])],
      })),
      [100, 10_000].map((streams) => ({
        id: `data-${way}-${streams}`,
        claim: `${title}, ${name(streams)}`,
        ours: name(streams),
        peer: name(1),
        better: 'lower' as const,
        ...(streams === 10_000 ? { target: atMost(1.2) } : {}),
      })),
      (perSecond) => 1e9 / perSecond,
    );
  }
}
