import {
  type ConnTiming,
  connFromServerTiming,
  parseConn,
  type RequestRecord,
  type Verdict,
  verdict,
} from '@interleave/trace';
import { type Remembered, remember, remembered, type Tab } from '../src/tab/memory.ts';
import { entryOf, evidenceOf, measure } from './timing.ts';

/** One fetch with all that is known of it. */
export interface Fetched {
  readonly exchange: Remembered | null;
  readonly record: RequestRecord;
  readonly verdict: Verdict;
  readonly tab: Tab;
  readonly response: Response;
  /** What the response holds, as JSON. */
  readonly body: unknown;
}

/** What to fetch, where it is not the account alone. */
export interface Ask {
  readonly path: string;
  readonly label: string;
  readonly init: RequestInit;
  /** Finds the account in the response's JSON. */
  readonly record: (body: unknown) => RequestRecord;
}

const ACCOUNT: Ask = {
  path: '/api/v1/request',
  label: 'GET /api/v1/request',
  init: {},
  record: (body) => body as RequestRecord,
};

/**
 * Fetches this server's account of the request itself, and joins four witnesses by the request id: the body, `x-conn`,
 * `Server-Timing` and the browser's Resource Timing. Where they disagree, the verdict says so.
 *
 * @throws when nothing comes back, or not what was asked for.
 */
export async function fetchOne(tab: Tab, ask: Ask = ACCOUNT): Promise<Fetched> {
  const id = freshId();
  const url = new URL(`${ask.path}?r=${id}`, location.href).href;
  const response = await fetch(url, { ...ask.init, cache: 'no-store' });
  if (!response.ok) throw new Error(`the server answered ${response.status}`);
  const body: unknown = await response.json();
  const record = ask.record(body);
  const entry = await entryOf(url);
  const connection = record.facts.connectionId.value;
  const joined = verdict(
    record.facts,
    evidenceOf(entry, {
      sameRequest: record.request.id === id,
      seen: connection === null ? null : tab.met.includes(connection),
    }),
  );
  const witnesses = [parseConn(response.headers.get('x-conn') ?? ''), fromEntry(entry)];
  const doubts = witnesses.flatMap((w) => (w === null ? [] : disagreement(record, w)));
  const whole = { ...joined, contradictions: [...new Set([...joined.contradictions, ...doubts])] };
  const timing = entry ? measure(entry) : { phases: [], handshake: null };
  const exchange = remembered(record, whole, timing, ask.label);
  return { exchange, record, verdict: whole, tab: exchange ? remember(tab, exchange) : tab, response, body };
}

/** `Server-Timing` as the browser passes it on: only in secure contexts, and not in every browser. */
function fromEntry(entry: PerformanceResourceTiming | null): ConnTiming | null {
  const metric = entry?.serverTiming?.find((m) => m.name === 'conn');
  return metric ? (connFromServerTiming(`conn;desc="${metric.description}"`) ?? null) : null;
}

function disagreement(record: RequestRecord, conn: ConnTiming): string[] {
  const { facts } = record;
  const same =
    conn.connection === facts.connectionId.value &&
    conn.nth === facts.nth.value &&
    conn.requestId === record.request.id;
  return same ? [] : ['The body and the header fields of this response tell of different exchanges.'];
}

function freshId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(5)), (b) => b.toString(36).padStart(2, '0')).join('');
}
