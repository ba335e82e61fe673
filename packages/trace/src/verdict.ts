import type { RequestFacts } from './facts.ts';
import type { Beginning } from './look/marks.ts';
import { protocolLook } from './look/protocol.ts';
import { duration, ordinalWord } from './look/text.ts';

/** What the browser adds: only it knows what it paid and what it took from its cache. */
export interface BrowserEvidence {
  /** Whether this exchange paid for a handshake, by Resource Timing; null where the browser does not say. */
  readonly handshake: boolean | null;
  /** Taken from a cache (no bytes over the network); null where the browser does not say. */
  readonly fromCache: boolean | null;
  /** The request id that came back is the one that was sent; null when none was sent. */
  readonly sameRequest: boolean | null;
  /** This tab has met the connection id before. */
  readonly seen: boolean | null;
  /** `nextHopProtocol`, or null. */
  readonly protocol: string | null;
}

export type VerdictState = 'new' | 'preconnected' | 'reused' | 'cache' | 'unknown';

/** What carried this exchange, in one word, and the sentence that says it. */
export interface Verdict {
  readonly state: VerdictState;
  /** Null: nobody who could know has said. Never inferred from how long a handshake took. */
  readonly resumed: boolean | null;
  readonly earlyData: boolean | null;
  readonly sentence: string;
  /** What the verdict rests on. */
  readonly because: string;
  /** Where two sources disagree, both are told; neither is dropped. */
  readonly contradictions: readonly string[];
  /** True when the facts are a simulator's. */
  readonly mock: boolean;
}

/**
 * Decides how a connection came to carry an exchange: first the cache, then the server's count, then, on servers that
 * cannot count, whether this tab has met the connection before. Works without a browser's evidence (curl, first paint).
 */
export function verdict(facts: RequestFacts, evidence?: BrowserEvidence): Verdict {
  const { state, because } = decide(facts, evidence);
  const isCached = state === 'cache';
  const resumed = isCached ? null : facts.resumed.value;
  const earlyData = isCached ? null : facts.earlyData.value;
  const mock = facts.protocol.sure === 'mock';
  const partial = { state, resumed, earlyData, because, mock, contradictions: contradictions(facts, evidence, state) };
  return { ...partial, sentence: verdictSentence(partial, facts, 'response') };
}

function decide(facts: RequestFacts, evidence: BrowserEvidence | undefined): { state: VerdictState; because: string } {
  if (evidence?.fromCache === true)
    return { state: 'cache', because: 'no bytes came over the network, your browser says' };
  if (evidence?.sameRequest === false) {
    return { state: 'cache', because: 'the response carries the id of an earlier request' };
  }
  if (facts.protocol.sure === 'mock')
    return { state: 'unknown', because: 'a local simulator stands where a connection would be' };

  const nth = facts.nth.value;
  if (nth !== null && nth > 1)
    return { state: 'reused', because: `the server counted ${nth} exchanges on this connection` };
  if (nth === 1 && facts.nth.sure !== 'lower-bound') {
    if (evidence?.handshake === false && facts.nth.source === 'counter') {
      // The edge counts what reaches the app; the same connection may have carried what does not.
      return {
        state: 'unknown',
        because: 'no handshake was paid, so it was preconnected, or carried before what the edge does not count',
      };
    }
    if (evidence?.handshake === false) {
      return {
        state: 'preconnected',
        because: 'the server counted 1 exchange, and your browser paid no handshake for it: the connection stood ready',
      };
    }
    return { state: 'new', because: 'the server counted 1 exchange on this connection' };
  }
  if (evidence?.seen === true) return { state: 'reused', because: 'this tab has met this connection before' };
  if (evidence?.seen === false && evidence.handshake === true) {
    return { state: 'new', because: 'this tab has not met this connection, and your browser paid a handshake for it' };
  }
  if (evidence?.seen === false && evidence.handshake === false) {
    return {
      state: 'unknown',
      because: 'no handshake was paid, so it was preconnected, or used before by someone else in this browser',
    };
  }
  return { state: 'unknown', because: facts.nth.why ?? 'nobody here counts the exchanges on a connection' };
}

