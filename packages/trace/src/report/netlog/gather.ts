import { addressOf } from '../address.ts';
import { type Json, listOf, numberOf, textOf } from '../values.ts';
import { certificateNames } from './certificate.ts';
import { dependency, type LogEvent } from './log.ts';
import {
  type Http2State,
  type JobState,
  newJob,
  newRequest,
  newSocket,
  type QuicState,
  type RequestState,
  type SocketState,
} from './state.ts';

/** An incident whose connection and exchange are still sources of the log. */
export interface RawIncident {
  readonly at: number;
  readonly event: string;
  readonly source: number;
  readonly sourceType: string;
  readonly group: string | null;
  readonly what:
    | { kind: 'pool-stall'; until: number | null; limit: 'group' | 'pool' }
    | { kind: 'socket-closed-by-pool'; reason: string }
    | { kind: 'goaway'; code: number | null; lastStreamId: number | null; debug: string | null }
    | { kind: 'stream-limit'; until: number | null; limit: number | null }
    | { kind: 'send-window-stall'; until: number | null; of: 'stream' | 'session'; streamId: number | null }
    | { kind: 'restart'; netError: number; method: string; url: string }
    | { kind: 'alt-svc-broken' };
}

type Handler = (log: Gathered, event: LogEvent) => void;

/** Everything that is known of the sources of a log. */
export class Gathered {
  readonly sockets: Map<number, SocketState> = new Map();
  readonly http2: Map<number, Http2State> = new Map();
  readonly quic: Map<number, QuicState> = new Map();
  readonly jobs: Map<number, JobState> = new Map();
  readonly requests: RequestState[] = [];
  readonly incidents: RawIncident[] = [];
  /** Group of a connect job. */
  readonly groups: Map<number, string> = new Map();
  first: number | null = null;
  last = 0;
  /** The request that a URL_REQUEST is at; a redirect begins another. */
  readonly current: Map<number, RequestState> = new Map();
  /** Stalls that have not ended, by what ends them. */
  readonly stalls: Map<string, { until: number | null }> = new Map();
  /** By session: streams that were created when others began to wait, and whose HEADERS are not sent yet. */
  readonly created: Map<number, number> = new Map();

  take(event: LogEvent): void {
    this.first ??= event.time;
    this.last = Math.max(this.last, event.time);
    HANDLERS[event.name]?.(this, event);
  }

  socket(id: number): SocketState {
    return get(this.sockets, id, newSocket);
  }

  job(id: number): JobState {
    return get(this.jobs, id, newJob);
  }

  session(id: number): Http2State {
    return get(this.http2, id, (made) => ({ id: made, host: null, socket: null, closeReason: null }));
  }

  incident({ time, name, source, sourceType }: LogEvent, group: string | null, what: RawIncident['what']): void {
    this.incidents.push({ at: time, event: name, source, sourceType, group, what });
  }
}

function get<T>(map: Map<number, T>, id: number, make: (id: number) => T): T {
  let found = map.get(id);
  if (found === undefined) {
    found = make(id);
    map.set(id, found);
  }
  return found;
}

/** `pm/https://a.example <https://site same_site>`: who shares sockets. What stands in brackets is the site that asked. */
function groupOf(params: Json): string | null {
  const group = textOf(params['group_id']) ?? textOf(params['group_name']);
  return group === null ? null : group.replace(/\s*<.*$/, '').trim() || null;
}

/** `0 (NO_ERROR)`, or the number alone. */
function codeOf(value: unknown): number | null {
  return numberOf(/^-?\d+/.exec(textOf(value) ?? '')?.[0]);
}

function headerLines(params: Json): string[] {
  return listOf(params['headers']).filter((line) => typeof line === 'string') as string[];
}

const request = (log: Gathered, event: LogEvent): RequestState | undefined => log.current.get(event.source);

const endStall = (log: Gathered, key: string, time: number): void => {
  const stall = log.stalls.get(key);
  if (stall !== undefined) stall.until = time;
  log.stalls.delete(key);
};

const sendHeaders: Handler = (log, event) => {
  const found = request(log, event);
  if (found !== undefined) found.requestHeaders = headerLines(event.params);
};

const poolStall =
  (limit: 'group' | 'pool'): Handler =>
  (log, event) => {
    const what = { kind: 'pool-stall' as const, until: null, limit };
    log.incident(event, log.jobs.get(event.source)?.group ?? null, what);
    log.stalls.set(`pool ${event.source}`, what);
  };

const bindHttp2: Handler = (log, event) => {
  log.job(event.source).http2 = dependency(event.params);
};

