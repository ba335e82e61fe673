import { count, duration, protocolLook } from '@interleave/trace/look';
import type { KindId } from './kinds.ts';
import type { Live, LiveExchange } from './model.ts';

type Letter = (id: string) => string;

/** What came of one press, in a sentence or two. */
export function pressWords(kind: KindId, own: readonly LiveExchange[], live: Live, letter: Letter): string {
  const placed = own.filter(({ connection }) => connection !== null);
  const [first] = placed;
  const problem = own.find(({ outcome, why }) => outcome === 'failed' && why !== GIVEN_UP);
  if (problem !== undefined) return `Nothing came: ${problem.why}.`;
  if (kind === 'cache') return cacheWords(own, letter);
  if (first === undefined || first.connection === null)
    return `${count(own.length, 'exchange')}, and nobody here names what carried ${own.length === 1 ? 'it' : 'them'}.`;
  const where = placeOf(first, letter);
  const isNew = isFirst(first);
  if (isNew === null && (kind === 'one' || kind === 'omit' || kind === 'other'))
    return `${where}. Whether it was opened for this, nobody here counts.`;
  const connection = live.connections.find(({ id }) => id === first.connection);
  switch (kind) {
    case 'twelve':
      return manyWords(placed, live, letter);
    case 'one':
      return isNew ? `${where}: a connection was opened for it.` : `${where}, which was open.`;
    case 'slow':
      return `${where}. Its content came in pieces; in ${nameOf(connection?.protocol)} ${isMultiplexed(first) ? 'others had room beside it all the time' : 'nothing else could use that connection meanwhile'}.`;
    case 'content':
      return `${where}. Its request ended where its Content-Length or its last frame said, its reply in the same way.`;
    case 'head':
      return `${where}. The reply says how long the content would be, and has none: it ends with its head (RFC 9110 §9.3.2).`;
    case 'omit':
      return isNew
        ? `${where}: a new connection, since the open ones carry cookies.`
        : `${where}, which was opened for a request without cookies before.`;
    case 'other':
      return isNew
        ? `${where}: a new connection to another listener.`
        : `${where}, a connection to the other listener that was open.`;
    case 'socket':
      return isMultiplexed(first)
        ? `The WebSocket is a stream of ${letter(first.connection)}: no new connection.`
        : `The WebSocket has ${letter(first.connection)} for itself: a connection that left HTTP.`;
    case 'abort':
      return isMultiplexed(first)
        ? `Given up: one stream of ${letter(first.connection)} was reset, and the connection goes on.`
        : `Given up: HTTP/1.1 has no word for that, so ${letter(first.connection)} itself was closed${connection?.closed ? ', as the server saw' : ''}.`;
  }
}

/** Whether it was the first on its connection; null where nobody counts and no handshake was seen. */
function isFirst({ nth, conn, browser }: LiveExchange): boolean | null {
  if (nth !== null) return nth === 1;
  if (browser?.handshake != null || conn?.state === 'new') return true;
  return conn?.state === 'reused' ? false : null;
}

/** Why an exchange that the visitor gave up has failed. */
export const GIVEN_UP = 'you gave it up';

function placeOf({ connection, nth, streamId }: LiveExchange, letter: Letter): string {
  const own = connection === null ? '?' : letter(connection);
  const number = nth === null ? `An exchange on ${own}` : `Exchange ${nth} on ${own}`;
  return streamId === null ? number : `${number}, stream ${streamId}`;
}

function isMultiplexed({ streamId, conn }: LiveExchange): boolean {
  return streamId !== null || conn?.protocol === 'h2' || conn?.protocol === 'h3';
}

function nameOf(protocol: Parameters<typeof protocolLook>[0] | null | undefined): string {
  return protocol ? protocolLook(protocol).name : 'its protocol';
}

function cacheWords(own: readonly LiveExchange[], letter: Letter): string {
  const [first, second] = own;
  if (first === undefined || second === undefined) return 'Nothing came.';
  const carried =
    first.connection === null ? 'over the network' : `as exchange ${first.nth ?? '?'} on ${letter(first.connection)}`;
  return second.outcome === 'cache'
    ? `The first came ${carried}. The second came out of your browser’s cache: no connection, though the head that was stored still names one.`
    : `Both came over the network: your browser stored nothing, or did not use it.`;
}

function manyWords(placed: readonly LiveExchange[], live: Live, letter: Letter): string {
  const ids = [...new Set(placed.map(({ connection }) => connection ?? ''))];
  const most = Math.max(...ids.map((id) => atATime(placed.filter(({ connection }) => connection === id))));
  const waits = placed
    .map(({ browser }) => browser?.phases.find(({ phase }) => phase === 'waiting'))
    .map((wait) => (wait ? wait.to - wait.from : 0));
  const longest = Math.max(0, ...waits);
  const protocol = live.connections.find(({ id }) => id === ids[0])?.protocol;
  const lanes = ids.map(letter).sort((a, b) => a.length - b.length || a.localeCompare(b));
  const list = lanes.length < 2 ? lanes.join('') : `${lanes.slice(0, -1).join(', ')} and ${lanes.at(-1)}`;
  const queue = longest >= WORTH_TELLING ? ` The last in the queue waited ${duration(longest)}.` : '';
  return `${placed.length} over ${nameOf(protocol)}: ${count(ids.length, 'connection')}, ${list}, ${most === 1 ? 'never two at a time on one' : `up to ${most} at a time on one`}.${queue}`;
}

/** Shorter waits are the browser's own bookkeeping. */
const WORTH_TELLING = 50;
/** Timing is rounded: what overlaps by less may be one after the other. */
const ROUNDING = 1;

function atATime(exchanges: readonly LiveExchange[]): number {
  const spans = exchanges.flatMap(({ browser, server }) => {
    const sent = browser?.phases.find(({ phase }) => phase === 'server');
    const end = browser?.phases.at(-1);
    if (sent && end) return [{ from: sent.from, to: end.to }];
    return server?.endedAt != null ? [{ from: server.at, to: server.endedAt }] : [];
  });
  return Math.max(
    1,
    ...spans.map(({ from }) => spans.filter((other) => other.from <= from && other.to - ROUNDING > from).length),
  );
}
