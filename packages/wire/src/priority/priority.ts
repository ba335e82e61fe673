/** The priority of a response (RFC 9218 §4): urgency 0 (first) to 7 (last), and whether it is useful in pieces. */
export interface Priority {
  readonly urgency: number;
  readonly incremental: boolean;
}

/** What no signal means (RFC 9218 §4.1, §4.2). */
export const DEFAULT_PRIORITY: Priority = { urgency: 3, incremental: false };
