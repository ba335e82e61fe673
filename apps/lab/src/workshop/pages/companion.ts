import type { CheckResult } from '@interleave/judge';

/** Another run that a picture is set beside: what was before it, or the same requests another way. */
export type Companion = {
  /** Whose it is, and where it comes from: `MX6-2, your run 12`. */
  readonly label: string;
  readonly test: CheckResult;
};
