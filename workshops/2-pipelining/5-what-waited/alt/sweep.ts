export type Mark = { at: number; connection: string; id: number; what: 'asked' | 'ready' | 'first' | 'last' };
export type Held = { id: number; from: number; to: number; behind: number[] };

/** Walks the marks once. Each connection has a queue of what is not finished; who becomes ready further back is held. */
export function held(marks: readonly Mark[]): Held[] {
  const queues = new Map<string, number[]>();
  const waiting = new Map<number, Held>();
  const done: Held[] = [];
  for (const { at, connection, id, what } of marks) {
    const queue = queues.get(connection) ?? [];
    queues.set(connection, queue);
    switch (what) {
      case 'asked':
        queue.push(id);
        break;
      case 'ready': {
        const behind = queue.slice(0, queue.indexOf(id));
        if (behind.length > 0) waiting.set(id, { id, from: at, to: at, behind });
        break;
      }
      case 'first': {
        const hold = waiting.get(id);
        if (hold !== undefined) done.push({ ...hold, to: at });
        break;
      }
      case 'last':
        queue.splice(queue.indexOf(id), 1);
    }
  }
  return done;
}
