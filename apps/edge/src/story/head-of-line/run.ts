import { type Fate, fatesInOneOrder, fatesInOwnOrders, gain, lateOf } from './late.ts';
import { AGAIN, type Hole, holeIn, type Segment, segmentsOf } from './link.ts';
import type { HolePlan, Order } from './plan.ts';
import { type SentFrame, type Written, writeHttp2 } from './replies.ts';
import { type Ends, lostIn, oneOrder, ownOrders, type Packet, packetsOf } from './roads.ts';

/** One road with and without the loss, as two clients saw it. */
export interface RoadRun {
  readonly fates: readonly Fate[];
  /** Virtual milliseconds that each reply came later than without the loss. */
  readonly late: readonly number[];
}

/** A part of a reply in a packet, for drawing: places in its stream. */
export interface DrawnPart {
  readonly reply: number;
  readonly from: number;
  readonly to: number;
  readonly at: number;
  readonly isLost: boolean;
}

/** How many are late wherever the hole is, for one order of writing. */
export interface GainCurve {
  readonly order: Order;
  readonly total: number;
  readonly points: readonly { readonly from: number; readonly one: number; readonly own: number }[];
}

/** Everything that a page shows of one run. Plain data: it comes from a worker in the page, or from the server. */
export interface HoleRun {
  readonly plan: HolePlan;
  readonly total: number;
  readonly hole: Hole;
  readonly frames: readonly SentFrame[];
  readonly segments: readonly Segment[];
  readonly parts: readonly DrawnPart[];
  readonly one: RoadRun;
  readonly own: RoadRun;
  /** When the lost bytes come again. */
  readonly again: number;
  /** The bytes around the hole, and where they begin. */
  readonly around: { readonly base: number; readonly bytes: Uint8Array };
  readonly gains: readonly GainCurve[];
}

const STEPS = 97;
const AROUND = 32;

/**
 * Sends the same replies over both roads, with and without the loss, through the cores of HTTP/2 and HTTP/3, on a link whose
 * time is counted and not waited for. The same plan gives the same run, everywhere.
 */
export function holeRun(plan: HolePlan): HoleRun {
  const written = writeHttp2(plan);
  const total = written.bytes.length;
  const hole = holeIn(total, plan);
  const segments = segmentsOf(total, hole);
  const packets = packetsOf(plan, written, segments);
  // The same segments on a link that loses nothing.
  const whole = segments.map((segment) => (segment.isLost ? { ...segment, at: segment.at - AGAIN } : segment));
  const wholePackets = packets.map(({ parts }, i) => ({ parts, segment: whole[i] as Segment }));
  const { n } = plan;
  return {
    plan: { ...plan, from: hole.from, lost: hole.to - hole.from },
    total,
    hole,
    frames: written.frames,
    segments,
    parts: drawn(packets, written, n),
    one: {
      fates: fatesInOneOrder(written.frames, hole, n),
      late: later(oneOrder(written, segments, n), oneOrder(written, whole, n)),
    },
    own: {
      fates: fatesInOwnOrders(lostIn(packets, n), n),
      late: later(ownOrders(packets, n), ownOrders(wholePackets, n)),
    },
    again: segments.find(({ isLost }) => isLost)?.at ?? 0,
    around: around(written.bytes, hole),
    gains: (['turn', 'shared'] as const).map((order) => {
      const { bytes, frames } = order === plan.order ? written : writeHttp2({ ...plan, order });
      return { order, total: bytes.length, points: gain(frames, bytes.length, plan.lost, n, STEPS) };
    }),
  };
}

/** How many came late on a road, as the clients saw it. */
export function countLate({ late }: RoadRun): number {
  return late.filter((ms) => ms > 0).length;
}

function later(ends: Ends, without: Ends): number[] {
  return ends.map((end, i) => {
    const usual = without[i];
    if (end === null || usual === null || usual === undefined) throw new Error(`Reply ${i + 1} did not come whole.`);
    return end - usual;
  });
}

function drawn(packets: readonly Packet[], { frames }: Written, n: number): DrawnPart[] {
  // Streams of HTTP/3 have their replies' order: the client opened them in that of its requests.
  const replies = new Map([...Array(n).keys()].map((reply) => [reply * 4, reply]));
  return packets.flatMap(({ segment, parts }) =>
    parts.flatMap(({ stream, offset, bytes }) => {
      const reply = replies.get(stream);
      if (reply === undefined || frames.length === 0 || (stream & 2) !== 0) return [];
      return [{ reply, from: offset, to: offset + bytes.length, at: segment.at, isLost: segment.isLost }];
    }),
  );
}

function around(bytes: Uint8Array, { from, to }: Hole): HoleRun['around'] {
  const base = Math.max(0, from - AROUND);
  return { base, bytes: bytes.slice(base, Math.min(bytes.length, Math.min(to, from + 4 * AROUND) + AROUND)) };
}

export { lateOf };
