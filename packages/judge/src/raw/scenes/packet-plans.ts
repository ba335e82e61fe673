/** Seeded packets: several streams, cut and mixed, some packets lost and their content sent again in others. A seed is a run. */
import { seeded } from '../random.ts';
import type { SentFrame } from './packet-steps.ts';

export type PlannedPacket = { readonly number: number; readonly frames: readonly SentFrame[] };

/**
 * What is sent at first carries every byte, one to three frames a packet; each third packet or so is lost, and what was in it
 * is cut anew for later packets. Some packets come twice, and neighbours change places. Whatever happens, all bytes
 * come; where the streams end is not told.
 */
export function packetsOf(streams: Readonly<Record<string, number>>, seed: number): PlannedPacket[] {
  const random = seeded(seed);
  const upTo = (n: number): number => Math.floor(random() * n);
  const totals = Object.entries(streams).map(([id, total]) => ({ streamId: Number(id), total, at: 0 }));
  const cut = (streamId: number, total: number, from: number, until: number): SentFrame => {
    const to = Math.min(until, from + 1 + upTo(Math.ceil(total / 3)));
    return { streamId, from, to };
  };
  let number = 0;
  const packets: PlannedPacket[] = [];
  const again: SentFrame[] = [];
  const pack = (frames: readonly SentFrame[], isLost: boolean): void => {
    const packet = { number: number++, frames };
    if (isLost) again.push(...frames);
    else packets.push(packet);
    if (!isLost && upTo(5) === 0) packets.push(packet);
  };
  for (let open = totals; open.length > 0; open = totals.filter(({ at, total }) => at < total)) {
    const frames = open
      .filter(() => upTo(3) > 0)
      .map((stream) => {
        const frame = cut(stream.streamId, stream.total, stream.at, stream.total);
        stream.at = frame.to;
        return frame;
      });
    if (frames.length > 0) pack(frames, upTo(3) === 0);
  }
  for (const { streamId, from: begin, to } of again) {
    const total = streams[String(streamId)] ?? to;
    // From a little before the loss, so that the cuts differ and bytes repeat.
    for (let from = Math.max(0, begin - upTo(4)); from < to; ) {
      const frame = cut(streamId, total, from, to);
      pack([frame], false);
      from = frame.to;
    }
  }
  for (let i = 0; i + 1 < packets.length; i++) {
    if (upTo(3) === 0) [packets[i], packets[i + 1]] = [packets[i + 1] as PlannedPacket, packets[i] as PlannedPacket];
  }
  return packets;
}
