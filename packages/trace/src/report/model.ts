/**
 * What a recording (HAR, NetLog, qlog) says of connections and the exchanges on them: the one shape that readers make and
 * rules look at. Cookies, authorisation and bodies never come this far.
 *
 * Times are milliseconds from `Recording.startedAt`. What the file does not hold is null, never a guess.
 */
export interface Recording {
  readonly kind: 'har' | 'netlog' | 'qlog';
  /** Who wrote the file, as it says itself, such as `Firefox 140.0`. Null where it does not say. */
  readonly writer: string | null;
  /** Version of the file format, such as `1.2`. */
  readonly formatVersion: string | null;
  /** Wall clock of time 0, milliseconds since the epoch. */
  readonly startedAt: number | null;
  readonly pages: readonly Page[];
  /** In order of opening; where that is not known, of first use. */
  readonly connections: readonly Connection[];
  /** In order of `start`; those without a time last, in the file's order. */
  readonly exchanges: readonly Exchange[];
  /** What only a NetLog holds: evidence that belongs to no exchange. */
  readonly incidents: readonly Incident[];
  /** What was wrong with the file and could be passed over, each with its place. */
  readonly warnings: readonly ReadWarning[];
  /** False when the file ends in the middle: normal in a NetLog, a loss in a HAR. */
  readonly complete: boolean;
}

export interface Page {
  readonly id: string;
  readonly title: string;
  readonly start: number | null;
  /** From the page's start. */
  readonly onContentLoad: number | null;
  readonly onLoad: number | null;
}

/** What the file shows of one lower connection, or what must at least have been one. */
export interface Connection {
  /** Unique in the recording; for people, such as `A` or `127`. */
  readonly id: string;
  /** `measured`: the file names it. `inferred`: a lower bound, worked out from handshakes and overlaps (see `why`). */
  readonly sure: 'measured' | 'inferred';
  readonly why: string;
  readonly transport: 'tcp' | 'quic' | null;
  readonly scheme: 'http' | 'https' | 'ws' | 'wss' | null;
  readonly host: string;
  readonly port: number | null;
  /** Peer's address where the file has it. */
  readonly address: string | null;
  readonly protocol: HttpProtocol | null;
  readonly opened: number | null;
  readonly closed: number | null;
  /** DNS, TCP and TLS, as far as they were paid and told. `tls.from` lies inside nothing: `connect` here leaves TLS out. */
  readonly handshake: {
    readonly dns: Interval | null;
    readonly connect: Interval | null;
    readonly tls: Interval | null;
  };
  readonly tls: {
    readonly version: string | null;
    readonly cipher: string | null;
    readonly alpn: string | null;
    readonly resumed: boolean | null;
    readonly earlyData: boolean | null;
    /** Names the certificate covers, where the file shows it. */
    readonly certificateNames: readonly string[] | null;
  } | null;
  /** Chromium's socket pool group, such as `https://a.example` or `pm/https://a.example`; `pm/` means without credentials. */
  readonly group: string | null;
  readonly credentials: boolean | null;
  /** Why it was closed, in the file's words. */
  readonly closeReason: string | null;
  /** Indexes into `Recording.exchanges`, in order of sending. */
  readonly exchanges: readonly number[];
}

export type HttpProtocol = 'http/0.9' | 'http/1.0' | 'http/1.1' | 'h2' | 'h3';

/** From and to, `from <= to`. */
export interface Interval {
  readonly from: number;
  readonly to: number;
}

/** One request and what came of it. */
export interface Exchange {
  readonly index: number;
  /** Where it stands in the file: `log.entries[12]`, `source 341`. */
  readonly place: string;
  readonly page: string | null;
  readonly method: string;
  /** Without user, password and fragment. */
  readonly url: string;
  readonly scheme: string;
  readonly host: string;
  readonly port: number | null;
  /** As Chrome's `_resourceType` has it: `document`, `stylesheet`, `script`, `image`, `font`, `fetch`, `xhr` …; null where not told. */
  readonly resourceType: string | null;
  /** 0 where none came. */
  readonly status: number;
  readonly protocol: HttpProtocol | null;
  /** Who answered: the network, a cache, a service worker; or nobody. */
  readonly from: 'network' | 'cache' | 'service-worker' | 'push' | 'failed' | 'not-http';
  readonly failure: string | null;
  readonly address: string | null;
  /** Index into `Recording.connections`; null when it was on none, or nobody can tell. */
  readonly connection: number | null;
  readonly streamId: number | null;
  readonly start: number | null;
  readonly end: number | null;
  /** HAR's phases in milliseconds; null: not told, or not paid. `queueing` is the part of `blocked` before it was the browser's turn. */
  readonly timings: {
    readonly blocked: number | null;
    readonly queueing: number | null;
    readonly dns: number | null;
    /** Includes `ssl`, as HAR has it. */
    readonly connect: number | null;
    readonly ssl: number | null;
    readonly send: number | null;
    readonly wait: number | null;
    readonly receive: number | null;
  };
  /** Only these fields are kept; names in lower case, values as they came. */
  readonly requestFields: Readonly<Partial<Record<KeptRequestField, string>>>;
  readonly responseFields: Readonly<Partial<Record<KeptResponseField, string>>>;
  /** Whether the request carried cookies or authorisation: the fact, never the value. Null where headers were left out. */
  readonly credentials: boolean | null;
  readonly requestBytes: number | null;
  readonly responseBytes: number | null;
  readonly redirect: string | null;
}

export type KeptRequestField = 'connection' | 'origin' | 'sec-fetch-mode' | 'sec-fetch-dest' | 'early-data' | 'upgrade';
export type KeptResponseField =
  | 'connection'
  | 'keep-alive'
  | 'alt-svc'
  | 'content-length'
  | 'transfer-encoding'
  | 'server'
  | 'server-timing'
  | 'strict-transport-security'
  | 'access-control-allow-origin';

/** Something that a log saw happen to a connection or to a request, in the terms of the rules that read it. */
export type Incident = {
  readonly at: number;
  /** The event's name in the file. */
  readonly event: string;
  readonly connection: number | null;
  readonly exchange: number | null;
  /** Pool group or session it is about. */
  readonly group: string | null;
} & (
  | { readonly kind: 'pool-stall'; readonly until: number | null; readonly limit: 'group' | 'pool' }
  | { readonly kind: 'socket-closed-by-pool'; readonly reason: string }
  | {
      readonly kind: 'goaway';
      readonly code: number | null;
      readonly lastStreamId: number | null;
      readonly debug: string | null;
    }
  | { readonly kind: 'stream-limit'; readonly until: number | null; readonly limit: number | null }
  | { readonly kind: 'send-window-stall'; readonly until: number | null; readonly of: 'stream' | 'session' }
  | { readonly kind: 'restart'; readonly netError: number; readonly method: string; readonly url: string }
  | { readonly kind: 'never-used'; readonly idleMs: number }
  | { readonly kind: 'alt-svc-broken' }
);

/** Something that the reader passed over. */
export interface ReadWarning {
  /** `log.entries[3].timings.wait`, `events[1204]`, `byte 88213`. */
  readonly place: string;
  /** What is wrong and what was done about it. */
  readonly message: string;
  /** How many more of the same kind were counted and not listed. */
  readonly more?: number;
}

/** The file cannot be read at all. */
export class UnreadableRecording extends Error {
  override name = 'UnreadableRecording';
  /** Where: `byte 12`, `log.entries`. */
  readonly place: string;
  constructor(place: string, message: string) {
    super(`Cannot read this file: ${message} (${place}).`);
    this.place = place;
  }
}
