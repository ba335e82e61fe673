import { type Bench, compareCodecs, type Entrant } from '../bench.ts';
import { atMost, type Claim } from '../results.ts';

const STREAMS = [1, 100, 10_000] as const;
const MOLNARG = 'molnarg http2, framing only';

/** What one DATA frame costs in a whole connection while other streams are open, read and written. */
export async function frames(bench: Bench): Promise<void> {
  const name = (streams: number): string => `${streams.toLocaleString('en-GB')} open`;
  for (const way of ['receive', 'send'] as const) {
    const receives = way === 'receive';
    const title = `One DATA frame, ${receives ? 'received' : 'sent'}`;
    const entrants: Entrant[] = STREAMS.map((streams) => ({
      name: name(streams),
      module: 'data-frames.ts',
      args: [`--streams=${streams}`, ...(receives ? [] : ['--send'])],
    }));
    const claims: Claim[] = [100, 10_000].map((streams) => ({
      id: `data-${way}-${streams}`,
      claim: `${title}, ${name(streams)}`,
      ours: name(streams),
      peer: name(1),
      better: 'lower',
      ...(streams === 10_000 ? { target: atMost(1.2) } : {}),
    }));
    if (receives) {
      entrants.push({ name: MOLNARG, module: 'frames-molnarg.ts' });
      claims.push({ id: 'data-receive-molnarg', claim: title, ours: name(1), peer: MOLNARG, better: 'lower' });
    }
    const notes = receives
      ? [
          'Frames of 1,024 bytes through a whole connection, one stream after the other, consumed at once.',
          'molnarg http2 reads the same frames without streams or flow control.',
        ]
      : ['Frames of 1,024 bytes, one stream after the other, output taken every 64 frames, credit given back.'];
    await compareCodecs(bench, { id: `data-${way}`, title, unit: 'ns/frame', notes }, entrants, claims, nanoseconds);
  }
}

function nanoseconds(perSecond: number): number {
  return 1e9 / perSecond;
}