const bindQuic: Handler = (log, event) => {
  log.job(event.source).quic = dependency(event.params);
};

const windowStall =
  (of: 'stream' | 'session'): Handler =>
  (log, event) => {
    const streamId = numberOf(event.params['stream_id']);
    const what = { kind: 'send-window-stall' as const, until: null, of, streamId };
    log.incident(event, null, what);
    log.stalls.set(`window ${event.source} ${streamId}`, what);
  };

const quicClosed: Handler = (log, event) => {
  const session = log.quic.get(event.source);
  if (session === undefined) return;
  session.closed ??= event.time;
  session.closeReason ??= textOf(event.params['details']);
};

/** What each event adds; events without a line here are passed over unread. */
const HANDLERS: Readonly<Record<string, Handler>> = {
  // Sockets
  SOCKET_ALIVE(log, event) {
    if (event.sourceType !== 'SOCKET') return;
    const socket = log.socket(event.source);
    if (event.phase === 'begin') socket.job = dependency(event.params);
    else if (event.phase === 'end') socket.closed = event.time;
  },
  TCP_CONNECT(log, event) {
    const socket = log.socket(event.source);
    if (event.phase === 'begin') socket.connectFrom = event.time;
    else if (event.phase === 'end') {
      socket.connectTo = event.time;
      socket.failed = event.params['net_error'] !== undefined;
      // `source_address` of older logs is this end's own: the peer's is the one that was attempted.
      socket.address = addressOf(textOf(event.params['remote_address'])) ?? socket.address;
    }
  },
  TCP_CONNECT_ATTEMPT(log, event) {
    const socket = log.socket(event.source);
    if (event.phase === 'begin') socket.address = addressOf(textOf(event.params['address'])) ?? socket.address;
  },
  SSL_CONNECT(log, event) {
    const socket = log.socket(event.source);
    if (event.phase === 'begin') socket.tlsFrom = event.time;
    else if (event.phase === 'end') {
      socket.tlsTo = event.time;
      const { params } = event;
      if (params['net_error'] !== undefined) socket.failed = true;
      const resumed = params['is_resumed'];
      socket.tls = {
        version: textOf(params['version']),
        cipher: cipherName(numberOf(params['cipher_suite'])),
        alpn: textOf(params['next_proto']),
        resumed: typeof resumed === 'boolean' ? resumed : null,
      };
    }
  },
  SSL_CERTIFICATES_RECEIVED(log, event) {
    const leaf = textOf(listOf(event.params['certificates'])[0]);
    if (leaf !== null) log.socket(event.source).names = certificateNames(leaf);
  },
  SOCKET_IN_USE(log, event) {
    if (event.phase === 'begin') log.socket(event.source).firstUse ??= event.time;
  },
  SOCKET_POOL_CLOSING_SOCKET(log, event) {
    const reason = textOf(event.params['reason']) ?? '';
    const socket = log.socket(event.source);
    socket.closeReason = reason || null;
    log.incident(event, socket.group, { kind: 'socket-closed-by-pool', reason });
  },
  SOCKET_POOL_CONNECT_JOB_CREATED(log, event) {
    const group = groupOf(event.params);
    if (group !== null) log.groups.set(event.source, group);
  },
  SOCKET_POOL_CONNECT_JOB(log, event) {
    const group = groupOf(event.params);
    if (group !== null) log.groups.set(event.source, group);
  },
  CONNECT_JOB(log, event) {
    const group = groupOf(event.params);
    if (group !== null) log.groups.set(event.source, group);
  },

  // Jobs
  TCP_CLIENT_SOCKET_POOL_REQUESTED_SOCKET(log, event) {
    log.job(event.source).group = groupOf(event.params);
  },
  SOCKET_POOL_STALLED_MAX_SOCKETS_PER_GROUP: poolStall('group'),
  SOCKET_POOL_STALLED_MAX_SOCKETS: poolStall('pool'),
  SOCKET_POOL_BOUND_TO_SOCKET(log, event) {
    const job = log.job(event.source);
    job.socket = dependency(event.params);
    if (job.socket !== null) log.socket(job.socket).group ??= job.group;
    endStall(log, `pool ${event.source}`, event.time);
  },
  SOCKET_POOL(log, event) {
    if (event.phase === 'end') endStall(log, `pool ${event.source}`, event.time);
  },
  HTTP2_SESSION_POOL_FOUND_EXISTING_SESSION: bindHttp2,
  HTTP2_SESSION_POOL_FOUND_EXISTING_SESSION_FROM_IP_POOL: bindHttp2,
  HTTP2_SESSION_POOL_IMPORTED_SESSION_FROM_SOCKET: bindHttp2,
  HTTP_STREAM_JOB_HTTP2_SESSION_AVAILABLE: bindHttp2,
  QUIC_SESSION_POOL_USE_EXISTING_SESSION: bindQuic,
  QUIC_SESSION_POOL_ATTACH_HTTP_STREAM_JOB_TO_EXISTING_SESSION(log, event) {
    // Told by the session about the job.
    const job = dependency(event.params);
    if (job !== null) log.job(job).quic = event.source;
  },
  HTTP_STREAM_JOB_BOUND_TO_REQUEST(log, event) {
    if (event.sourceType !== 'HTTP_STREAM_JOB') return;
    log.job(event.source).request = dependency(event.params);
  },
  HTTP_STREAM_JOB_CONTROLLER_ALT_SVC_FOUND(log, event) {
    if (event.params['broken'] === true) log.incident(event, null, { kind: 'alt-svc-broken' });
  },

  // HTTP/2 sessions
  HTTP2_SESSION(log, event) {
    if (event.phase !== 'end') log.session(event.source).host = textOf(event.params['host']);
  },
  HTTP2_SESSION_INITIALIZED(log, event) {
    log.session(event.source).socket = dependency(event.params);
  },
  HTTP2_SESSION_SEND_HEADERS(log, event) {
    const job = dependency(event.params);
    if (job !== null) log.job(job).streamId = numberOf(event.params['stream_id']);
    const created = log.created.get(event.source) ?? 0;
    if (created > 0) log.created.set(event.source, created - 1);
    else endStall(log, `streams ${event.source}`, event.time);
  },
  HTTP2_SESSION_RECV_GOAWAY(log, event) {
    const { params } = event;
    log.incident(event, null, {
      kind: 'goaway',
      code: codeOf(params['error_code'] ?? params['status']),
      lastStreamId: numberOf(params['last_accepted_stream_id']),
      debug: textOf(params['debug_data'])?.slice(0, 200) ?? null,
    });
  },
  HTTP2_SESSION_STALLED_MAX_STREAMS(log, event) {
    const limit = numberOf(event.params['max_concurrent_streams']);
    const what = { kind: 'stream-limit' as const, until: null, limit };
    log.incident(event, null, what);
    if (log.stalls.has(`streams ${event.source}`)) return;
    log.stalls.set(`streams ${event.source}`, what);
    // Created streams have their place already: their HEADERS, which follow, end nobody's wait.
    log.created.set(event.source, numberOf(event.params['num_created_streams']) ?? 0);
  },
  HTTP2_SESSION_STREAM_STALLED_BY_SESSION_SEND_WINDOW: windowStall('session'),
  HTTP2_SESSION_STREAM_STALLED_BY_STREAM_SEND_WINDOW: windowStall('stream'),
  HTTP2_SESSION_SEND_DATA(log, event) {
    endStall(log, `window ${event.source} ${numberOf(event.params['stream_id'])}`, event.time);
  },
  HTTP2_SESSION_CLOSE(log, event) {
    log.session(event.source).closeReason = textOf(event.params['description']);
  },

  // QUIC sessions
  QUIC_SESSION(log, event) {
    if (event.phase === 'end') {
      quicClosed(log, event);
      return;
    }
    const { params } = event;
    const privacy = textOf(params['privacy_mode']);
    log.quic.set(event.source, {
      id: event.source,
      host: (textOf(params['host']) ?? '').toLowerCase(),
      port: numberOf(params['port']),
      opened: event.time,
      established: null,
      closed: null,
      closeReason: null,
      address: null,
      names: null,
      credentials: privacy === null ? null : privacy === 'disabled',
      early: null,
      heard: false,
    });
  },
  QUIC_SESSION_PACKET_RECEIVED(log, event) {
    const session = log.quic.get(event.source);
    if (session === undefined || session.heard) return;
    session.heard = true;
    session.address = addressOf(textOf(event.params['peer_address']));
  },
  QUIC_SESSION_CRYPTO_HANDSHAKE_COMPLETE(log, event) {
    const session = log.quic.get(event.source);
    if (session !== undefined) session.established ??= event.time;
  },
  QUIC_SESSION_CERTIFICATE_VERIFIED(log, event) {
    const session = log.quic.get(event.source);
    const names = listOf(event.params['subjects']).filter((name) => typeof name === 'string') as string[];
    if (session !== undefined && names.length > 0) session.names = names;
  },
  QUIC_SESSION_ZERO_RTT_STATE(log, event) {
    const session = log.quic.get(event.source);
    const state = textOf(event.params['state'])?.toLowerCase() ?? '';
    if (session !== undefined) session.early = state.includes('accepted') && !state.includes('not');
  },
  QUIC_SESSION_CLOSED: quicClosed,

  // Requests
  URL_REQUEST_START_JOB(log, event) {
    if (event.phase === 'end') {
      const found = request(log, event);
      const error = numberOf(event.params['net_error']);
      if (found !== undefined && error !== null && error !== 0) found.netError = error;
      return;
    }
    const url = textOf(event.params['url']);
    if (url === null) return;
    const previous = request(log, event);
    if (previous !== undefined) previous.end ??= event.time;
    const made = newRequest(event.source, url, event.time);
    made.method = textOf(event.params['method']) ?? 'GET';
    log.requests.push(made);
    log.current.set(event.source, made);
  },
  COMPUTED_PRIVACY_MODE(log, event) {
    const found = request(log, event);
    const mode = textOf(event.params['privacy_mode']);
    if (found !== undefined && mode !== null) found.privacyMode = mode !== 'disabled';
  },
  HTTP_STREAM_REQUEST(log, event) {
    const found = request(log, event);
    if (found === undefined) return;
    if (event.phase === 'begin') found.streamFrom ??= event.time;
    else if (event.phase === 'end') found.streamTo = event.time;
  },
  HTTP_STREAM_REQUEST_BOUND_TO_JOB(log, event) {
    const found = request(log, event);
    if (found !== undefined) found.job = dependency(event.params);
  },
  HTTP_STREAM_REQUEST_BOUND_TO_QUIC_SESSION(log, event) {
    const found = request(log, event);
    if (found !== undefined) found.quic = dependency(event.params);
  },
  HTTP_TRANSACTION_SEND_REQUEST(log, event) {
    const found = request(log, event);
    if (found === undefined) return;
    if (event.phase === 'begin') found.sendFrom = event.time;
    else if (event.phase === 'end') found.sendTo = event.time;
  },
  HTTP_TRANSACTION_SEND_REQUEST_HEADERS: sendHeaders,
  HTTP_TRANSACTION_HTTP2_SEND_REQUEST_HEADERS: sendHeaders,
  HTTP_TRANSACTION_QUIC_SEND_REQUEST_HEADERS: sendHeaders,
  HTTP_TRANSACTION_READ_RESPONSE_HEADERS(log, event) {
    const found = request(log, event);
    if (found === undefined) return;
    found.responseHeaders = headerLines(event.params);
    found.headersTo = event.time;
  },
  HTTP_TRANSACTION_READ_BODY(log, event) {
    const found = request(log, event);
    if (found !== undefined && event.phase === 'end') found.end = event.time;
  },
  HTTP_TRANSACTION_RESTART_AFTER_ERROR(log, event) {
    const found = request(log, event);
    const netError = numberOf(event.params['net_error']);
    if (found === undefined || netError === null) return;
    log.incident(event, null, { kind: 'restart', netError, method: found.method, url: found.url });
  },
  HTTP_CACHE_READ_INFO(log, event) {
    const found = request(log, event);
    if (found !== undefined) found.fromCache = true;
  },
  FAILED(log, event) {
    const found = request(log, event);
    if (found !== undefined) found.netError = numberOf(event.params['net_error']) ?? found.netError;
  },
  CANCELLED(log, event) {
    const found = request(log, event);
    if (found !== undefined) found.netError = numberOf(event.params['net_error']) ?? found.netError;
  },
  REQUEST_ALIVE(log, event) {
    const found = request(log, event);
    if (found === undefined || event.phase !== 'end') return;
    found.end ??= event.time;
    log.current.delete(event.source);
  },
};

/** The events that are read, by name. */
export const WANTED: ReadonlySet<string> = new Set(Object.keys(HANDLERS));

/** IANA names of the suites of TLS 1.3; older ones keep their number. */
function cipherName(id: number | null): string | null {
  if (id === null) return null;
  return TLS13.get(id) ?? `0x${id.toString(16).padStart(4, '0')}`;
}

const TLS13: ReadonlyMap<number, string> = new Map([
  [0x1301, 'TLS_AES_128_GCM_SHA256'],
  [0x1302, 'TLS_AES_256_GCM_SHA384'],
  [0x1303, 'TLS_CHACHA20_POLY1305_SHA256'],
]);
