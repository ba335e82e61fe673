/**
 * Steps for a learner whose program speaks HTTP/2, a server (`http2`) or a client (`http2-client`): what they are, and each in
 * words. What the judge sends is bytes, made with the functions of `@interleave/judge/http2` (`headers`, `data`, `settings`, …) and
 * sent by the usual `send`, `everyCut` and `each`. These work as for HTTP/1.1 too: `endInput`, `reset`, `advance`, `release`, `abort`,
 * `stopReading`, `readOn`, `expectHandlerCalls`, `expectTogether`, `expectBegun`, `expectBodyError`, `expectPulled`, `expectBodiesOver`,
 * `expectSettled`, `expectEnd`. Calls of the handler may come in any order here: streams have none among each other.
 *
 * Whatever the step, the judge reads all that the learner writes as a strict peer: a frame that is over the size that was allowed,
 * a block that is broken off or cannot be decoded, DATA before HEADERS, anything behind END_STREAM, a byte beyond the window that
 * was given, is a failure of its own, at the frame.
 */
import type { Bytes, HandlerRule } from '../../exercise.ts';
import type { GivenPart } from '../../given/parts.ts';
import { bytesOf, latin1, readable } from '../bytes.ts';
import type { ErrorCode, FrameName, SettingName } from '../http2/names.ts';
import type { Settings } from '../http2/write.ts';
import { grouped } from '../numbers.ts';
import { listed } from './order-steps.ts';

type On = { readonly on?: string };

/** What the judge says at the beginning of each connection, before the first step that needs it. */
export type Http2Peer = {
  /** Its SETTINGS. Default: INITIAL_WINDOW_SIZE 2^30, which nobody uses up; a client forbids pushes too. */
  readonly settings?: Settings;
  /** The connection's window. Default: 2^30. 65,535 sends no WINDOW_UPDATE. */
  readonly connectionWindow?: number;
  /** False: it says nothing by itself, neither a preface nor SETTINGS; the check sends them. */
  readonly greets?: boolean;
};

/** The learner exports `serve(connection, handler, given, options?)`; the judge is the client and the handler. */
export type Http2Scene = {
  readonly kind: 'http2';
  readonly file: string;
  readonly export: string;
  readonly handler: readonly HandlerRule[];
  /** The given parts that still do something; HPACK always does. MX2: all four. MX3: `hello` and `chores`. From MX4 on: none. */
  readonly given: readonly GivenPart[];
  readonly options?: { readonly idle?: number; readonly signal?: true; readonly maxStreams?: number };
  /** Only browser checks have one: the learner's HTTP/1.1 server, for whoever asks for that by ALPN on the same port. */
  readonly http1?: { readonly file: string; readonly export: string };
  readonly peer?: Http2Peer;
};

/** The learner exports `connect(connection, { hpack })`, which resolves to `ask`; the judge is the server behind `c1`, and whoever asks. */
export type Http2ClientScene = {
  readonly kind: 'http2-client';
  readonly file: string;
  readonly export: string;
  readonly peer?: Http2Peer;
  /** Only browser checks have these, as in a `client` scene. */
  readonly handler?: readonly HandlerRule[];
  readonly behind?: { readonly file: string; readonly export: string };
};

/** A frame of the learner's, by what is said here; what is not said does not matter. */
export type FrameMatch = {
  readonly type: FrameName;
  readonly stream?: number;
  readonly ack?: boolean;
  readonly end?: boolean;
  /** Of RST_STREAM and GOAWAY; one of them, where several are right. */
  readonly code?: ErrorCode | readonly ErrorCode[];
  /** Of GOAWAY. */
  readonly last?: number;
  /** Of SETTINGS: it holds this one, among others. */
  readonly setting?: { readonly name: SettingName; readonly value: number };
  /** The whole payload: a PING's eight bytes. */
  readonly bytes?: Bytes;
};

