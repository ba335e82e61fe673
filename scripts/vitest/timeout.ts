/**
 * Milliseconds until a test counts as hung. No test asserts time: this is for a machine on which everything else is
 * busy, and must only be longer than any test takes there. `npm run fuzz` multiplies the cases, so it has no such end.
 */
export const TEST_TIMEOUT: number = process.env.FUZZ ? 24 * 3_600_000 : 60_000;
