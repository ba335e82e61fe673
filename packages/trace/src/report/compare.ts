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
  const later = new Map(after.findings.map((finding) => [keyOf(finding), finding]));
  const earlier = new Set(before.findings.map(keyOf));
  const left: Finding[] = [];
  const stayed: { before: Finding; after: Finding }[] = [];
  for (const finding of before.findings) {
    const same = later.get(keyOf(finding));
    if (same === undefined) left.push(finding);
    else stayed.push({ before: finding, after: same });
  }
  const arrived = after.findings.filter((finding) => !earlier.has(keyOf(finding)));
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

function keyOf({ rule, subject }: Finding): string {
  return `${rule} ${subject}`;
}
