import type { Host } from '@interleave/trace';
import type { Protocol } from '@interleave/trace/look';
import type { Origins } from '../origins.ts';

/** Why a browser opens a connection, in the order of the page. */
export const REASON_IDS = [
  'first',
  'idle',
  'goodbye',
  'six',
  'credentials',
  'origin',
  'protocol',
  'died',
  'left-over',
  'websocket',
] as const;

export type ReasonId = (typeof REASON_IDS)[number];

/** One reason as the page tells it, before it is caused. Text between backticks is code. */
export interface Reason {
  readonly id: ReasonId;
  /** A true sentence. */
  readonly title: string;
  readonly text: string;
  /** What the button does. */
  readonly button: string;
}

export const REASONS: readonly Reason[] = [
  {
    id: 'first',
    title: 'Your browser has not been there before.',
    text: 'Connections belong to a host by its name. To a name that was never asked nothing is open, so the first request opens a connection; the second finds it.',
    button: 'Ask a name nobody has asked',
  },
  {
    id: 'idle',
    title: 'It was idle for too long.',
    text: 'A server keeps an idle connection for a while and then ends it, in order. Here that is a minute; for you it is a second and a half.',
    button: 'Be silent, then ask',
  },
  {
    id: 'goodbye',
    title: 'The server said that it would end it.',
    text: 'In HTTP/1.1 with `Connection: close` on a response (RFC 9112 §9.6), in HTTP/2 and HTTP/3 with a GOAWAY frame (RFC 9113 §6.8, RFC 9114 §5.2). What is under way finishes; nothing new goes there.',
    button: 'Let the server say goodbye',
  },
  {
    id: 'six',
    title: 'All that are open are busy.',
    text: 'An exchange of HTTP/1.1 has its connection to itself, so more at a time need more connections, up to six. The seventh opens none: it waits.',
    button: 'Ask for seven at once',
  },
  {
    id: 'credentials',
    title: 'It carries your cookies, and this request must not.',
    text: 'A request without credentials does not travel where others say who you are, so it has connections of its own, to the same host.',
    button: 'Ask without cookies',
  },
  {
    id: 'origin',
    title: 'It leads somewhere else.',
    text: 'The same machine under another name or port is another origin. A connection in the clear is never shared with it; over TLS one of HTTP/2 may be, where its certificate covers both and the address is the same (RFC 9113 §9.1.1).',
    button: 'Ask another origin',
  },
  {
    id: 'protocol',
    title: 'There is a better protocol, on another transport.',
    text: 'A response over TCP may say that HTTP/3 is there as well, with `Alt-Svc` (RFC 7838). QUIC is another transport, so going on with it takes a new connection.',
    button: 'Ask until it changes',
  },
  {
    id: 'died',
    title: 'It died just as it was used again.',
    text: 'Your request leaves on a connection that was open a moment ago, and no answer comes. The browser sends it again on another one and tells nobody, a POST as well.',
    button: 'Let it die under a POST',
  },
  {
    id: 'left-over',
    title: 'More bytes came than were announced.',
    text: 'The reply is whole and your page looks right, but behind it stand bytes that belong to no response. What comes next could be anything, so Chromium gives the connection up; a browser that does not trusts the server not to mean it.',
    button: 'Receive too many bytes',
  },
  {
    id: 'websocket',
    title: 'A WebSocket wants it for itself.',
    text: 'Over HTTP/1.1 a WebSocket takes its connection away from HTTP for good, so it gets a new one (RFC 6455 §4.1). Over HTTP/2 it can be one stream among others (RFC 8441).',
    button: 'Open a WebSocket',
  },
];

/** What decides whether a reason can be caused. */
export interface Place {
  readonly host: Host;
  readonly protocol: Protocol | null;
  readonly origins: Origins;
  /** Origin of the page. */
  readonly here: string;
}

