/** When replies were asked for, ready and on the wire: the marks that PL5 is about, and what they say about waiting. */

export type HeldMark = {
  /** The judge's clock, milliseconds. */
  readonly at: number;
  readonly connection: string;
  /** Of the reply; no two connections share one. */
  readonly id: number;
  /** The request is there, the handler has answered, the first byte of the reply is written, the last one. */
  readonly what: 'asked' | 'ready' | 'first' | 'last';
};

export type Held = {
  readonly id: number;
  readonly from: number;
  readonly to: number;
  readonly behind: readonly number[];
};

/** One reply with its four times. */
export type ReplyTimes = {
  readonly connection: string;
  readonly id: number;
  readonly asked: number;
  readonly ready: number;
  readonly first: number;
  readonly last: number;
};

/**
 * Who was held: ready, while a reply asked for before it on the same connection was not yet finished. `replies` are in the order
 * in which they were asked for. Written for the judge alone, so that no learner's code is compared with itself.
 */
export function heldIn(replies: readonly ReplyTimes[]): Held[] {
  return replies.flatMap((reply, i) => {
    const before = replies.slice(0, i).filter((other) => other.connection === reply.connection);
    const behind = before.filter((other) => other.last > reply.ready).map((other) => other.id);
    return behind.length === 0 ? [] : [{ id: reply.id, from: reply.ready, to: reply.first, behind }];
  });
}

const WHATS = ['asked', 'ready', 'first', 'last'] as const;
const RANK = { asked: 0, ready: 1, first: 2, last: 2 } as const;

/** The marks of whole replies, in the order of time; what happens at one moment stands in the order in which it must happen. */
export function marksOf(replies: readonly ReplyTimes[]): HeldMark[] {
  // Sorting keeps the order of equals: of replies as they were asked for, and of each one's first byte before its last.
  return replies
    .flatMap((reply) => WHATS.map((what) => ({ at: reply[what], connection: reply.connection, id: reply.id, what })))
    .sort((a, b) => a.at - b.at || RANK[a.what] - RANK[b.what]);
}

/** `reply 1: asked 0, ready 50, sent 50–80`: one line for people. */
export function marksStory(replies: readonly ReplyTimes[]): string {
  const connections = new Set(replies.map((reply) => reply.connection));
  return replies
    .map(({ connection, id, asked, ready, first, last }) => {
      const where = connections.size > 1 ? ` on ${connection}` : '';
      return `reply ${id}${where}: asked ${asked}, ready ${ready}, sent ${first === last ? first : `${first}–${last}`}`;
    })
    .join('; ');
}
