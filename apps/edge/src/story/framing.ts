import type { WireUnit } from '@interleave/wire';
import { concat, PipeServer } from '../pipe/server.ts';
import { pipeService } from '../pipe/service.ts';
import type { ByteParts } from './parts.ts';

/** How the first of two messages says where it ends. */
export const FRAMINGS = [
  ['length', 'Content-Length, right'],
  ['none', 'length deleted'],
  ['short', '3 bytes too few'],
  ['long', '5 bytes too many'],
  ['chunked', 'chunked, in two chunks'],
] as const;
export type Framing = (typeof FRAMINGS)[number][0];

/** All that an address of this page says. */
export interface BoundaryPlan {
  readonly framing: Framing;
  readonly say: string;
  /** The bytes travel in two pieces, cut before this one; 0 for one piece. */
  readonly cut: number;
}

export const LONGEST_SAYING = 40;
const SECOND = 'The second one.';
const utf8 = new TextEncoder();

/** Reads a plan from an address. A cut beyond the bytes counts as none. */
export function boundaryPlan(params: URLSearchParams): BoundaryPlan {
  const framing = FRAMINGS.find(([id]) => id === params.get('framing'))?.[0] ?? 'short';
  // What a line of text cannot hold is left out: an address must not put control characters into a page.
  const typed = (params.get('say') ?? '').replace(/\p{Cc}/gu, '');
  const say = [...(typed || 'Hello')].slice(0, LONGEST_SAYING).join('');
  const cut = Number(params.get('cut') ?? 0);
  const { bytes } = twoMessages({ framing, say, cut: 0 });
  return { framing, say, cut: Number.isInteger(cut) && cut > 0 && cut < bytes.length ? cut : 0 };
}

/** Two requests with content, as they go out; `second` is where the second one truly starts. */
export function twoMessages({ framing, say }: BoundaryPlan): { bytes: Uint8Array; second: number } {
  const content = utf8.encode(say);
  const first = concat([
    utf8.encode(`POST /say HTTP/1.1\r\nHost: pipe\r\n${field(framing, content.length)}\r\n`),
    framed(framing, content),
  ]);
  const next = utf8.encode(`POST /say HTTP/1.1\r\nHost: pipe\r\nContent-Length: ${SECOND.length}\r\n\r\n${SECOND}`);
  return { bytes: concat([first, next]), second: first.length };
}

function field(framing: Framing, length: number): string {
  switch (framing) {
    case 'none':
      return '';
    case 'chunked':
      return 'Transfer-Encoding: chunked\r\n';
    case 'length':
      return `Content-Length: ${length}\r\n`;
    case 'short':
      return `Content-Length: ${Math.max(0, length - 3)}\r\n`;
    case 'long':
      return `Content-Length: ${length + 5}\r\n`;
  }
}

function framed(framing: Framing, content: Uint8Array): Uint8Array {
  if (framing !== 'chunked') return content;
  const half = Math.ceil(content.length / 2);
  const pieces = [content.subarray(0, half), content.subarray(half)].filter(({ length }) => length > 0);
  const line = (length: number): Uint8Array => utf8.encode(`${length.toString(16)}\r\n`);
  return concat([
    ...pieces.flatMap((piece) => [line(piece.length), piece, utf8.encode('\r\n')]),
    utf8.encode('0\r\n\r\n'),
  ]);
}

/** What a server made of some bytes. */
export interface Reading {
  readonly parts: readonly ByteParts[];
  /** Where it looked for the second message. */
  readonly believed: number;
  /** The request line that it found there; null when it found none. */
  readonly secondLine: string | null;
  /** Status of each reply, in order. */
  readonly statuses: readonly number[];
  /** What the messages said, as the server took them. */
  readonly said: readonly string[];
  readonly replies: Uint8Array;
  /** The server ended the connection. */
  readonly ended: boolean;
}

