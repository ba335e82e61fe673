export {
  type Alpn,
  absent,
  type Capabilities,
  capabilitiesOf,
  type Endpoint,
  type Fact,
  fact,
  type Host,
  type RequestFacts,
  type Source,
  type Sureness,
  unknown,
} from './facts.ts';
export { FACT_NAMES, sourceWords, valueWords } from './facts-words.ts';
export type { LabFacts } from './lab-facts.ts';
export { connTiming, type RequestRecord, requestRecord, requestText } from './request-record.ts';
export {
  type ConnTiming,
  connFromServerTiming,
  formatConn,
  isId,
  MAX_CONN_LENGTH,
  parseConn,
  serverTimingMetric,
} from './server-timing.ts';
export {
  type BrowserEvidence,
  type Subject,
  type Verdict,
  type VerdictState,
  verdict,
  verdictLine,
  verdictMark,
  verdictSentence,
} from './verdict.ts';
