// Lives through the run: slot after slot, what is there, and what of it may be handed on.
/** Slots count from 0; a packet takes one. */
export type Plan = {
  road: 'pipelined' | 'one order' | 'own order';
  /** One packet of each reply in turn, or one reply behind the other. */
  schedule: 'shared' | 'in turn';
  /** Bytes of each reply. */
  sizes: number[];
  /** Bytes in a packet, all of one reply; the last one of a reply may have fewer. */
  packet: number;
  /** Which packet is lost, in the order of sending, and the slot in which its bytes come again. */
  lost: number;
  again: number;
};

/** In which slot the last byte of each reply is handed on. */
export function finish(plan: Plan): number[] {
  const waiting = plan.sizes.map((size, reply) => ({ reply, left: size }));
  const sent: { reply: number; isLast: boolean }[] = [];
  while (waiting.some(({ left }) => left > 0)) {
    for (const each of waiting) {
      do {
        if (each.left <= 0) break;
        each.left -= plan.packet;
        sent.push({ reply: each.reply, isLast: each.left <= 0 });
      } while (plan.road === 'pipelined' || plan.schedule === 'in turn');
    }
  }
  const isHere = new Set<number>();
  const done = new Map<number, number>();
  for (let slot = 0; done.size < plan.sizes.length; slot++) {
    if (slot < sent.length && slot !== plan.lost) isHere.add(slot);
    if (slot === plan.again) isHere.add(plan.lost);
    for (const [i, { reply, isLast }] of sent.entries()) {
      const before = sent.slice(0, i + 1).map((_, k) => k);
      const needed = plan.road === 'own order' ? before.filter((k) => sent[k]?.reply === reply) : before;
      if (isLast && !done.has(reply) && needed.every((k) => isHere.has(k))) done.set(reply, slot);
    }
  }
  return plan.sizes.map((_, reply) => done.get(reply) ?? 0);
}