/** Lets the server's core read these pieces, in memory. */
export function readAsServer(...pieces: readonly Uint8Array[]): Reading {
  const units: WireUnit[] = [];
  const replies: Uint8Array[] = [];
  const said: string[] = [];
  let ended = false;
  const answer = pipeService(null);
  const server = new PipeServer({
    service: (asked) => {
      said.push(new TextDecoder().decode(asked.body));
      return answer(asked);
    },
    observe: (unit) => units.push(unit),
    now: () => 0,
    outlet: {
      send: (bytes) => replies.push(bytes),
      close: () => {
        ended = true;
      },
    },
  });
  for (const piece of pieces) server.receive(piece);
  const read = units.filter(({ direction, length }) => direction === 'received' && length > 0);
  const statuses = units
    .filter(({ direction, kind }) => direction === 'created' && kind === 'response')
    .map(({ startLine }) => Number(startLine?.split(' ')[1]));
  const second = read.filter(({ kind }) => kind === 'request')[1];
  const last = read.at(-1);
  return {
    parts: partsOf(read),
    believed: second?.offset ?? (last ? last.offset + last.length : 0),
    secondLine: second?.startLine ?? null,
    statuses,
    said,
    replies: concat(replies),
    ended,
  };
}

/** Pieces that continue each other are one part: how the bytes were cut is not how they are meant. */
function partsOf(units: readonly WireUnit[]): ByteParts[] {
  const parts: ByteParts[] = [];
  let n = 0;
  for (const { kind, offset, length } of units) {
    if (kind === 'request') n++;
    const label =
      kind === 'request'
        ? `head of ${n}`
        : kind === 'content'
          ? `content of ${n}`
          : `${kind.replace('-', ' ')} of ${n}`;
    const before = parts.at(-1);
    if (before && before.label === label && kind === 'content' && before.to === offset) {
      parts[parts.length - 1] = { ...before, to: offset + length };
    } else parts.push({ from: offset, to: offset + length, label });
  }
  return parts;
}

/** The pieces in which a plan's bytes travel. */
export function piecesOf(plan: BoundaryPlan): Uint8Array[] {
  const { bytes } = twoMessages(plan);
  return plan.cut === 0 ? [bytes] : [bytes.subarray(0, plan.cut), bytes.subarray(plan.cut)];
}

/** What the server made of both messages, in two or three sentences. */
export function readingWords(
  plan: BoundaryPlan,
  { statuses, said, believed, secondLine }: Pick<Reading, 'statuses' | 'said' | 'believed' | 'secondLine'>,
): string {
  const { second } = twoMessages(plan);
  const taken = statuses.filter((status) => status === 200).length;
  const refused = statuses.find((status) => status >= 400);
  const words = said.slice(0, taken).map((text) => `“${text}”`);
  if (refused === undefined) {
    const cut =
      plan.cut > 0 ? ` They came in two pieces, cut before byte ${plan.cut}, and that made no difference.` : '';
    return `The server found two messages: ${words.join(' and ')}. The second starts at byte ${second}.${cut}`;
  }
  const found = `The server took ${words[0] === '“”' ? 'a message without content' : (words[0] ?? 'nothing')} and believed that the next message starts at byte ${believed}; it starts at byte ${second}.`;
  return secondLine === null
    ? `${found} What it found there is no request: ${refused}, and the end of the connection.`
    : `${found} It read “${secondLine}”, a request that nobody sent, and answered ${refused}.`;
}

const COUNTS = ['none', 'one', 'two'];

/** How many were taken, as a guess would say it. */
export function takenWords({ statuses }: Pick<Reading, 'statuses'>): string {
  const taken = statuses.filter((status) => status === 200).length;
  return COUNTS[taken] ?? String(taken);
}

/** What is known when only the bytes before the cut have come. */
export function knownAtCut(plan: BoundaryPlan): string {
  if (plan.cut === 0) return 'Both messages travel in one piece.';
  const { parts } = readAsServer(twoMessages(plan).bytes.subarray(0, plan.cut));
  const head = parts.filter(({ label }) => label.startsWith('head')).length;
  const last = parts.at(-1);
  if (head === 0 || last === undefined)
    return `After ${plan.cut} bytes no head is whole, so the server knows nothing yet.`;
  const rest = plan.cut - last.to;
  const more = rest > 0 ? `, and ${rest} ${rest === 1 ? 'byte' : 'bytes'} that mean nothing yet` : '';
  return `After ${plan.cut} bytes the server has ${last.label}${more}. It waits for the rest.`;
}
