/**
 * Numbers as they are printed. Not `toLocaleString`: its first call loads the data of a locale, which costs more than most checks,
 * and what a learner reads must be the same on each host.
 */

/** `65,536`: a whole number with a comma between thousands. */
export function grouped(n: number): string {
  return String(n).replace(/\B(?=(\d{3})+$)/g, ',');
}
