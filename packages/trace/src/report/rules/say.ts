import { clip, count, duration, visibleText } from '../../look/text.ts';
import type { Facts, Wait } from '../facts.ts';
import type { Evidence, Finding, RuleId } from '../finding.ts';
import { measure } from '../intervals.ts';
import type { Exchange } from '../model.ts';

/** Names in sentences come from strangers: short, and nothing in them that moves a cursor or turns text round. */
export function name(text: string, max = 60): string {
  return clip(visibleText(text), max);
}

/** `/search`, without query: queries hold what visitors typed. */
export function path(url: string): string {
  const rest = url.replace(/^[a-z][a-z\d+.-]*:\/\/[^/?#]*/i, '').replace(/[?#].*$/s, '');
  return name(rest === '' ? '/' : rest, 50);
}

/** `POST /order`. */
export function request({ method, url }: Pick<Exchange, 'method' | 'url'>): string {
  return `${name(method, 20)} ${path(url)}`;
}

/** `a`, `a and b`, `a, b and c`, `a, b and 7 more`. */
export function list(names: readonly string[], most = 4): string {
  const shown = names.length > most ? [...names.slice(0, most - 1), `${names.length - most + 1} more`] : names;
  return shown.length < 2 ? (shown[0] ?? '') : `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}`;
}

/** The middle one, for `84 ms each`; null of none. */
export function median(numbers: readonly number[]): number | null {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? null;
}

/** `, at most 640 ms of the page`; empty where no time is known. */
export function atMost(ms: number, facts: Facts): string {
  if (ms <= 0) return '';
  return `, at most ${duration(ms)}${facts.end?.what === 'load' ? ' of the page' : ''}`;
}

/** A finding from what every rule has at hand: evidence without doubles, waiting clipped and united. */
export function finding(
  facts: Facts,
  parts: Pick<Finding, 'subject' | 'certainty' | 'whySure'> & {
    readonly rule: RuleId;
    readonly sentence: string | ((ms: number) => string);
    readonly evidence: Partial<Evidence>;
    readonly waits: readonly Wait[];
    readonly avoidable?: readonly (number | null)[];
    readonly isGrave?: boolean;
  },
): Finding {
  const { rule, subject, certainty, whySure, sentence } = parts;
  const intervals = facts.atStake(parts.waits);
  const atMostMs = measure(intervals);
  return {
    rule,
    subject,
    sentence: typeof sentence === 'string' ? sentence : sentence(atMostMs),
    certainty,
    whySure,
    evidence: {
      exchanges: distinct(parts.evidence.exchanges ?? []),
      connections: distinct(parts.evidence.connections ?? []),
      incidents: distinct(parts.evidence.incidents ?? []),
    },
    intervals,
    atMostMs,
    avoidable: distinct(parts.avoidable ?? []),
    isGrave: parts.isGrave ?? false,
  };
}

function distinct(indexes: readonly (number | null)[]): number[] {
  return [...new Set(indexes)].filter((index) => index !== null).sort((a, b) => a - b);
}

/** Groups by a key, in order of first sight. Keys of null are left out. */
export function groupBy<T>(items: readonly T[], key: (item: T) => string | null): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const at = key(item);
    if (at === null) continue;
    const group = groups.get(at);
    if (group) group.push(item);
    else groups.set(at, [item]);
  }
  return groups;
}

export { count, duration };
