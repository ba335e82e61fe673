/** Twelve exchanges that run at once, by one letter each. */
export const NAMES: readonly string[] = [...'abcdefghijkl'];
