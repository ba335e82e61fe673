import type { RequestFacts, RequestRecord, Verdict } from '@interleave/trace';
import type { Beginning, Protocol } from '@interleave/trace/look';
import type { Span, Stretch } from '@interleave/trace/timeline';

/** One exchange as this tab remembers it. Times are the browser's clock, epoch milliseconds. */
export interface Remembered {
  readonly id: string;
  readonly label: string;
  readonly connection: string;
  readonly protocol: Protocol | null;
  readonly nth: number | null;
  readonly phases: readonly Stretch[];
  readonly handshake: Span | null;
  /** When the connection was opened; null where nobody can tell. */
  readonly openedAt: number | null;
  readonly state: Verdict['state'];
  readonly resumed: boolean | null;
  readonly earlyData: boolean | null;
  /** The server said that it ends the connection after this response. */
  readonly closing: boolean;
}

/** What one tab knows, from page to page. */
export interface Tab {
  readonly v: 1;
  /** Connection ids in the order in which this tab met them: the first is A. */
  readonly met: readonly string[];
  readonly exchanges: readonly Remembered[];
  /** When the visitor asked the server to end a connection, by its id. */
  readonly ended: Readonly<Record<string, number>>;
}

export const EMPTY: Tab = { v: 1, met: [], exchanges: [], ended: {} };

/** Enough for a story, little enough for a session store and for a drawing. */
export const MOST_EXCHANGES = 40;
const MOST_CONNECTIONS = 200;

/** A, B … Z, AA, AB: connections by the order in which this tab met them; null for one it has not met. */
export function letterOf(tab: Tab, connection: string): string | null {
  const index = tab.met.indexOf(connection);
  return index === -1 ? null : letter(index);
}

function letter(index: number): string {
  const rest = Math.floor(index / 26);
  return (rest > 0 ? letter(rest - 1) : '') + String.fromCharCode(65 + (index % 26));
}

/** Gives a connection its letter, when an exchange on it is not worth remembering. */
export function meet(tab: Tab, connection: string): Tab {
  if (tab.met.includes(connection)) return tab;
  return { ...tab, met: [...tab.met, connection].slice(0, MOST_CONNECTIONS) };
}

/** Adds an exchange, or replaces what was known of it. The oldest is forgotten when there are too many. */
export function remember(tab: Tab, exchange: Remembered): Tab {
  const others = tab.exchanges.filter((e) => e.id !== exchange.id);
  return { ...meet(tab, exchange.connection), exchanges: [...others, exchange].slice(-MOST_EXCHANGES) };
}

/** Remembers that the visitor asked the server to end a connection. */
export function rememberEnd(tab: Tab, connection: string, at: number): Tab {
  return { ...tab, ended: { ...tab.ended, [connection]: at } };
}

/** What a record says, with the times that the browser measured beside it. Null when nothing names its connection. */
export function remembered(
  record: RequestRecord,
  verdict: Verdict,
  timing: { readonly phases: readonly Stretch[]; readonly handshake: Span | null },
  label: string,
): Remembered | null {
  const { facts } = record;
  if (facts.connectionId.value === null || verdict.state === 'cache') return null;
  return {
    id: record.request.id,
    label,
    connection: facts.connectionId.value,
    protocol: facts.protocol.value,
    nth: facts.nth.value,
    phases: timing.phases,
    handshake: timing.handshake,
    openedAt: openedAt(facts, timing),
    state: verdict.state,
    resumed: verdict.resumed,
    earlyData: verdict.earlyData,
    closing: facts.closing.value === true,
  };
}

/**
 * The server's measure of the connection's age, placed on the browser's clock: two clocks are never subtracted. A
 * handshake that the browser saw starts earlier than what the server saw of it.
 */
function openedAt(
  facts: RequestFacts,
  timing: { readonly phases: readonly Stretch[]; readonly handshake: Span | null },
): number | null {
  const sent = timing.phases.find((p) => p.phase === 'request' || p.phase === 'server');
  if (facts.ageMs.value === null || sent === undefined) return timing.handshake?.from ?? null;
  return Math.min(sent.from - facts.ageMs.value, timing.handshake?.from ?? Infinity);
}

/** How a connection began, as far as its remembered exchanges tell; they come in order of time. */
export function beginningOf(exchanges: readonly Remembered[]): Beginning {
  const [first] = exchanges;
  if (first === undefined) return 'unknown';
  // What the server knows of the handshake holds for each exchange; not every answer says it.
  if (exchanges.some((e) => e.earlyData)) return 'early-data';
  if (exchanges.some((e) => e.resumed)) return 'resumed';
  if (first.state === 'new' || first.state === 'preconnected') return first.state;
  return exchanges.some((e) => e.resumed === false) ? 'new' : 'unknown';
}

/** Reads what a tab stored; anything else, from an older version or a stranger, is an empty tab. */
export function parseTab(stored: string | null): Tab {
  if (stored === null) return EMPTY;
  try {
    const read: unknown = JSON.parse(stored);
    return isTab(read) ? read : EMPTY;
  } catch {
    return EMPTY;
  }
}

function isTab(value: unknown): value is Tab {
  if (typeof value !== 'object' || value === null) return false;
  const tab = value as Partial<Record<keyof Tab, unknown>>;
  return (
    tab.v === 1 &&
    Array.isArray(tab.met) &&
    tab.met.every((id) => typeof id === 'string') &&
    Array.isArray(tab.exchanges) &&
    tab.exchanges.every(isRemembered) &&
    typeof tab.ended === 'object' &&
    tab.ended !== null
  );
}

function isRemembered(value: unknown): boolean {
  const e = value as Partial<Remembered> | null;
  return (
    typeof e === 'object' &&
    e !== null &&
    typeof e.id === 'string' &&
    typeof e.label === 'string' &&
    typeof e.connection === 'string' &&
    Array.isArray(e.phases) &&
    e.phases.every((p) => typeof p.from === 'number' && typeof p.to === 'number' && typeof p.phase === 'string')
  );
}
