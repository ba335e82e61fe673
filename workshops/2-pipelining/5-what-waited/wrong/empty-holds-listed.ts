// kills: PL5-1 PL5-2 PL5-3 PL5-4 PL5-5
/** Something that happened to the reply with this id, at a moment in milliseconds. Marks come in the order of time. */
export type Mark = {
  at: number;
  connection: string;
  id: number;
  /** The request is there; the handler has answered; the first byte of the reply is written; the last one. */
  what: 'asked' | 'ready' | 'first' | 'last';
};

/** A reply that was ready at `from` and began at `to`, because those in `behind` were not finished at `from`. */
export type Held = { id: number; from: number; to: number; behind: number[] };

type Reply = { id: number; connection: string; ready: number; first: number; last: number };

/** Which replies had to wait for others, and for which. */
export function held(marks: readonly Mark[]): Held[] {
  const replies = inOrderOfAsking(marks);
  return replies.flatMap((reply, i) => {
    // Only the order of asking on its own connection says whose turn it is.
    const earlier = replies.slice(0, i).filter((other) => other.connection === reply.connection);
    const behind = earlier.filter((other) => other.last > reply.ready).map((other) => other.id);
    return [{ id: reply.id, from: reply.ready, to: reply.first, behind }];
  });
}

/** One entry for each reply. A map keeps the order in which its keys came: here, of the `asked` marks. */
function inOrderOfAsking(marks: readonly Mark[]): Reply[] {
  const replies = new Map<number, Reply>();
  for (const { at, connection, id, what } of marks) {
    if (what === 'asked') replies.set(id, { id, connection, ready: Infinity, first: Infinity, last: Infinity });
    const reply = replies.get(id);
    if (reply !== undefined && what !== 'asked') reply[what] = at;
  }
  return [...replies.values()];
}