export type Http2Step =
  /** The reply on this stream is whole: HEADERS, its body, END_STREAM. Trailers are passed over. */
  | (On & {
      readonly do: 'expectStreamReply';
      readonly stream: number;
      /** The request that it answers, for the words: `GET /a`. */
      readonly to?: string;
      readonly status?: number;
      readonly fields?: readonly (readonly [name: string, value: string])[];
      readonly body?: Bytes;
    })
  /** Just so much of the body is there, and the stream has not ended, however long one waits. */
  | (On & { readonly do: 'expectStreamPart'; readonly stream: number; readonly body: Bytes })
  /** The replies on these streams ended (END_STREAM) in this order. */
  | (On & {
      readonly do: 'expectEndOrder';
      readonly streams: readonly number[] /** Why the one is before the other. Default `was ready first`. */;
      readonly because?: string;
    })
  /** The reply on this stream is whole at most so many bytes of the learner's after the judge's last action (`send`, `release`). */
  | (On & { readonly do: 'expectSoon'; readonly stream: number; readonly within: number })
  /** While all of these streams are under way, no two DATA frames of one are more than so many bytes of DATA apart. */
  | (On & { readonly do: 'expectApart'; readonly streams: readonly number[]; readonly atMost: number })
  /** Exactly so many bytes of DATA payload on this stream, or on all together, and then no more, however long one waits. */
  | (On & { readonly do: 'expectDataSent'; readonly stream?: number; readonly bytes: number })
  /** Such a frame came, exactly `times` (default: at least once; `atMost`: fewer are right too) in the whole connection. */
  | (On & {
      readonly do: 'expectFrame';
      readonly frame: FrameMatch;
      readonly times?: number;
      readonly atMost?: boolean;
    })
  /** Not one such frame in the whole connection, however long one waits. */
  | (On & { readonly do: 'expectNoFrame'; readonly frame: FrameMatch })
  /** The learner's very first frame. */
  | (On & { readonly do: 'expectFirstFrame'; readonly frame: FrameMatch })
  /** GOAWAY with this code, or one of these; with `last`, the id in it. A later GOAWAY counts as well. */
  | (On & { readonly do: 'expectGoaway'; readonly code: ErrorCode | readonly ErrorCode[]; readonly last?: number })
  /** RST_STREAM on this stream with this code, or one of these; the connection goes on. */
  | (On & { readonly do: 'expectReset'; readonly stream: number; readonly code: ErrorCode | readonly ErrorCode[] })
  /** The fault of this stream is told with this code, or one of these, as the stream's (RST_STREAM) or the connection's (GOAWAY). */
  | (On & { readonly do: 'expectFault'; readonly stream: number; readonly code: ErrorCode | readonly ErrorCode[] })
  /** Nobody waits for the `rest` of this body, so many bytes more: RST_STREAM with NO_ERROR, or credit that lets all of them through. */
  | (On & { readonly do: 'expectLetGo'; readonly stream: number; readonly rest: number })
  /** The learner's WINDOW_UPDATEs on this stream (0: the connection) add up to this. Absent bounds are not judged. */
  | (On & {
      readonly do: 'expectCredit';
      readonly stream: number;
      readonly exactly?: number;
      readonly atLeast?: number;
      readonly atMost?: number;
    })
  /** Sends `size` bytes of body (each is `u`) as far as the learner's windows let it, and on with each credit. It must get through. */
  | (On & {
      readonly do: 'uploadData';
      readonly stream: number;
      readonly size: number;
      /** Bytes of a frame, padding not counted. Default 16,384. */
      readonly each?: number;
      readonly pad?: number;
      /** END_STREAM on the last frame. Default true. */
      readonly end?: boolean;
    })
  /**
   * Sends body (each byte is `u`) on this stream for as long as the learner's windows let it; nobody reads. They must end it, at
   * `atMost` bytes or before.
   */
  | (On & { readonly do: 'fillWindow'; readonly stream: number; readonly atMost: number })
  /** The judge, which has stopped reading (`stopReading`), takes so many bytes more, or from now on all. */
  | (On & {
      readonly do: 'readOn';
      readonly bytes?: number /** So many bytes at a time, and in between everything comes to rest, as on a network. */;
      readonly each?: number;
    })
  /** Nothing more comes, the connection stays open, and no timer of the learner's fires again and again, however long one waits. */
  | (On & { readonly do: 'expectQuiet' })
  /** No handler waits for more of its request's body: each got an end, or an error. `cut`: these broke off, so a clean end is wrong for them. */
  | (On & { readonly do: 'expectNobodyWaits'; readonly cut?: readonly string[] })
  /**
   * Of all exchanges so far, the learner's code still holds at most so many: the request, the reply or one of their bodies. Stands
   * among the steps of the check itself. A host that cannot collect (`RawHost.collect`) does not judge it.
   */
  | (On & { readonly do: 'expectForgotten'; readonly atMost: number })
  /** The body of the handler's reply to this request was cancelled: nobody asks it for more. */
  | (On & { readonly do: 'expectCancelled'; readonly request: string })
  /** A client's request is whole on the wire: on this stream, with these fields and this body. */
  | (On & {
      readonly do: 'expectAsked';
      readonly request: string;
      readonly stream: number;
      readonly fields?: readonly (readonly [name: string, value: string])[];
      readonly body?: Bytes;
    })
  /** A client's promise rejects, and says that the request was not handled and may be sent again; or the request is sent again by itself. */
  | (On & { readonly do: 'expectRetryOrReject'; readonly request: string });

