/** How the steps of MX9 are written: requests by their line, streams by their id. */
import type { Bytes, ClientStep, Http2Step, Step } from '@interleave/judge/exercise';
import { data, response, sends } from '@interleave/judge/http2';

export type Of<K extends ClientStep['do']> = Omit<Extract<ClientStep, { do: K }>, 'do' | 'request'>;
export type Asked = Omit<Extract<Http2Step, { do: 'expectAsked' }>, 'do' | 'request' | 'stream'>;
export type Case = { readonly title: string; readonly steps: readonly Step[] };

export const ask = (request: string, more: Of<'ask'> = {}): Step => ({ do: 'ask', request, ...more });
/** All of them in one turn, before anything has come of the first. */
export const askAll = (...requests: readonly string[]): Step[] =>
  requests.map((request, i) => ask(request, { atOnce: i < requests.length - 1 }));
export const asked = (request: string, stream: number, more: Asked = {}): Step => ({
  do: 'expectAsked',
  request,
  stream,
  ...more,
});
export const unsent = (...requests: readonly string[]): Step => ({ do: 'expectUnsent', requests });
export const got = (request: string, body: Bytes, status = 200): Step => ({
  do: 'expectAnswer',
  request,
  status,
  body,
});
export const head = (request: string): Step => ({ do: 'expectAnswer', request, status: 200 });
export const pending = (request: string): Step => ({ do: 'expectPending', request });
export const rejects = (request: string): Step => ({ do: 'expectRejects', request });
export const broken = (request: string, body: Bytes): Step => ({ do: 'expectBroken', request, body });
export const cancel = (request: string): Step => ({ do: 'cancelAnswer', request });
export const each = (...cases: readonly Case[]): Step => ({ do: 'each', cases });
/** A whole reply: its head and one DATA frame. */
export const reply = (stream: number, body: string): Bytes => [
  response(stream, 200),
  data(stream, body, { end: true }),
];

export const A = 'GET /a';
export const B = 'GET /b';
export const C = 'GET /c';
export const ABC: readonly string[] = [A, B, C];
export const three: readonly Step[] = [...askAll(...ABC), ...ABC.map((request, i) => asked(request, 2 * i + 1))];
/** One more exchange, as a sign that the connection is well. */
export const goesOn = (stream: number): readonly Step[] => [
  ask('GET /on'),
  asked('GET /on', stream),
  sends(reply(stream, 'it goes on')),
  got('GET /on', 'it goes on'),
];

export const scene = { kind: 'http2-client', file: 'http2/client.ts', export: 'connect' } as const;
export const withLimit = (n: number): typeof scene & { peer: { settings: { MAX_CONCURRENT_STREAMS: number } } } => ({
  ...scene,
  peer: { settings: { MAX_CONCURRENT_STREAMS: n } },
});
/** Both windows as they are when nobody says anything. */
export const usual: typeof scene & { peer: { settings: { INITIAL_WINDOW_SIZE: number }; connectionWindow: number } } = {
  ...scene,
  peer: { settings: { INITIAL_WINDOW_SIZE: 65_535 }, connectionWindow: 65_535 },
};

/** Of a body that nobody reads, so much may come. */
export const UNREAD: number = 256 * 1024;
export const LONG = 300_000;
/** Nine requests whose replies nobody reads. */
export const UNREADS: readonly string[] = Array.from({ length: 9 }, (_, i) => `GET /${i + 1}`);
export const ticket: Bytes = { repeat: 'ticket ', times: 14_286 };

/** Twelve requests of a page, and what comes back. */
export const TWELVE: readonly string[] = Array.from({ length: 12 }, (_, i) =>
  i % 5 === 3 ? `POST /${i + 1}` : `GET /${i + 1}`,
);
export const textOf = (request: string): string => `${request}: ☕ `.repeat(request.length * 40);
