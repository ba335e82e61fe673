/** How many runs a property test makes: `base`, times the environment's `FUZZ` where there is one (`npm run fuzz`). */
export function runs(base: number): { numRuns: number } {
  const { process } = globalThis as { process?: { env?: Record<string, string | undefined> } };
  const factor = Number(process?.env?.FUZZ ?? 1);
  return { numRuns: Math.max(1, Math.round(base * (Number.isFinite(factor) && factor > 0 ? factor : 1))) };
}
