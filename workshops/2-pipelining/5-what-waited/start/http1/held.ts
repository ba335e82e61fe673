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

/** Which replies had to wait for others, and for which. */
export function held(_marks: readonly Mark[]): Held[] {
  return [];
}
