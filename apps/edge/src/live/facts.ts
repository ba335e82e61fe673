import { clip, duration, protocolLook, visibleText } from '@interleave/trace/look';
import type { Live, LiveConnection, LiveExchange, ServerSide } from './model.ts';

/** One line about an exchange, and who says it. */
export interface FactLine {
  readonly name: string;
  readonly value: string;
  readonly source: string;
}

/** Who the server's word comes from, by who reports the connection. */
const SERVER = { lab: 'the server, at its socket', cloudflare: 'the edge, which counts what reaches it' } as const;
const RESPONSE = 'the response, in X-Conn';
const BROWSER = 'your browser’s timing; an addition, not the truth';
const PAGE = 'this page, which asked';
const NOBODY = 'nobody here';

/** Everything known about one exchange, each line with its source; what is missing says so. Safe to print. */
export function exchangeFacts(live: Live, one: LiveExchange, letter: (id: string) => string): FactLine[] {
  const lines: FactLine[] = [];
  const say = (name: string, value: string, source: string): void =>
    void lines.push({ name, value: clip(visibleText(value), 200), source });
  const connection = live.connections.find(({ id }) => id === one.connection);
  const told = SERVER[connection?.report?.host === 'cloudflare' ? 'cloudflare' : 'lab'];
  say('Request', one.label, one.askedAt === null ? told : PAGE);
  carrier(live, one, letter, say, told);
  if (one.outcome === 'cache') return lines;
  const { server, browser, conn } = one;
  if (one.streamId !== null) say('Stream', String(one.streamId), server ? told : RESPONSE);
  const status = server?.status ?? one.status;
  if (status !== null) say('Status', String(status), server?.status != null ? told : PAGE);
  if (one.outcome === 'failed') say('It failed', one.why ?? 'without a word', one.askedAt === null ? told : PAGE);
  if (server?.aborted != null && one.why !== server.aborted) say('The server says', server.aborted, told);
  if (connection !== undefined) {
    const begun = conn?.state === 'new' || one.nth === 1;
    if (begun) say('Its connection', openedWords(connection), connection.report ? told : RESPONSE);
    if (connection.closed !== null) say('That connection', endWords(connection.closed.cause), told);
  }
  if (server !== null) say('At the server', serverWords(server), told);
  else if (one.connection !== null) say('At the server', 'not told', NOBODY);
  timing(browser, say);
  return lines;
}

function serverWords({ at, endedAt, tellsEnd }: ServerSide): string {
  if (endedAt !== null) return duration(endedAt - at);
  return tellsEnd === false ? 'noted when it began; its end is not told' : 'under way';
}

function endWords(cause: string): string {
  switch (cause) {
    case 'idle':
      return 'ended by the server, since nothing came';
    case 'local':
      return 'ended by the server';
    case 'peer':
      return 'ended by your browser';
    case 'upgraded':
      return 'left HTTP';
    default:
      return `broke off: ${cause}`;
  }
}

function openedWords({ resumed, report }: LiveConnection): string {
  if (resumed !== null) return resumed ? 'opened for it, TLS session resumed' : 'opened for it';
  const isPlain = report !== null && report.host === 'lab' && report.tls === null;
  return isPlain ? 'opened for it, without TLS' : 'opened for it; whether a session was resumed is not told';
}

type Say = (name: string, value: string, source: string) => void;

function carrier(live: Live, one: LiveExchange, letter: (id: string) => string, say: Say, told: string): void {
  const { outcome, connection, conn, nth, server } = one;
  if (outcome === 'cache') {
    say(
      'Connection',
      'none: it came out of your browser’s cache',
      'your browser, and the id in it, which is of an earlier request',
    );
    if (conn?.connection)
      say(
        'X-Conn in it',
        `exchange ${conn.nth ?? '?'} on ${letter(conn.connection)}: of the exchange that was stored`,
        RESPONSE,
      );
    return;
  }
  if (connection === null) {
    const named = live.connections.length > 0;
    say(
      'Connection',
      outcome === 'open' ? 'not said yet' : 'nobody has named it',
      named ? NOBODY : 'nobody here names connections',
    );
    return;
  }
  const known = live.connections.find(({ id }) => id === connection);
  const protocol = known?.protocol ? `, ${protocolLook(known.protocol).name}` : '';
  say('Connection', `${letter(connection)} (${connection})${protocol}`, server ? told : RESPONSE);
  say('Exchange on it', nth === null ? 'not counted' : String(nth), nth === null ? NOBODY : server ? told : RESPONSE);
}

function timing(browser: LiveExchange['browser'], say: Say): void {
  if (browser === null || browser.phases.length === 0) {
    say('Times', 'your browser tells none of this one', NOBODY);
    return;
  }
  const { handshake, phases } = browser;
  const of = (phase: string): string => {
    const stretch = phases.find((one) => one.phase === phase);
    return stretch ? duration(stretch.to - stretch.from) : 'none';
  };
  say('In the queue', of('waiting'), BROWSER);
  say('Handshake paid', handshake === null ? 'none' : duration(handshake.to - handshake.from), BROWSER);
  say('To the first byte', of('server'), BROWSER);
  say('Response', of('response'), BROWSER);
}
