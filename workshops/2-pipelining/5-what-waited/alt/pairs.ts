export type Mark = { at: number; connection: string; id: number; what: 'asked' | 'ready' | 'first' | 'last' };
export type Held = { id: number; from: number; to: number; behind: number[] };

/** Looks at every pair of replies: did the second become ready while the first was still unfinished? The latest comes first. */
export function held(marks: readonly Mark[]): Held[] {
  const when = (id: number, what: Mark['what']): number => {
    const mark = marks.find((m) => m.id === id && m.what === what);
    if (mark === undefined) throw new Error(`Reply ${id} has no mark ${what}`);
    return mark.at;
  };
  const asked = marks.filter((mark) => mark.what === 'asked');
  const holds: Record<number, Held> = {};
  asked.forEach((second, place) => {
    for (const first of asked.slice(0, place).reverse()) {
      if (first.connection !== second.connection) continue;
      const from = when(second.id, 'ready');
      if (when(first.id, 'last') <= from) continue;
      holds[second.id] ??= { id: second.id, from, to: when(second.id, 'first'), behind: [] };
      holds[second.id]?.behind.push(first.id);
    }
  });
  return Object.values(holds).reverse();
}
