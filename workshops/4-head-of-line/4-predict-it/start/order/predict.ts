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
export function finish({ sizes, packet }: Plan): number[] {
  let sent = 0;
  return sizes.map((size) => {
    sent += Math.ceil(size / packet);
    return sent - 1;
  });
}
