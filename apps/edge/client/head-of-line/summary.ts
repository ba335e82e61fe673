import { numberWord } from '../../src/story/head-of-line/words.ts';

/** One fetch as the browser saw it; all times in epoch milliseconds. */
export interface Piece {
  readonly name: string;
  /** The server's name for its connection, where it says one. */
  readonly connection: string | null;
  readonly sentAt: number;
  /** When each part of the content came. */
  readonly arrivals: readonly number[];
  readonly endedAt: number;
}

/** What the lab says that it held back. */
export interface HeldBack {
  readonly connectionId: string;
  readonly offset: number;
  readonly ms: number;
  /** When it began. */
  readonly at: number;
}

/** What is counted of twelve. */
export interface Waited {
  readonly pieces: readonly Piece[];
  readonly late: readonly boolean[];
  readonly connections: number;
  /** Fetches on the connection that was held back. */
  readonly behind: number;
  /** Fetches on other connections that took as long, for another reason. */
  readonly slow: number;
  /** Stretches without a byte that a hole explains, one for each fetch; null for none. */
  readonly silences: readonly ({ readonly from: number; readonly to: number } | null)[];
}

/** Two clocks of one machine agree, but a timer may be early by so much. */
const CLOCK = 10;

/**
 * Late is what was whole only after the bytes had been let go, on the connection that was held. What came as late on another one
 * waited for something else, a busy machine for example, and is counted apart.
 */
export function heldBack(pieces: readonly Piece[], held: HeldBack | null): Waited {
  const release = held === null ? Number.POSITIVE_INFINITY : held.at + held.ms - CLOCK;
  const isBehind = ({ connection }: Piece): boolean =>
    held !== null && (connection ?? held.connectionId) === held.connectionId;
  const late = pieces.map((piece) => isBehind(piece) && piece.endedAt >= release);
  return {
    pieces,
    late,
    connections: connectionsOf(pieces),
    behind: pieces.filter(isBehind).length,
    slow: pieces.filter((piece) => !isBehind(piece) && piece.endedAt >= release).length,
    silences: pieces.map((piece, i) => (late[i] && held !== null ? silence(piece, held.at, held.at + held.ms) : null)),
  };
}

/**
 * Late is what took more than `margin` longer than most did: in a run without a loss, or in this very one where that was quicker. A
 * machine that is busy during the one is not always busy during the other.
 */
export function lostOne(pieces: readonly Piece[], usual: readonly Piece[], margin: number): Waited {
  const [took, tookUsually] = [pieces, usual].map(durations) as [number[], number[]];
  const most = Math.min(median(tookUsually), median(took));
  const late = took.map((ms) => ms - most > margin);
  const start = Math.min(...pieces.map(({ sentAt }) => sentAt));
  return {
    pieces,
    late,
    connections: connectionsOf(pieces),
    behind: 0,
    slow: 0,
    silences: pieces.map((piece, i) => (late[i] ? longestGap(piece, start + most) : null)),
  };
}

/** From the moment at which the first was asked for. */
function durations(pieces: readonly Piece[]): number[] {
  const start = Math.min(...pieces.map(({ sentAt }) => sentAt));
  return pieces.map(({ endedAt }) => endedAt - start);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

function connectionsOf(pieces: readonly Piece[]): number {
  return new Set(pieces.flatMap(({ connection }) => connection ?? [])).size;
}

/** The part of a stretch in which nothing of a fetch came, while it was under way. */
function silence({ sentAt, arrivals, endedAt }: Piece, from: number, to: number): { from: number; to: number } | null {
  const before = Math.max(sentAt, from, ...arrivals.filter((at) => at <= to - CLOCK));
  const after = Math.min(endedAt, ...arrivals.filter((at) => at > to - CLOCK));
  return after > before ? { from: before, to: after } : null;
}

/** The longest stretch in which nothing came, as far as it goes beyond what was usual. */
function longestGap({ sentAt, arrivals }: Piece, usualEnd: number): { from: number; to: number } | null {
  let longest: { from: number; to: number } | null = null;
  for (const [i, to] of arrivals.entries()) {
    const from = Math.min(to, Math.max(arrivals[i - 1] ?? sentAt, usualEnd));
    if (longest === null || to - from > longest.to - longest.from) longest = { from, to };
  }
  return longest;
}

/** `1 of 12 late, on 6 connections`. */
export function waitedWords({ pieces, late, connections }: Waited): string {
  const where = connections === 0 ? '' : `, on ${connections} ${connections === 1 ? 'connection' : 'connections'}`;
  return `${late.filter(Boolean).length} of ${pieces.length} late${where}`;
}

/** `one`, `all twelve`: as the guesses spell it. */
export function lateWord({ late }: Pick<Waited, 'late'>): string {
  const n = late.filter(Boolean).length;
  return n > 2 && n === late.length ? `all ${numberWord(n)}` : numberWord(n);
}
