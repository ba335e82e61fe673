/** One arrow between two states. */
export interface Arrow {
  readonly from: string;
  readonly on: string;
  readonly to: string;
}

/** The arrows of a table of the form state → input → state. */
export function arrowsOf(table: Readonly<Record<string, Readonly<Record<string, string | undefined>>>>): Arrow[] {
  return Object.entries(table).flatMap(([from, inputs]) =>
    Object.entries(inputs).flatMap(([on, to]) => (to === undefined ? [] : [{ from, on, to }])),
  );
}

/**
 * A state diagram as Mermaid text. Arrows between the same two states become one, with their inputs below each other; a state
 * from which no arrow leads away is an end.
 */
export function diagram(arrows: readonly Arrow[], start: string): string {
  const states = [...new Set(arrows.flatMap(({ from, to }) => [from, to]))];
  const id = (state: string): string => `s${states.indexOf(state)}`;
  const merged = new Map<string, string[]>();
  for (const { from, on, to } of arrows) {
    const key = `${id(from)} --> ${id(to)}`;
    merged.set(key, [...(merged.get(key) ?? []), on]);
  }
  const ends = states.filter((state) => arrows.every(({ from, to }) => from !== state || to === state));
  return [
    'stateDiagram-v2',
    '  direction LR',
    ...states.map((state) => `  state "${state}" as ${id(state)}`),
    `  [*] --> ${id(start)}`,
    ...Array.from(merged, ([arrow, inputs]) => `  ${arrow}: ${inputs.join('<br>')}`),
    ...ends.map((state) => `  ${id(state)} --> [*]`),
  ].join('\n');
}
