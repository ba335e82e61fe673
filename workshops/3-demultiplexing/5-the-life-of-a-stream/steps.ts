/** How the steps of MX5 are written: requests by their path, streams by their id. */
import type { Bytes, HandlerRule, Http2Step, Step } from '@interleave/judge/exercise';
import { headers } from '@interleave/judge/http2';

export type Case = { readonly title: string; readonly steps: readonly Step[] };
type Code = Extract<Http2Step, { do: 'expectReset' }>['code'];

export const send = (what: string, ...bytes: Bytes[]): Step => ({ do: 'send', what, bytes });
export const get = (stream: number, path: string): Step =>
  send(`GET ${path} on stream ${stream}`, headers(stream, `GET ${path}`, { end: true }));
export const reply = (stream: number, to: string, body: Bytes): Step => ({
  do: 'expectStreamReply',
  stream,
  to,
  status: 200,
  body,
});
export const begun = (request: string): Step => ({ do: 'expectBegun', request });
export const release = (name: string): Step => ({ do: 'release', name });
export const resets = (stream: number, code: Code): Step => ({ do: 'expectReset', stream, code });
/** A fault of a stream; those who take it for one of the connection may (§5.4.1). */
export const closedOn = (stream: number): Step => ({ do: 'expectFault', stream, code: 'STREAM_CLOSED' });
export const goesOn = (stream: number): readonly Step[] => [get(stream, '/a'), reply(stream, 'GET /a', 'first')];
export const opened: readonly Step[] = goesOn(1);
export const ends = (code: Code): readonly Step[] => [
  { do: 'expectGoaway', code },
  { do: 'expectEnd', anything: true },
];
/** Side by side, each on a connection of its own. */
export const each = (...cases: Case[]): Step => ({ do: 'each', cases });

export const pieces = (until: string): HandlerRule['reply'] => ({
  body: { pieces: [{ bytes: 'piece one, ' }, { until, bytes: 'piece two' }] },
});

/** A request that is no request, while a neighbour is under way. */
export const malformed = (title: string, ...bytes: Bytes[]): Case => ({
  title,
  steps: [
    get(1, '/long'),
    send(`${title}, on stream 3`, ...bytes),
    resets(3, 'PROTOCOL_ERROR'),
    release('/long'),
    reply(1, 'GET /long', 'piece one, piece two'),
  ],
});
