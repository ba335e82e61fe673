/**
 * What `/api/v1/connection/…` says: the contract between whoever knows a connection (the lab at its sockets, the Worker by what
 * it was told) and whoever asks (pages, `curl`).
 *
 * | address | answer |
 * | --- | --- |
 * | `GET /api/v1/connection/:id` | `ConnectionReport` |
 * | `GET /api/v1/connection/:id/events`, as a WebSocket | `WatchMessage`s; it takes `WatchRequest`s |
 * | the same without an upgrade | the same messages as server-sent events, for `curl`; `?also=id,id` names further connections |
 * | `GET /api/v1/connection/:id.qlog` | the events as JSON Text Sequences; `?format=qvis` for what qvis reads |
 * | `GET /api/v1/connection/:id.txt` | the frames as text, one a line (lab only) |
 *
 * `this` stands for the connection that carries the request, for `curl`, which learns the id too late.
 * Errors are `ApiProblem`s. Credentials (cookies, authorisation, tokens) are masked in all of it, in values and in bytes.
 */
import type { TraceEvent } from './event.ts';

/** One exchange of a connection. Times: milliseconds, epoch. */
export interface ExchangeReport {
  /** 1 for the first on its connection. */
  readonly nth: number;
  /** Null in HTTP/1.1, and where nobody told. */
  readonly streamId: number | null;
  readonly method: string;
  /** Path without its query, at most 200 characters. Null where it is not kept. */
  readonly path: string | null;
  readonly at: number;
  readonly status: number | null;
  readonly endedAt: number | null;
  /** Why it ended before its time, else null. */
  readonly aborted: string | null;
}

/** What is known of one connection, now. What nobody knows is null, and `unknown` says why under the same name. */
export interface ConnectionReport {
  readonly v: 1;
  readonly id: string;
  /** Who answers: the lab at its own sockets, or the Worker by what Cloudflare told it. */
  readonly host: 'lab' | 'cloudflare' | 'mock' | 'none';
  /** The origin that it was opened to. */
  readonly origin: string | null;
  readonly protocol: 'http/1.1' | 'h2' | 'h3' | null;
  readonly transport: 'tcp' | 'quic' | null;
  readonly openedAt: number | null;
  readonly closedAt: number | null;
  /** Why it ended; null while it is open, or where nobody knows. */
  readonly closed: { readonly cause: string; readonly message: string } | null;
  readonly tls: {
    readonly version: string | null;
    readonly cipher: string | null;
    readonly group: string | null;
    readonly alpnOffered: readonly string[] | null;
    readonly alpn: string | null;
    readonly resumed: boolean | null;
    readonly earlyData: boolean | null;
    readonly handshakeMs: number | null;
  } | null;
  readonly quic: {
    readonly version: number | null;
    readonly rttMs: number | null;
    readonly packets: { readonly sent: number; readonly received: number; readonly lost: number } | null;
  } | null;
  /** All exchanges so far, and those under way. */
  readonly exchangeCount: number | null;
  readonly openExchanges: number | null;
  /** The latest of them, oldest first. */
  readonly exchanges: readonly ExchangeReport[];
  /** Bytes of HTTP (inside TLS) so far. */
  readonly bytes: { readonly received: number; readonly sent: number } | null;
  /** Frames (HTTP/2, HTTP/3) or pieces of messages (HTTP/1.1) so far, by kind. */
  readonly frames: {
    readonly received: Readonly<Record<string, number>>;
    readonly created: Readonly<Record<string, number>>;
  } | null;
  /** The log of events: kept, and dropped because the log is bounded. Null where none is kept. */
  readonly log: { readonly kept: number; readonly dropped: number; readonly why: string | null } | null;
  /** Why something here is null, by its name. */
  readonly unknown: Readonly<Record<string, string>>;
}

/** What a watcher is sent, one JSON object a message. Its first message about a connection is `connection`. */
export type WatchMessage =
  | {
      readonly type: 'connection';
      readonly report: ConnectionReport;
      /** Wall clock of time 0 of its events, milliseconds since the epoch. */
      readonly startedAt: number;
      /** Older events that the log no longer has. */
      readonly dropped: number;
    }
  /** Events in order: first what the log has, then each as it happens. */
  | { readonly type: 'events'; readonly connection: string; readonly events: readonly TraceEvent[] }
  /** The watcher reads too slowly: this many events were left out for it alone. */
  | { readonly type: 'dropped'; readonly connection: string; readonly events: number; readonly why: string }
  /** The connection is over, and all of its events were sent. */
  | { readonly type: 'ended'; readonly connection: string }
  /** Something that was asked for cannot be had; the rest goes on. */
  | { readonly type: 'problem'; readonly problem: ApiProblem };

/** What a watcher may say on its WebSocket: further connections to watch, so that one socket serves a whole tab. */
export interface WatchRequest {
  readonly watch: readonly string[];
}

/** An error (RFC 9457), as `application/problem+json`. */
export interface ApiProblem {
  readonly type: 'about:blank';
  readonly status: number;
  readonly title: string;
  /** The rule that was not met, with what was sent. */
  readonly detail: string;
  /** What to do instead. */
  readonly remedy: string;
  /** The id that was asked for, at most 100 characters; null where none is at fault. */
  readonly id: string | null;
}

/** Bounds of the watching WebSocket. `lab` and pages keep to the same. */
export const WATCH_LIMITS = {
  /** Connections that one socket watches. */
  connections: 64,
  /** Bytes of one message from the watcher: ids and nothing else. */
  messageBytes: 4_096,
  /** Messages in a burst, and how many a second after that. */
  messageBurst: 20,
  messagesPerSecond: 5,
} as const;
