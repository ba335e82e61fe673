// kills: HL4-2 HL4-3
// Takes the slot in which the lost bytes come for the end of whoever lost them, though more of that reply may come later.
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
  const packets = sizes.map((size) => Math.ceil(size / packet));
  // Without frames nothing says whose a byte is: pipelined replies leave whole, whatever the schedule.
  const order = schedule === 'shared' && road !== 'pipelined' ? shared(packets) : inTurn(packets);
  const arrivals = order.map((_, slot) => (slot === lost ? again : slot));
  const handedOn = road === 'own order' ? arrivals : arrivals.map((_, i) => Math.max(...arrivals.slice(0, i + 1)));
  return sizes.map((_, reply) =>
    order[lost] === reply ? again : Math.max(...handedOn.filter((_, i) => order[i] === reply)),
  );
}

/** The replies whose packets are sent, one reply behind the other. */
function inTurn(packets: readonly number[]): number[] {
  return packets.flatMap((count, reply) => Array<number>(count).fill(reply));
}

/** One packet of each reply in turn, for as long as it has one. */
function shared(packets: readonly number[]): number[] {
  const rounds = Array.from({ length: Math.max(...packets) }, (_, round) => round);
  return rounds.flatMap((round) => packets.flatMap((count, reply) => (round < count ? [reply] : [])));
}
