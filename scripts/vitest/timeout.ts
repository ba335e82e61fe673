/**
 * Milliseconds until a test counts as hung. No test asserts time: this is for a machine on which everything else is
 * busy, and must only be longer than any test takes there.
 */
export const TEST_TIMEOUT = 60_000;
