import type { Timeline } from '../timeline/model.ts';
import { type Facts, factsOf } from './facts.ts';
import type { Finding, Note, RuleId } from './finding.ts';
import { measure, union } from './intervals.ts';
import type { ReadWarning, Recording } from './model.ts';
import { notesOf } from './notes.ts';
import { RULES } from './rules/mod.ts';
import { count, duration } from './rules/say.ts';
import { timelinesOf } from './timelines.ts';

/** What a recording says of its connections. All text is plain: who paints it escapes it. */
export interface Report {
  /** Indexes in the report are places in this recording's lists. */
  readonly recording: Recording;
  readonly tells: Tells;
  /** `31 exchanges on 12 connections to 5 hosts; 4 connections were avoidable; at most 640 ms of 2.9 s.` */
  readonly sentence: string;
  readonly totals: Totals;
  /** Grave ones first, then by time at stake. */
  readonly findings: readonly Finding[];
  readonly notes: readonly Note[];
  /** Rules that this file cannot answer, and why. */
  readonly cannotTell: readonly { readonly rule: RuleId; readonly title: string; readonly why: string }[];
  /** One for each page of the file, else one for all: lanes are connections. Worked out when asked for. */
  timelines(): Timeline[];
}

/** What this file can tell at all: always said first. */
export interface Tells {
  readonly writer: string | null;
  readonly format: string;
  readonly complete: boolean;
  readonly exchanges: number;
  readonly bySource: readonly { readonly from: string; readonly count: number }[];
  /** For each fact, how many of the entries that the network answered have it. */
  readonly facts: readonly { readonly fact: string; readonly have: number; readonly of: number }[];
  /** How connections are known. */
  readonly connections: 'measured' | 'inferred' | 'mixed' | 'none';
  readonly warnings: readonly ReadWarning[];
}

export interface Totals {
  /** Over the network, or tried there. */
  readonly exchanges: number;
  readonly connections: number;
  /** True when the number of connections is a lower bound. */
  readonly isLowerBound: boolean;
  readonly hosts: number;
  /** Connections that some finding calls avoidable, each once. */
  readonly avoidable: number;
  /** Waiting of all findings together, each instant once. */
  readonly atMostMs: number;
  /** Until load, else until the last exchange ended; null without times. */
  readonly ofMs: number | null;
  readonly until: 'load' | 'last exchange' | null;
}

/** Looks at a recording with all rules. Never throws on what a reader made; what the file lacks, rules keep silent about. */
export function analyse(recording: Recording): Report {
  const facts = factsOf(recording);
  const silent = RULES.map((rule) => ({ rule, why: rule.cannotTell(recording, facts) }));
  const findings = silent
    .flatMap(({ rule, why }) => (why === null ? rule.find(recording, facts) : []))
    // Sorting keeps the rules' own order among equals.
    .sort((a, b) => Number(b.isGrave) - Number(a.isGrave) || b.atMostMs - a.atMostMs);
  const totals = totalsOf(recording, facts, findings);
  return {
    recording,
    tells: tellsOf(recording, facts),
    sentence: sentenceOf(totals),
    totals,
    findings,
    notes: notesOf(recording, facts),
    cannotTell: silent.flatMap(({ rule: { id, title }, why }) => (why === null ? [] : [{ rule: id, title, why }])),
    timelines: () => timelinesOf(recording, facts),
  };
}

function totalsOf(recording: Recording, facts: Facts, findings: readonly Finding[]): Totals {
  const { connections } = recording;
  const starts = recording.pages.length > 0 ? recording.pages.map(({ start }) => start ?? 0) : firstStart(recording);
  const start = starts.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const ofMs = facts.end === null || !Number.isFinite(start) ? null : Math.max(0, facts.end.at - start);
  return {
    exchanges: facts.network.length,
    connections: connections.length,
    isLowerBound: connections.some(({ sure }) => sure === 'inferred'),
    hosts: new Set(facts.network.map(({ host }) => host).filter((host) => host !== '')).size,
    avoidable: new Set(findings.flatMap(({ avoidable }) => avoidable)).size,
    atMostMs: measure(union(findings.flatMap(({ intervals }) => intervals))),
    ofMs,
    until: ofMs === null ? null : (facts.end?.what ?? null),
  };
}

function firstStart({ exchanges }: Recording): number[] {
  const first = exchanges.find(({ start }) => start !== null)?.start;
  return first === undefined || first === null ? [] : [first];
}

function sentenceOf(totals: Totals): string {
  const { exchanges, connections, isLowerBound, hosts, avoidable, atMostMs, ofMs } = totals;
  if (exchanges === 0) return 'This file holds no exchange that went over the network.';
  const on = connections === 0 ? '' : ` on ${isLowerBound ? 'at least ' : ''}${count(connections, 'connection')}`;
  const could = connections === 0 ? 'which connections they used cannot be told' : avoidableWords(avoidable);
  const time = ofMs === null ? '' : atMostMs > 0 ? `; at most ${duration(atMostMs)} of ${duration(ofMs)}` : '';
  return `${count(exchanges, 'exchange')}${on} to ${count(hosts, 'host')}; ${could}${time}.`;
}

function avoidableWords(avoidable: number): string {
  if (avoidable === 0) return 'no connection is shown to have been avoidable';
  return avoidable === 1 ? '1 connection was avoidable' : `${avoidable} connections were avoidable`;
}

function tellsOf(recording: Recording, facts: Facts): Tells {
  const { kind, formatVersion, exchanges, connections } = recording;
  const bySource = new Map<string, number>();
  for (const { from } of exchanges) bySource.set(from, (bySource.get(from) ?? 0) + 1);
  const has = (fact: string, test: (each: Recording['exchanges'][number]) => boolean): Tells['facts'][number] => ({
    fact,
    have: facts.network.filter(test).length,
    of: facts.network.length,
  });
  const sure = new Set(connections.map((each) => each.sure));
  return {
    writer: recording.writer,
    format: `${FORMATS[kind]}${formatVersion === null ? '' : ` ${formatVersion}`}`,
    complete: recording.complete,
    exchanges: exchanges.length,
    bySource: [...bySource].map(([from, n]) => ({ from, count: n })),
    facts: [
      has('start', ({ start }) => start !== null),
      has('protocol', ({ protocol }) => protocol !== null),
      has('connection named by the file', ({ connection }) => connections[connection ?? -1]?.sure === 'measured'),
      has('server address', ({ address }) => address !== null && address !== ''),
      has('time blocked', ({ timings }) => timings.blocked !== null),
      has('time to connect', ({ timings }) => timings.connect !== null),
      has('time of TLS', ({ timings }) => timings.ssl !== null),
      has('time to first byte', ({ timings }) => timings.wait !== null),
      has('response fields', ({ responseFields }) => Object.keys(responseFields).length > 0),
      has('whether credentials were sent', ({ credentials }) => credentials !== null),
      has('resource type', ({ resourceType }) => resourceType !== null),
    ],
    connections: sure.size === 2 ? 'mixed' : ([...sure][0] ?? 'none'),
    warnings: recording.warnings,
  };
}

const FORMATS: Readonly<Record<Recording['kind'], string>> = { har: 'HAR', netlog: 'NetLog', qlog: 'qlog' };
