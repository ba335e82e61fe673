import type { Report } from '../analyse.ts';
import type { Comparison } from '../compare.ts';
import type { Finding } from '../finding.ts';
import { ruleOf } from '../rules/mod.ts';

/** Goes up when a member goes away or changes its meaning; new members may come at any time. */
export const REPORT_VERSION = 1;

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/**
 * A report as JSON. `evidence` names exchanges, connections and incidents by index; `exchanges` and `incidents` list
 * those that some finding or note names, `connections` lists all. Times are milliseconds from the start of the recording.
 */
export function reportJson(report: Report): { readonly [key: string]: Json } {
  return { format: 'interleave-report', version: REPORT_VERSION, ...body(report) };
}

/** `went`, `came` and `stayed`, with both reports. */
export function comparisonJson({ before, after, went, came, stayed, unknown }: Comparison): {
  readonly [key: string]: Json;
} {
  return {
    format: 'interleave-comparison',
    version: REPORT_VERSION,
    went: went.map(findingJson),
    came: came.map(findingJson),
    stayed: stayed.map((each) => ({ before: findingJson(each.before), after: findingJson(each.after) })),
    unknown: unknown.map((each) => ({ in: each.in, why: each.why, finding: findingJson(each.finding) })),
    before: body(before),
    after: body(after),
  };
}

function body({ recording, tells, sentence, totals, findings, notes, cannotTell }: Report): {
  readonly [key: string]: Json;
} {
  const all = [...findings, ...notes].map(({ evidence }) => evidence);
  const named = (which: 'exchanges' | 'incidents'): number[] =>
    [...new Set(all.flatMap((evidence) => evidence[which]))].sort((a, b) => a - b);
  return {
    startedAt: recording.startedAt,
    tells: {
      writer: tells.writer,
      format: tells.format,
      complete: tells.complete,
      exchanges: tells.exchanges,
      bySource: tells.bySource.map(({ from, count }) => ({ from, count })),
      facts: tells.facts.map(({ fact, have, of }) => ({ fact, have, of })),
      connections: tells.connections,
      warnings: tells.warnings.map(({ place, message, more }) => ({ place, message, more: more ?? 0 })),
    },
    sentence,
    totals: { ...totals, atMostMs: ms(totals.atMostMs), ofMs: totals.ofMs === null ? null : ms(totals.ofMs) },
    findings: findings.map(findingJson),
    notes: notes.map(({ id, sentence, evidence }) => ({ id, sentence, evidence: { ...evidence } })),
    cannotTell: cannotTell.map(({ rule, title, why }) => ({ rule, title, why })),
    connections: recording.connections.map((each, index) => ({
      index,
      id: each.id,
      sure: each.sure,
      scheme: each.scheme,
      host: each.host,
      port: each.port,
      address: each.address,
      protocol: each.protocol,
      transport: each.transport,
      opened: each.opened === null ? null : ms(each.opened),
      closed: each.closed === null ? null : ms(each.closed),
      resumed: each.tls?.resumed ?? null,
      closeReason: each.closeReason,
      exchanges: [...each.exchanges],
    })),
    exchanges: named('exchanges').flatMap((index) => {
      const each = recording.exchanges[index];
      if (each === undefined) return [];
      // Queries hold what visitors typed: the place in the file is enough to find them.
      const url = each.url.replace(/[?#].*$/s, '');
      const { place, method, status, protocol, connection, streamId } = each;
      const times = {
        start: each.start === null ? null : ms(each.start),
        end: each.end === null ? null : ms(each.end),
      };
      return [{ index, place, method, url, status, protocol, connection, streamId, ...times }];
    }),
    incidents: named('incidents').flatMap((index) => {
      const each = recording.incidents[index];
      if (each === undefined) return [];
      const { kind, event, at, connection, exchange, group } = each;
      return [{ index, kind, event, at: ms(at), connection, exchange, group }];
    }),
  };
}

function findingJson(finding: Finding): { readonly [key: string]: Json } {
  const { title, thresholds, disproof, remedy, exception } = ruleOf(finding.rule);
  return {
    rule: finding.rule,
    title,
    subject: finding.subject,
    sentence: finding.sentence,
    certainty: finding.certainty,
    whySure: finding.whySure,
    atMostMs: ms(finding.atMostMs),
    intervals: finding.intervals.map(({ from, to }) => [ms(from), ms(to)]),
    avoidable: [...finding.avoidable],
    isGrave: finding.isGrave,
    evidence: { ...finding.evidence },
    thresholds: { ...thresholds },
    disproof,
    remedy,
    exception,
  };
}

/** Microseconds are as fine as any of these files is; more digits would be the arithmetic's. */
function ms(value: number): number {
  return Math.round(value * 1000) / 1000;
}
