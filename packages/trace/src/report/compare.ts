import type { Report } from './analyse.ts';
import type { Finding, RuleId } from './finding.ts';

/** Two reports side by side: before and after a change, or two visits. */
export interface Comparison {
  readonly before: Report;
  readonly after: Report;
  readonly went: readonly Finding[];
  readonly came: readonly Finding[];
  readonly stayed: readonly { readonly before: Finding; readonly after: Finding }[];
  /** In one file, and of a rule that the other file cannot answer: neither gone nor new. */
  readonly unknown: readonly { readonly finding: Finding; readonly in: 'before' | 'after'; readonly why: string }[];
}

/** Findings are the same when rule and subject are. */
export function compare(before: Report, after: Report): Comparison {
  const later = byKey(after);
  const earlier = byKey(before);
  const left: Finding[] = [];
  const stayed: { before: Finding; after: Finding }[] = [];
  for (const [key, finding] of earlier) {
    const same = later.get(key);
    if (same === undefined) left.push(finding);
    else stayed.push({ before: finding, after: same });
  }
  const arrived = [...later].flatMap(([key, finding]) => (earlier.has(key) ? [] : [finding]));
  const silence = (report: Report): Map<RuleId, string> =>
    new Map(report.cannotTell.map(({ rule, why }) => [rule, why]));
  const [inBefore, inAfter] = [silence(before), silence(after)];
  return {
    before,
    after,
    went: left.filter(({ rule }) => !inAfter.has(rule)),
    came: arrived.filter(({ rule }) => !inBefore.has(rule)),
    stayed,
    unknown: [
      ...left.flatMap((finding) => unknown(finding, 'before', inAfter)),
      ...arrived.flatMap((finding) => unknown(finding, 'after', inBefore)),
    ],
  };
}

function unknown(
  finding: Finding,
  where: 'before' | 'after',
  silent: ReadonlyMap<RuleId, string>,
): Comparison['unknown'][number][] {
  const why = silent.get(finding.rule);
  return why === undefined ? [] : [{ finding, in: where, why }];
}

/** A second finding of the same rule and subject, such as of a second connection, is matched with the second one. */
function byKey({ findings }: Report): Map<string, Finding> {
  const all = new Map<string, Finding>();
  const seen = new Map<string, number>();
  for (const finding of findings) {
    const key = `${finding.rule} ${finding.subject}`;
    const nth = (seen.get(key) ?? 0) + 1;
    seen.set(key, nth);
    all.set(`${key} ${nth}`, finding);
  }
  return all;
}