function contradictions(facts: RequestFacts, evidence: BrowserEvidence | undefined, state: VerdictState): string[] {
  if (!evidence || state === 'cache') return [];
  const found: string[] = [];
  const nth = facts.nth.value;
  if (nth !== null && nth > 1 && evidence.handshake === true) {
    found.push(`The server counts this as exchange ${nth}; your browser says that it paid a handshake for it.`);
  }
  const own = facts.protocol.value;
  if (own !== null && evidence.protocol !== null && evidence.protocol !== '' && facts.protocol.sure !== 'mock') {
    const same = evidence.protocol === own || (evidence.protocol === 'h2c' && own === 'h2');
    if (!same) found.push(`The server spoke ${protocolLook(own).name}; your browser says ${evidence.protocol}.`);
  }
  return found;
}

/** What the sentence is about: a page (headline), or a response (API, text). */
export type Subject = 'page' | 'response';

/** The one true sentence. For a page: `This page came to you as exchange 3 on a connection that was already open.` */
export function verdictSentence(
  { state, resumed, earlyData, mock }: Pick<Verdict, 'state' | 'resumed' | 'earlyData' | 'mock'>,
  facts: RequestFacts,
  subject: Subject,
): string {
  const it = subject === 'page' ? 'This page came to you' : 'This response came';
  const protocol = facts.protocol.value;
  const nth = facts.nth.value;
  if (state === 'cache')
    return `${subject === 'page' ? 'This page' : 'This response'} came out of a cache; no connection carried it.`;
  if (mock) return `${it} through a local simulator, which has no connection to tell about.`;
  if (state === 'reused') {
    if (nth === null) return `${it} on a connection that was already open.`;
    const least = facts.nth.sure === 'lower-bound' ? 'at least ' : '';
    return `${it} as ${least}exchange ${nth} on a connection that was already open.`;
  }
  if (state === 'preconnected') {
    const again = resumed ? ', and which resumed an earlier TLS session' : '';
    return `${it} as the first exchange on a connection that your browser had opened ahead of it${again}.`;
  }
  if (state === 'new') {
    if (earlyData) return `${it} on a new connection, and your request travelled inside its handshake.`;
    if (resumed) return `${it} as the first exchange on a new connection, which resumed an earlier TLS session.`;
    return `${it} as the first exchange on a new connection.`;
  }
  if (protocol === null) return `${it} over a connection about which this server is told nothing.`;
  if (nth === 1)
    return `${it} as the first exchange of this app on ${article(protocolLook(protocol).name)} connection that stood ready.`;
  return `${it} over ${protocolLook(protocol).name}; how many exchanges came before it, nobody here can tell.`;
}

/** One line for lists: `7th exchange on an HTTP/2 connection opened 3.2 s before, with a resumed TLS session`. */
export function verdictLine({ state, resumed, earlyData }: Verdict, facts: RequestFacts): string {
  if (state === 'cache') return 'from a cache, without a connection';
  const protocol = facts.protocol.value;
  const kind = protocol === null ? 'a connection' : `${article(protocolLook(protocol).name)} connection`;
  const nth = facts.nth.value;
  const parts = [nth === null ? `an exchange on ${kind}` : `${ordinalWord(nth)} exchange on ${kind}`];
  if (facts.ageMs.value !== null) parts.push(`opened ${duration(facts.ageMs.value)} before`);
  if (earlyData) parts.push('with early data');
  else if (resumed) parts.push('with a resumed TLS session');
  return parts.join(', ').replace(', opened', ' opened');
}

function article(name: string): string {
  return `${/^[HX]/.test(name) ? 'an' : 'a'} ${name}`;
}

/** The one sign that stands for a verdict: resumption and early data say more about a new connection than "new". */
export function verdictMark(v: Pick<Verdict, 'state' | 'resumed' | 'earlyData'>): Beginning {
  if (v.state === 'new' || v.state === 'preconnected') {
    if (v.earlyData) return 'early-data';
    if (v.resumed) return 'resumed';
  }
  return v.state;
}
