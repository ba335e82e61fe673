/** Replies, packets and one loss: what is sent when, and when each reply is whole. Slots count from 0; a packet takes one. */
import type { PictureLine } from '../../result.ts';
import { seeded } from '../random.ts';
import type { ExpectValueStep } from './function-steps.ts';

export type Road = 'pipelined' | 'one order' | 'own order';
export type Schedule = 'shared' | 'in turn';

export const ROADS: readonly Road[] = ['pipelined', 'one order', 'own order'];

/** The argument of the learner's `finish`. */
export type RoadPlan = {
  readonly road: Road;
  readonly schedule: Schedule;
  /** Bytes of each reply. */
  readonly sizes: readonly number[];
  /** Bytes in a packet, all of one reply; the last one of a reply may have fewer. */
  readonly packet: number;
  /** The packet that is lost, by its place in the order of sending, and the slot in which its bytes come again. */
  readonly lost: number;
  readonly again: number;
};

/** One packet of a plan: whose bytes, which of them, and when they arrive. */
export type SentPacket = {
  readonly reply: number;
  readonly from: number;
  readonly to: number;
  readonly arrives: number;
};

/** In the order of sending. Replies that are pipelined leave whole, one behind the other, whatever the schedule says. */
export function sentOf({ road, schedule, sizes, packet, lost, again }: RoadPlan): SentPacket[] {
  const cut = sizes.map((size, reply) =>
    Array.from({ length: Math.ceil(size / packet) }, (_, i) => ({
      reply,
      from: i * packet,
      to: Math.min(size, (i + 1) * packet),
    })),
  );
  const longest = Math.max(0, ...cut.map((packets) => packets.length));
  const isMixed = schedule === 'shared' && road !== 'pipelined';
  const order = isMixed
    ? Array.from({ length: longest }, (_, i) => cut.flatMap((packets) => packets[i] ?? [])).flat()
    : cut.flat();
  return order.map((sent, slot) => ({ ...sent, arrives: slot === lost ? again : slot }));
}

/** The slot in which the last byte of each reply can be handed on. */
export function finishOf(plan: RoadPlan): number[] {
  const sent = sentOf(plan);
  let held = 0;
  const handedOn = sent.map(({ arrives }) => {
    held = Math.max(held, arrives);
    return plan.road === 'own order' ? arrives : held;
  });
  return plan.sizes.map((_, reply) =>
    Math.max(...sent.flatMap((packet, i) => (packet.reply === reply ? [handedOn[i] ?? 0] : []))),
  );
}

/** Two to four replies in three to twelve packets; any of them is lost, and comes again some slots later. */
export function plansOf(seed: number, schedule: Schedule, sizes: readonly number[]): RoadPlan[] {
  const random = seeded(seed * 7919);
  const upTo = (n: number): number => Math.floor(random() * n);
  const packet = 50 + 10 * upTo(4);
  const count = sizes.reduce((sum, size) => sum + Math.ceil(size / packet), 0);
  const lost = upTo(count);
  const again = lost + 1 + upTo(count - lost + 2);
  return ROADS.map((road) => ({ road, schedule, sizes, packet, lost, again }));
}

/** How long the body of each reply of a run is, and how long its handler takes. */
export function repliesOf(seed: number): { readonly length: number; readonly after: number }[] {
  const random = seeded(seed);
  const upTo = (n: number): number => Math.floor(random() * n);
  return Array.from({ length: 2 + upTo(3) }, () => ({ length: 10 + upTo(130), after: 10 * upTo(5) }));
}

/** `A`, `B`: replies have letters, so that slots are not taken for them. */
export function letter(reply: number): string {
  return String.fromCharCode(65 + reply);
}

/** One line for a person. */
export function planStory({ road, schedule, sizes, packet, lost, again }: RoadPlan): string {
  const replies = sizes.map((size, i) => `${letter(i)} ${size}`).join(', ');
  return `${road}, ${schedule}: replies of ${replies} bytes, packets of ${packet}; packet ${lost} is lost and comes in slot ${again}`;
}

/** Slots from left to right: what is sent, and what arrives. A dot: nothing. */
export function planPicture(plan: RoadPlan): PictureLine[] {
  const sent = sentOf(plan);
  const slots = Math.max(sent.length, plan.again + 1);
  const row = (owner: (slot: number) => SentPacket | undefined): string =>
    Array.from({ length: slots }, (_, slot) => {
      const packet = owner(slot);
      return packet === undefined ? '·' : letter(packet.reply);
    }).join('');
  const ruler = Array.from({ length: Math.ceil(slots / 5) }, (_, i) => String(5 * i).padEnd(5)).join('');
  return [
    { label: 'slot', text: ruler.trimEnd() },
    { label: 'sent', text: row((slot) => sent[slot]) },
    { label: 'arrives', text: row((slot) => (slot === plan.lost ? undefined : sent[slot])) },
    { label: 'again', text: row((slot) => (slot === plan.again ? sent[plan.lost] : undefined)) },
  ];
}

/** The call of the learner's function that a plan leads to, and what has to come of it. */
export function roadStep(plan: RoadPlan, finished: readonly number[]): ExpectValueStep {
  return {
    do: 'expectValue',
    args: [plan],
    gives: [...finished],
    story: planStory(plan),
    picture: planPicture(plan),
  };
}
