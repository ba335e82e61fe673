// Finds where the last packet of each reply stands, and asks whether the hole is in its way.
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
export function finish({ road, schedule, sizes, packet, lost, again }: Plan): number[] {
  const counts = sizes.map((size) => Math.ceil(size / packet));
  const isMixed = road !== 'pipelined' && schedule === 'shared';
  return counts.map((count, reply) => {
    // How many packets of each reply are sent before packet number `k` of this one.
    const place = (k: number): number =>
      counts.reduce((sum, other, i) => {
        if (i === reply) return sum + k;
        if (isMixed) return sum + Math.min(other, i < reply ? k + 1 : k);
        return i < reply ? sum + other : sum;
      }, 0);
    const last = place(count - 1);
    const own = Array.from({ length: count }, (_, k) => place(k));
    const isHeld = road === 'own order' ? own.includes(lost) : lost <= last;
    return isHeld ? Math.max(again, lost === last ? 0 : last) : last;
  });
}
