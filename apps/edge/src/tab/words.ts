import { letterOf, type Remembered, type Tab } from './memory.ts';

/**
 * What the ribbon says about the step from the last exchange to this one: the same connection, or another, and why, where
 * that is known. `before` is what the tab knew when the exchange arrived.
 */
export function changeWords(before: Tab, now: Remembered, after: Tab): string {
  const last = before.exchanges.filter((e) => e.id !== now.id).at(-1);
  const own = letterOf(after, now.connection) ?? '?';
  if (last === undefined) {
    return now.nth !== null && now.nth > 1
      ? 'Your browser has used this connection before, though not in this tab.'
      : 'This tab begins here. Each click is one more exchange: watch the number.';
  }
  const previous = letterOf(after, last.connection) ?? '?';
  if (last.connection === now.connection) return `The same connection as before, ${own}: nothing had to be opened.`;
  if (before.met.includes(now.connection)) return `Back on connection ${own}, which stayed open beside ${previous}.`;
  const opened = now.state === 'preconnected' ? `Connection ${own} stood ready` : `Connection ${own} is new`;
  return `${opened}: ${knownReason(before, last, now, previous) ?? `${previous} may have ended while idle, or your browser opened a second one; it does not say which.`}`;
}

/** Why the last connection was not used again, where this tab itself knows; else null. */
export function knownReason(before: Tab, last: Remembered, now: Remembered, letter: string): string | null {
  if (before.ended[last.connection] !== undefined) return `you asked the server to end ${letter}.`;
  if (last.closing) return `the server closed ${letter} after its response, as you asked.`;
  return upgradeReason(last, now, letter);
}

/** The same address over HTTP/3 where it was TCP before: no other reason leads a browser there. */
function upgradeReason(last: Remembered, now: Remembered, letter: string): string | null {
  if (now.protocol !== 'h3' || last.protocol === 'h3' || last.protocol === null) return null;
  return `the answers on ${letter} said that this server speaks HTTP/3 as well (Alt-Svc), and your browser went on with it. QUIC is another transport, so it cannot share ${letter}.`;
}

/** Why a connection was not used again, when the server is asked: `null` when it is still open. */
export function endingWords(letter: string, cause: string | null): string {
  switch (cause) {
    case null:
      return `${letter} is still open beside it; your browser opened one more.`;
    case 'idle':
      return `the server ended ${letter} after it had been idle for too long.`;
    case 'peer':
      return `your browser had ended ${letter}.`;
    case 'local':
      return `the server had ended ${letter}.`;
    default:
      return `${letter} broke off (${cause}).`;
  }
}

/** A run of fetches in one sentence: how many connections carried them, and which numbers they had. */
export function runWords(tab: Tab, run: readonly Remembered[], asked: number): string {
  if (run.length === 0) return 'No response named a connection, so there is nothing to count here.';
  const connections = [...new Set(run.map((e) => e.connection))];
  const letters = connections.map((c) => letterOf(tab, c) ?? '?');
  const missing = run.length < asked ? ` ${capital(small(asked - run.length))} did not arrive.` : '';
  const fetches = `${capital(small(run.length))} ${run.length === 1 ? 'fetch' : 'fetches'}`;
  if (connections.length === 1) {
    const numbers = run.map((e) => e.nth).filter((n) => n !== null);
    const which =
      numbers.length === run.length
        ? `: ${numbers.length === 1 ? 'exchange' : 'exchanges'} ${list(numbers.map(String))}`
        : '';
    return `${fetches}, one connection, ${letters[0]}${which}.${missing}`;
  }
  const resumed = run.filter((e) => e.resumed === true && e.nth === 1).length;
  const tail = resumed > 0 ? ` ${capital(small(resumed))} of them resumed an earlier TLS session.` : '';
  return `${fetches}, ${small(connections.length)} connections: ${list(letters)}.${tail}${missing}`;
}

function small(n: number): string {
  return ['no', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten'][n] ?? String(n);
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function list(items: readonly string[]): string {
  return items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`;
}
