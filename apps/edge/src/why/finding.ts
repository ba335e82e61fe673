import { count, type Protocol } from '@interleave/trace/look';
import type { Span, Stretch } from '@interleave/trace/timeline';
import type { ReasonId } from './reasons.ts';

/** One request of an experiment, with what is known of it. Times: the browser's clock, epoch milliseconds. */
export interface Asked {
  readonly id: string;
  readonly label: string;
  readonly origin: string;
  readonly credentials: boolean;
  readonly webSocket: boolean;
  /** Null where nobody names it. */
  readonly connection: string | null;
  readonly protocol: Protocol | null;
  readonly nth: number | null;
  readonly streamId: number | null;
  readonly resumed: boolean | null;
  readonly phases: readonly Stretch[];
  readonly handshake: Span | null;
  /** The server said with its response that the connection ends. */
  readonly goodbye: boolean;
  /** Bytes that came behind the response and belong to none. */
  readonly leftOver: number;
  /** Connections on which this request reached the server, when that was more than once. */
  readonly arrivals: readonly string[];
}

/** How a connection stands, as the server says: null while it is open; undefined where nobody says. */
export type Standing = { readonly cause: string; readonly idleMs: number | null } | null | undefined;

export type Standings = ReadonlyMap<string, Standing>;

/** What came of one request: the connection was there already, or was opened, and why. */
export type Finding =
  | { readonly kind: 'same'; readonly atATime: number }
  | {
      readonly kind: 'new';
      readonly reason: ReasonId | 'unknown' /** The one that was not used. */;
      readonly instead: string | null;
    }
  | { readonly kind: 'unnamed' };

/**
 * Why request `index` came on the connection that it came on, judged by what was seen alone: by which requests went before, how
 * the server says that their connections stand, and what overlapped. Which button was pressed does not count.
 */
export function findingOf(all: readonly Asked[], index: number, standings: Standings): Finding {
  const asked = all[index];
  if (asked === undefined || asked.connection === null) return { kind: 'unnamed' };
  const before = all.slice(0, index).filter((one) => one.connection !== null);
  if (asked.arrivals.length > 1) return { kind: 'new', reason: 'died', instead: asked.arrivals[0] ?? null };
  if (before.some((one) => one.connection === asked.connection))
    return {
      kind: 'same',
      atATime: 1 + before.filter((one) => one.connection === asked.connection && overlaps(one, asked)).length,
    };
  if (before.length === 0) {
    // Where nobody counts, only a handshake that was paid tells of a beginning.
    const isNew = asked.nth === null ? asked.handshake !== null : asked.nth === 1;
    return isNew ? { kind: 'new', reason: 'first', instead: null } : { kind: 'same', atATime: 1 };
  }
  const last = before.at(-1);
  const opened = (reason: ReasonId | 'unknown', one: Asked | undefined): Finding => ({
    kind: 'new',
    reason,
    instead: one?.connection ?? null,
  });
  if (asked.webSocket) return opened('websocket', last);
  const here = before.filter(({ origin }) => origin === asked.origin);
  if (here.length === 0) return opened('origin', last);
  const kin = here.filter(({ credentials, webSocket }) => credentials === asked.credentials && !webSocket);
  const previous = kin.at(-1);
  if (previous === undefined) return opened('credentials', here.at(-1));
  if (asked.protocol === 'h3' && previous.protocol !== 'h3') return opened('protocol', previous);
  // Their connections, each with the last thing that it carried.
  const latest = [...new Map(kin.map((one) => [one.connection, one])).values()];
  if (latest.every((one) => overlaps(one, asked) && !isMultiplexed(one.protocol))) return opened('six', previous);
  return opened(endedBy(previous, standings), previous);
}

function endedBy(previous: Asked, standings: Standings): ReasonId | 'unknown' {
  const standing = standings.get(previous.connection ?? '');
  if (previous.leftOver > 0 && standing?.cause !== 'idle') return 'left-over';
  if (previous.goodbye) return 'goodbye';
  if (standing?.cause === 'idle') return 'idle';
  return 'unknown';
}

/** True when the earlier one was under way when the later one wanted to leave. */
function overlaps(earlier: Asked, later: Asked): boolean {
  const begun = later.phases[0]?.from ?? later.handshake?.from;
  const over = earlier.phases.at(-1)?.to;
  return begun !== undefined && over !== undefined && over > begun + ROUNDING;
}

/** Resource Timing rounds: what overlaps by less may be one after the other. */
const ROUNDING = 1;

export function isMultiplexed(protocol: Protocol | null): boolean {
  return protocol === 'h2' || protocol === 'h3';
}

/** The two questions about one connection. */
export interface Answers {
  readonly carry: string;
  readonly share: string;
}

/** Can it carry more work? Can streams share it? Answered for a connection that these requests used, after all of them. */
export function answersOf(connection: string, all: readonly Asked[], standings: Standings): Answers {
  const own = all.filter((one) => one.connection === connection || one.arrivals.includes(connection));
  const [first] = own;
  const last = own.at(-1);
  const protocol = first?.protocol ?? null;
  if (own.some(({ webSocket }) => webSocket) && !isMultiplexed(protocol))
    return {
      carry: 'No more HTTP: with 101 it left HTTP for the WebSocket.',
      share: 'No: its bytes are one WebSocket’s.',
    };
  return { carry: carryWords(connection, own, last, standings), share: shareWords(protocol) };
}

function carryWords(connection: string, own: readonly Asked[], last: Asked | undefined, standings: Standings): string {
  const standing = standings.get(connection);
  if (last?.arrivals[0] === connection && last.arrivals.length > 1)
    return 'No: it ended without a reply to what was sent on it.';
  if (last !== undefined && last.leftOver > 0)
    return `No: ${count(last.leftOver, 'byte')} came behind the response, and nobody can say what they are.`;
  if (own.some(({ goodbye }) => goodbye))
    return own.some(({ protocol }) => isMultiplexed(protocol))
      ? 'No: GOAWAY. Streams under way finish, no new one begins.'
      : 'No: the server said close, and closed.';
  if (standing === undefined) return 'Nobody here says how it stands.';
  if (standing !== null)
    return standing.cause === 'idle'
      ? 'No: the server ended it, since nothing came.'
      : `No: ${endWords(standing.cause)}.`;
  const whose = last === undefined ? '' : forWhom(own);
  return isMultiplexed(last?.protocol ?? null)
    ? `Yes, now and at any time${whose}.`
    : `Yes, when its exchange is over${whose}.`;
}

function forWhom(own: readonly Asked[]): string {
  return own.every(({ credentials }) => !credentials) ? ', for requests without cookies' : '';
}

function endWords(cause: string): string {
  switch (cause) {
    case 'peer':
      return 'your browser has ended it';
    case 'local':
      return 'the server has ended it';
    default:
      return `it broke off (${cause})`;
  }
}

function shareWords(protocol: Protocol | null): string {
  switch (protocol) {
    case 'h2':
      return 'Yes: each exchange is a stream, its frames carry the number (RFC 9113 §5).';
    case 'h3':
      return 'Yes: each exchange is a QUIC stream of its own (RFC 9114 §6.1).';
    case null:
      return 'Nobody here says what it speaks.';
    default:
      return 'No: one exchange at a time, answered in the order asked (RFC 9112 §9.3.2).';
  }
}
