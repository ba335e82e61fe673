import type { Capabilities, Host, RequestFacts } from './facts.ts';
import { capabilitiesOf } from './facts.ts';
import { FACT_NAMES, sourceWords, valueWords } from './facts-words.ts';
import { visibleText } from './look/text.ts';
import type { ConnTiming } from './server-timing.ts';
import { type Verdict, verdict } from './verdict.ts';

/** What is said about a request: the JSON of `/api/v1/request`, version 1. */
export interface RequestRecord {
  readonly v: 1;
  readonly host: Host;
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly request: { readonly method: string; readonly path: string; readonly id: string };
  readonly verdict: Verdict;
  readonly facts: RequestFacts;
  readonly capabilities: Capabilities;
}

/** Puts the record together; the verdict is the server's own, before a browser adds what it knows. */
export function requestRecord(
  host: Host,
  at: number,
  request: { readonly method: string; readonly path: string; readonly id: string },
  facts: RequestFacts,
): RequestRecord {
  return {
    v: 1,
    host,
    at: new Date(at).toISOString(),
    request,
    verdict: verdict(facts),
    facts,
    // An edge that counts knows the number, and nothing else of these.
    capabilities: { ...capabilitiesOf(host), ...(facts.nth.source === 'counter' ? { nth: true } : {}) },
  };
}

/** The part of a record that travels in `Server-Timing` and `x-conn`. */
export function connTiming(record: RequestRecord): ConnTiming {
  const { facts, verdict: v } = record;
  // A simulator's constants must not look like a measured connection in somebody's timing panel.
  const isMock = v.mock;
  return {
    protocol: isMock ? null : facts.protocol.value,
    connection: facts.connectionId.value,
    nth: facts.nth.value,
    streamId: facts.streamId.value,
    state: v.state,
    resumed: v.resumed,
    earlyData: v.earlyData,
    ageMs: facts.ageMs.value,
    requestId: record.request.id,
  };
}

/**
 * The record as plain text for `curl`: the sentence, then one fact a line with its source, then the request's own lines.
 * Header values are made visible, so nothing in them can command a terminal.
 */
export function requestText(record: RequestRecord, headers: Iterable<readonly [string, string]>): string {
  const rows = (Object.keys(FACT_NAMES) as (keyof RequestFacts)[]).map((name) => {
    const value = record.facts[name];
    return [FACT_NAMES[name], valueWords(name, value), sourceWords(value)] as const;
  });
  const [w1, w2] = [0, 1].map((i) => Math.min(44, Math.max(...rows.map((r) => (r[i] ?? '').length)))) as [
    number,
    number,
  ];
  const facts = rows.map(([name, value, source]) => `${name.padEnd(w1)}  ${value.padEnd(w2)}  ${source}`);
  const { method, path, id } = record.request;
  const lines = [...headers].map(([name, value]) => `${visibleText(name)}: ${visibleText(value)}`);
  return [
    record.verdict.sentence,
    `(${record.verdict.because})`,
    '',
    ...facts,
    '',
    `${visibleText(method)} ${visibleText(path)}`,
    ...lines,
    '',
    `request id ${id} · ${record.at}`,
    '',
  ].join('\n');
}
