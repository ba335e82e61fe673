/** What a NetLog tells of its sources, gathered while its events pass. Times are the log's own. */

/** A TCP socket, with TLS or without. */
export interface SocketState {
  readonly id: number;
  job: number | null;
  connectFrom: number | null;
  connectTo: number | null;
  tlsFrom: number | null;
  tlsTo: number | null;
  failed: boolean;
  address: string | null;
  tls: { version: string | null; cipher: string | null; alpn: string | null; resumed: boolean | null } | null;
  names: string[] | null;
  group: string | null;
  firstUse: number | null;
  closed: number | null;
  closeReason: string | null;
}

/** An HTTP/2 session on a socket. */
export interface Http2State {
  readonly id: number;
  host: string | null;
  socket: number | null;
  closeReason: string | null;
}

/** A QUIC session: a connection by itself. */
export interface QuicState {
  readonly id: number;
  host: string;
  port: number | null;
  opened: number;
  established: number | null;
  closed: number | null;
  closeReason: string | null;
  address: string | null;
  names: string[] | null;
  credentials: boolean | null;
  early: boolean | null;
  heard: boolean;
}

/** What looks for a stream for one request, or several jobs of it. */
export interface JobState {
  readonly id: number;
  group: string | null;
  socket: number | null;
  http2: number | null;
  quic: number | null;
  request: number | null;
  streamId: number | null;
}

/** One request on its way, redirects apart. */
export interface RequestState {
  readonly source: number;
  readonly url: string;
  method: string;
  start: number;
  /** The stream was asked for, and was there. */
  streamFrom: number | null;
  streamTo: number | null;
  sendFrom: number | null;
  sendTo: number | null;
  headersTo: number | null;
  end: number | null;
  job: number | null;
  quic: number | null;
  requestHeaders: readonly string[];
  responseHeaders: readonly string[];
  netError: number | null;
  privacyMode: boolean | null;
  fromCache: boolean;
}

export function newSocket(id: number): SocketState {
  return {
    id,
    job: null,
    connectFrom: null,
    connectTo: null,
    tlsFrom: null,
    tlsTo: null,
    failed: false,
    address: null,
    tls: null,
    names: null,
    group: null,
    firstUse: null,
    closed: null,
    closeReason: null,
  };
}

export function newJob(id: number): JobState {
  return { id, group: null, socket: null, http2: null, quic: null, request: null, streamId: null };
}

export function newRequest(source: number, url: string, start: number): RequestState {
  return {
    source,
    url,
    method: 'GET',
    start,
    streamFrom: null,
    streamTo: null,
    sendFrom: null,
    sendTo: null,
    headersTo: null,
    end: null,
    job: null,
    quic: null,
    requestHeaders: [],
    responseHeaders: [],
    netError: null,
    privacyMode: null,
    fromCache: false,
  };
}