/** One line, present tense. */
export function describeHttp2Step(step: Http2Step): string {
  const on = step.on === undefined ? '' : ` on ${step.on}`;
  switch (step.do) {
    case 'expectStreamReply': {
      const what = [
        step.status === undefined ? '' : `status ${step.status}`,
        ...(step.fields ?? []).map(([name, value]) => `${name}: ${value}`),
        step.body === undefined ? '' : bodyText(step.body),
      ].filter((part) => part !== '');
      const to = step.to === undefined ? '' : ` to ${step.to}`;
      return `Expect a whole reply${to} on stream ${step.stream}${on}${what.length === 0 ? '' : `: ${what.join(', ')}`}.`;
    }
    case 'expectStreamPart':
      return `Expect ${bodyText(step.body)} on stream ${step.stream}${on}, and not its end.`;
    case 'expectEndOrder':
      return `Expect the ends of streams ${listed(step.streams.map(String))}${on} in this order.`;
    case 'expectSoon':
      return `Expect that stream ${step.stream}${on} ends within ${bytes(step.within)}.`;
    case 'expectApart':
      return `Expect streams ${listed(step.streams.map(String))}${on} to take turns, never more than ${bytes(step.atMost)} apart.`;
    case 'expectDataSent':
      return `Expect ${bytes(step.bytes)} of DATA${step.stream === undefined ? ' in all' : ` on stream ${step.stream}`}${on}, and then no more.`;
    case 'expectFrame': {
      const times =
        step.times === undefined
          ? ''
          : `${step.atMost === true ? ', at most' : ','} ${grouped(step.times)} ${step.times === 1 ? 'time' : 'times'}`;
      return `Expect ${matchText(step.frame)}${on}${times}.`;
    }
    case 'expectNoFrame':
      return `Expect no ${matchText(step.frame)}${on}.`;
    case 'expectFirstFrame':
      return `Expect ${matchText(step.frame)} as the first frame${on}.`;
    case 'expectGoaway':
      return `Expect ${matchText({ ...step, type: 'GOAWAY' })}${on}.`;
    case 'expectReset':
      return `Expect ${matchText({ type: 'RST_STREAM', stream: step.stream, code: step.code })}${on}.`;
    case 'expectFault':
      return `Expect ${matchText({ type: 'RST_STREAM', stream: step.stream, code: step.code })}${on}, or GOAWAY with it.`;
    case 'expectCredit': {
      const { exactly, atLeast, atMost } = step;
      const how = [
        exactly === undefined ? '' : bytes(exactly),
        atLeast === undefined ? '' : `at least ${bytes(atLeast)}`,
        atMost === undefined ? '' : `at most ${bytes(atMost)}`,
      ].filter((part) => part !== '');
      return `Expect ${how.join(' and ')} of credit ${step.stream === 0 ? 'for the connection' : `on stream ${step.stream}`}${on}.`;
    }
    case 'expectLetGo':
      return `Expect RST_STREAM with NO_ERROR on stream ${step.stream}${on}, or credit for the ${bytes(step.rest)} that are left.`;
    case 'uploadData':
      return `Send ${bytes(step.size)} on stream ${step.stream}${on}, as far as the windows allow.`;
    case 'fillWindow':
      return `Send on stream ${step.stream}${on} all that the windows allow, which is at most ${bytes(step.atMost)}.`;
    case 'readOn':
      if (step.each !== undefined) return `Read on${on}, ${bytes(step.each)} at a time.`;
      return step.bytes === undefined ? `Read on${on}.` : `Read ${bytes(step.bytes)} more${on}.`;
    case 'expectQuiet':
      return `Expect nothing more${on}, and the connection still open.`;
    case 'expectNobodyWaits':
      return `Expect that no handler waits for a body${on}.`;
    case 'expectForgotten':
      return `Expect that at most ${grouped(step.atMost)} of the exchanges so far are still held.`;
    case 'expectCancelled':
      return `Expect that the body of the reply to ${step.request}${on} is cancelled.`;
    case 'expectAsked':
      return `Expect ${step.request} on stream ${step.stream}${on}${step.body === undefined ? '' : ` with ${bodyText(step.body)}`}.`;
    case 'expectRetryOrReject':
      return `Expect that ${step.request} is sent again, or rejects as not handled.`;
  }
}

/** `RST_STREAM on stream 3 with CANCEL`. */
export function matchText(match: FrameMatch): string {
  const codes = match.code === undefined ? [] : typeof match.code === 'string' ? [match.code] : match.code;
  return [
    match.type,
    match.ack === undefined ? '' : match.ack ? 'with ACK' : 'without ACK',
    match.stream === undefined ? '' : `on stream ${match.stream}`,
    match.end === undefined ? '' : match.end ? 'with END_STREAM' : 'without END_STREAM',
    codes.length === 0 ? '' : `with ${codes.join(' or ')}`,
    match.last === undefined ? '' : `and last stream ${match.last}`,
    match.setting === undefined ? '' : `with ${match.setting.name} ${grouped(match.setting.value)}`,
    match.bytes === undefined ? '' : `that holds ${bodyText(match.bytes)}`,
  ]
    .filter((part) => part !== '')
    .join(' ');
}

export function bodyText(body: Bytes): string {
  const all = bytesOf(body);
  if (all.length === 0) return 'no body bytes';
  return all.length <= 40 ? `"${readable(latin1(all), 40)}"` : bytes(all.length);
}

function bytes(n: number): string {
  return `${grouped(n)} ${n === 1 ? 'byte' : 'bytes'}`;
}
