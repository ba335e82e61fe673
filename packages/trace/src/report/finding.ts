import type { Facts } from './facts.ts';
import type { Interval, Recording } from './model.ts';

/** The ten rules, as `--fail-on` names them. */
export const RULE_IDS = [
  'six-limit',
  'short-connections',
  'idle-too-short',
  'left-over-bytes',
  'credentials-split',
  'never-used',
  'many-hosts-one-server',
  'full-handshake-again',
  'one-connection-full',
  'sent-twice',
] as const;

export type RuleId = (typeof RULE_IDS)[number];

/** One way to lose connections or time, and what a recording must show before it is said. */
export interface Rule {
  readonly id: RuleId;
  readonly title: string;
  /** Every number that decides, by its name; names end in their unit. */
  readonly thresholds: Readonly<Record<string, number>>;
  /** What would show that a finding is wrong. */
  readonly disproof: string;
  readonly remedy: string;
  /** When the remedy is not one. */
  readonly exception: string;
  /** Why this recording cannot show it at all, or null when it can. */
  cannotTell(recording: Recording, facts: Facts): string | null;
  /** Nothing found is an empty list. Time is linear in the file's size, but for sorting. */
  find(recording: Recording, facts: Facts): Finding[];
}

/** What a rule found, with where in the file to look. All text is plain: who paints it escapes it. */
export interface Finding {
  readonly rule: RuleId;
  /** The host, or the request, that it is about. Together with `rule` it names the finding across two files. */
  readonly subject: string;
  readonly sentence: string;
  /** `measured`: the file says so. `inferred`: the file shows what this would look like. */
  readonly certainty: 'measured' | 'inferred';
  readonly whySure: string;
  readonly evidence: Evidence;
  /** Stretches in which something waited, clipped to the page's loading and united. Empty where the file has no times. */
  readonly intervals: readonly Interval[];
  /** Length of `intervals`: an upper bound of what could be saved. */
  readonly atMostMs: number;
  /** Connections that need not have been, as indexes. */
  readonly avoidable: readonly number[];
  /** It may have changed something twice: stands before all others, whatever its time. */
  readonly isGrave: boolean;
}

/** Indexes into the recording's lists. */
export interface Evidence {
  readonly exchanges: readonly number[];
  readonly connections: readonly number[];
  readonly incidents: readonly number[];
}

/** Worth knowing, and no fault: nothing is at stake. */
export interface Note {
  readonly id: 'waited-for-handshake' | 'http3-not-used' | 'old-tls' | 'longest-lived' | 'pool-limit';
  readonly sentence: string;
  readonly evidence: Evidence;
}
