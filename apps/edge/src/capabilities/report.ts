import {
  type Capabilities,
  capabilitiesOf,
  FACT_NAMES,
  type Fact,
  type Host,
  type RequestFacts,
  type RequestRecord,
  type Source,
  type Sureness,
  sourceWords,
} from '@interleave/trace';
import type { Protocol } from '@interleave/trace/look';
import { noted } from '../counter/log.ts';
import type { Bindings } from '../env.ts';
import { readFacts } from '../facts.ts';
import { DEEDS, type Deed, UNKNOWABLE, type Unknowable } from './beyond.ts';
import { type ExampleRequest, FROM_CLOUDFLARE, FROM_LAB } from './examples.ts';

/** How a kind of host knows a fact. To know that there is none is to know it. */
export interface Knowledge {
  /** `some`: over some protocols, or where the deployment is set up for it. */
  readonly known: 'yes' | 'some' | 'no';
  /** Protocols over which it is known. */
  readonly over: readonly Protocol[];
  readonly source: Source;
  readonly sure: Sureness;
  /** All of that in words. */
  readonly words: string;
}

/** One fact: for this very request, and as each kind of host knows it. */
export interface FactKnowledge {
  readonly name: string;
  readonly here: Fact<unknown>;
  readonly lab: Knowledge;
  readonly cloudflare: Knowledge;
}

/** The JSON of `/api/v1/capabilities`, version 1. */
export interface CapabilityReport {
  readonly v: 1;
  readonly host: Host;
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly facts: Readonly<Record<keyof RequestFacts, FactKnowledge>>;
  readonly can: { readonly here: Capabilities; readonly lab: Capabilities; readonly cloudflare: Capabilities };
  /** What a host can do to a connection. */
  readonly deeds: readonly Deed[];
  /** What nobody here can know, and who could. */
  readonly nobody: readonly Unknowable[];
}

/** What is known of connections here, and what the homes of this app know: asked of the code that reads the facts. */
export async function capabilityReport({ host, at, facts, capabilities }: RequestRecord): Promise<CapabilityReport> {
  const [lab, cloudflare] = await Promise.all([ask(FROM_LAB), ask(FROM_CLOUDFLARE)]);
  const names = Object.keys(FACT_NAMES) as (keyof RequestFacts)[];
  return {
    v: 1,
    host,
    at,
    facts: Object.fromEntries(
      names.map((name) => [
        name,
        {
          name: FACT_NAMES[name],
          here: facts[name],
          lab: knowledge(name, lab),
          cloudflare: knowledge(name, cloudflare),
        } satisfies FactKnowledge,
      ]),
    ) as CapabilityReport['facts'],
    can: { here: capabilities, lab: capabilitiesOf('lab'), cloudflare: capabilitiesOf('cloudflare') },
    deeds: DEEDS,
    nobody: UNKNOWABLE,
  };
}

interface Answer {
  readonly protocol: Protocol;
  readonly facts: RequestFacts;
}

/** A deployment that counts, as far as it can be set up to: what it says then is what it can know. */
const COUNTING: Bindings = {
  COUNT_EXCHANGES: 'on',
  CONNECTION_COUNTER: {
    getByName: () => ({
      note: async (exchange) => noted(noted(null, exchange), exchange),
      read: async () => null,
      fetch: async () => new Response(null, { status: 501 }),
    }),
  },
};

function ask(examples: readonly ExampleRequest[]): Promise<Answer[]> {
  return Promise.all(
    examples.map(async ({ protocol, cf, headers }) => {
      const request = Object.defineProperty(new Request('https://example.test/', { headers }), 'cf', { value: cf });
      return { protocol, facts: (await readFacts(request, COUNTING)).facts };
    }),
  );
}

function isKnown({ value, sure }: Fact<unknown>): boolean {
  return value !== null || sure === 'measured';
}

function knowledge(name: keyof RequestFacts, answers: readonly Answer[]): Knowledge {
  const told = answers.map(({ protocol, facts }) => ({ protocol, fact: facts[name] as Fact<unknown> }));
  const known = told.filter(({ fact }) => isKnown(fact));
  // The fact itself says more of its source than that there is none of it.
  const best = (known.find(({ fact }) => fact.value !== null) ?? known[0] ?? told[0])?.fact;
  if (best === undefined) throw new Error(`No example request tells of ${name}.`);
  const { source, sure } = best;
  const over = known.map(({ protocol }) => protocol);
  const isCounted = source === 'counter';
  const isAll = known.length === told.length;
  const missing = told.find(({ fact }) => !isKnown(fact))?.fact;
  const where = over.map(protocolWord).join(' and ');
  const otherwise = isAll || missing === undefined ? '' : `; else ${sourceWords(missing)}`;
  const words =
    over.length === 0 || isAll
      ? sourceWords(best)
      : best.value === null
        ? `none over ${where}${otherwise}`
        : `${sourceWords(best)}, over ${where}${otherwise}`;
  return {
    known: over.length === 0 ? 'no' : isAll && !isCounted ? 'yes' : 'some',
    over,
    source,
    sure,
    words: isCounted ? `${words}; where the deployment counts` : words,
  };
}

function protocolWord(protocol: Protocol): string {
  return protocol === 'h2' ? 'HTTP/2' : protocol === 'h3' ? 'HTTP/3' : 'HTTP/1.1';
}

/** How many facts of this request are known, how many of them inferred, how many not. */
export function counted({ facts }: CapabilityReport): { known: number; inferred: number; unknown: number } {
  const all = Object.values(facts).map(({ here }) => here);
  const known = all.filter((fact) => isKnown(fact) && fact.sure !== 'mock');
  return {
    known: known.length,
    inferred: known.filter(({ sure }) => sure === 'inferred' || sure === 'lower-bound').length,
    unknown: all.length - known.length,
  };
}