/** Why a reason cannot be caused here, and where it can; null when it can. */
export function hindrance(
  reason: ReasonId,
  { host, protocol, origins, here }: Place,
): { text: string; where: string | null } | null {
  if (host !== 'lab') {
    const text = NEEDS_LAB[reason];
    return text === undefined ? null : { text: `${text} In the lab, \`npm start\`, it can be caused.`, where: null };
  }
  const isOwnName = Object.values(origins).includes(here);
  if (!isOwnName && (reason === 'first' || reason === 'origin' || reason === 'protocol'))
    return {
      text: 'You have opened the lab by another name than its own, and from there its other origins do not answer. By its own name they do.',
      where: origins.plain ?? null,
    };
  const isHttp1 = protocol === 'http/1.1' || protocol === 'http/1.0';
  if (reason === 'died' && !isHttp1)
    return {
      text: 'This page came over a protocol that says which requests it has not processed (RFC 9113 §6.8), so nobody has to guess. It takes HTTP/1.1.',
      where: origins.h1 ?? origins.plain ?? null,
    };
  if (reason === 'left-over' && !isHttp1)
    return {
      text: 'This page came in frames, and each says how long it is (RFC 9113 §4.1): nothing can be left over. It takes HTTP/1.1.',
      where: origins.h1 ?? origins.plain ?? null,
    };
  if (reason === 'idle' && protocol === 'h3')
    return {
      text: 'A QUIC connection ends its idle time in silence, at both ends by themselves (RFC 9000 §10.1), and the lab does not shorten it. It takes TCP.',
      where: origins.h2 ?? origins.plain ?? null,
    };
  if (here === origins.h3 && reason === 'first')
    return {
      text: 'Your browser speaks HTTP/3 here because it was told so for this one name. Another name it would ask over TCP, where nothing listens.',
      where: origins.h2 ?? origins.plain ?? null,
    };
  if (here === origins.h3 && reason === 'websocket')
    return {
      text: 'No browser opens a WebSocket over HTTP/3 yet (RFC 9220 says how it could), and this address has nothing else.',
      where: origins.h2 ?? origins.plain ?? null,
    };
  if (reason === 'protocol' && origins.altSvc === undefined)
    return { text: 'It takes a listener that offers HTTP/3, and here there is none: it did not start.', where: null };
  return null;
}

const CANNOT_END = 'Nobody here can end a connection of the edge, and Cloudflare does not say when it ends one.';
const NEEDS_LAB: Readonly<Partial<Record<ReasonId, string>>> = {
  first: 'It takes a server that answers to any name, so that there is always one you have not asked.',
  idle: CANNOT_END,
  goodbye: CANNOT_END,
  origin: 'This app answers to one name, and its policy lets your browser ask no other.',
  protocol: 'Whether the edge offers HTTP/3 is a setting of its zone, and your browser remembers the answer for a day.',
  died: CANNOT_END,
  'left-over': 'The edge frames its replies itself, and does it well.',
};

/** `?reason=six`, or all of them. */
export function reasonPlan(params: URLSearchParams): ReasonId | 'all' {
  const asked = params.get('reason');
  return REASON_IDS.find((id) => id === asked) ?? 'all';
}

/** A name of this machine that nobody has asked yet: everything below localhost leads here (RFC 6761 §6.3). */
export function freshOrigin(origin: string, name: string): string {
  const url = new URL(origin);
  return `${url.protocol}//${name}.localhost${url.port === '' ? '' : `:${url.port}`}`;
}

/** Another origin on this machine: another port where that is encrypted as well, else the same port under another name. */
export function otherOrigin({ here, origins }: Pick<Place, 'here' | 'origins'>): string {
  const others = [origins.h1, origins.h2, origins.altSvc].filter((origin) => origin !== undefined && origin !== here);
  const other = here.startsWith('https:') ? others[0] : undefined;
  if (other !== undefined) return other;
  const url = new URL(here);
  return `${url.protocol}//127.0.0.1${url.port === '' ? '' : `:${url.port}`}`;
}
