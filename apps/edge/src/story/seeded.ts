/** Numbers from 0 up to 1 that a seed decides, the same everywhere: an address leads to the same run. */
export function seeded(seed: number): () => number {
  let state = (Math.imul(seed, 2654435761) + 1013904223) >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
