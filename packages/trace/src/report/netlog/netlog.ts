import { isHttp, targetOf } from '../address.ts';
import type { Connection, Exchange, HttpProtocol, Incident, Interval, Recording } from '../model.ts';
import { UnreadableRecording } from '../model.ts';
import { protocolOf } from '../protocol-name.ts';
import { numberOf, objectOf } from '../values.ts';
import { Warnings } from '../warnings.ts';
import { Gathered, type RawIncident, WANTED } from './gather.ts';
import { exchangeFields } from './headers.ts';
import { LogConstants } from './log.ts';
import type { Http2State, QuicState, RequestState, SocketState } from './state.ts';

/** Takes a Chromium NetLog piece by piece, and makes a recording of it. Sources are looked up by name, never by number. */
export class NetLogReader {
  readonly warnings: Warnings = new Warnings();
  readonly #log = new Gathered();
  #constants: LogConstants | null = null;
  #count = 0;

  /** Requests so far. */
  get count(): number {
    return this.#log.requests.length;
  }

  get hasConstants(): boolean {
    return this.#constants !== null;
  }

  constants(value: unknown): void {
    const constants = new LogConstants(objectOf(value) ?? {}, WANTED);
    if (!constants.usable) {
      throw new UnreadableRecording(
        'constants',
        'its constants hold no names for events, so that nothing can be told apart',
      );
    }
    this.#constants = constants;
  }

  /** False when the text of an event shows that nobody asks about it. */
  mayConcern(text: string): boolean {
    return this.#constants === null || this.#constants.mayConcern(text);
  }

  event(value: unknown, index: number): void {
    this.#count++;
    if (this.#constants === null) return;
    const event = this.#constants.event(value);
    if (event !== null) this.#log.take(event);
    else if (value === null) this.warnings.add(`events[${index}]`, 'An event that is no JSON was passed over.');
  }

  recording(complete: boolean): Recording {
    if (this.#constants === null) {
      throw new UnreadableRecording(
        'constants',
        'a NetLog without its constants: the beginning of the file is missing',
      );
    }
    return new Builder(this.#log, this.#constants, this.warnings).recording(complete);
  }
}

/** A source that is a connection. */
type Opened = { readonly socket: SocketState } | { readonly quic: QuicState };

/** Puts together what was gathered. */
class Builder {
  readonly #log: Gathered;
  readonly #constants: LogConstants;
  readonly #warnings: Warnings;
  readonly #zero: number;
  /** Places in the list of connections, by the sources that are connections. */
  readonly #sockets = new Map<number, number>();
  readonly #quic = new Map<number, number>();
  #sessions: Map<number | null, Http2State> | null = null;
  readonly #byRequest = new Map<RequestState, number>();

  constructor(log: Gathered, constants: LogConstants, warnings: Warnings) {
    this.#log = log;
    this.#constants = constants;
    this.#warnings = warnings;
    this.#zero = log.first ?? 0;
  }

  recording(complete: boolean): Recording {
    const opened: Opened[] = [
      ...[...this.#log.sockets.values()].filter(isConnected).map((socket) => ({ socket })),
      ...[...this.#log.quic.values()].filter(({ heard }) => heard).map((quic) => ({ quic })),
    ].sort((a, b) => openedAt(a) - openedAt(b));
    for (const [place, one] of opened.entries()) {
      if ('socket' in one) this.#sockets.set(one.socket.id, place);
      else this.#quic.set(one.quic.id, place);
    }
    const requests = this.#log.requests
      .filter(({ url }) => isHttp(targetOf(url).scheme))
      .sort((a, b) => a.start - b.start);
    const used: number[][] = opened.map(() => []);
    const firsts = new Set<number>();
    const exchanges = requests.map((request, index) => {
      const connection = this.#connectionOf(request);
      this.#byRequest.set(request, index);
      if (connection !== null) used[connection]?.push(index);
      const isFirst = connection !== null && !firsts.has(connection);
      if (connection !== null) firsts.add(connection);
      const carrier = connection === null ? null : (opened[connection] ?? null);
      return this.#exchange(request, index, connection, carrier, isFirst);
    });
    const connections = opened.map((one, place) =>
      'socket' in one
        ? this.#tcp(one.socket, used[place] as number[], exchanges)
        : this.#overQuic(one.quic, used[place] as number[]),
    );
    const { offset } = this.#constants;
    return {
      kind: 'netlog',
      writer: this.#constants.writer,
      formatVersion: this.#constants.formatVersion,
      startedAt: offset === null ? null : offset + this.#zero,
      pages: [],
      connections,
      exchanges,
      incidents: [...this.#incidents(), ...this.#neverUsed()].sort((a, b) => a.at - b.at),
      warnings: this.#warnings.list(),
      complete,
    };
  }

  #time(at: number | null): number | null {
    return at === null ? null : at - this.#zero;
  }

  #span(from: number | null, to: number | null): Interval | null {
    return from === null || to === null || to < from ? null : { from: from - this.#zero, to: to - this.#zero };
  }

  #connectionOf({ job, quic }: RequestState): number | null {
    const bound = job === null ? undefined : this.#log.jobs.get(job);
    const overQuic = quic ?? bound?.quic ?? null;
    if (overQuic !== null) return this.#quic.get(overQuic) ?? null;
    const session = bound?.http2 === null || bound === undefined ? undefined : this.#log.http2.get(bound.http2);
    const socket = session?.socket ?? bound?.socket ?? null;
    return socket === null ? null : (this.#sockets.get(socket) ?? null);
  }

  #exchange(
    request: RequestState,
    index: number,
    connection: number | null,
    opened: Opened | null,
    isFirst: boolean,
  ): Exchange {
    const target = targetOf(request.url);
    const { fields, status, protocol } = exchangeFields(request);
    const job = request.job === null ? undefined : this.#log.jobs.get(request.job);
    const network = request.sendFrom !== null || connection !== null;
    const failure = request.netError === null ? null : `net error ${request.netError}`;
    const last = request.end ?? request.headersTo;
    // A damaged file can hold an end before the start: then neither is told.
    const end = last === null || last < request.start ? null : last;
    return {
      index,
      place: `source ${request.source}`,
      page: null,
      method: request.method,
      ...target,
      resourceType: null,
      status,
      protocol: protocol ?? this.#protocolOn(opened),
      from: status === 0 && failure !== null ? 'failed' : network ? 'network' : request.fromCache ? 'cache' : 'failed',
      failure,
      address: null,
      connection,
      streamId: job?.http2 != null ? (job.streamId ?? null) : null,
      start: request.start - this.#zero,
      end: end === null ? null : end - this.#zero,
      timings: phases(request, isFirst ? opened : null),
      ...fields,
      credentials: request.privacyMode === null ? fields.credentials : request.privacyMode ? false : fields.credentials,
      requestBytes: null,
      responseBytes: null,
      redirect: null,
    };
  }

  /** What the connection speaks. */
  #protocolOn(opened: Opened | null): HttpProtocol | null {
    if (opened === null) return null;
    if ('quic' in opened) return 'h3';
    const session = this.#sessionOn(opened.socket);
    return protocolOf(opened.socket.tls?.alpn ?? null) ?? (session === undefined ? 'http/1.1' : 'h2');
  }

  #sessionOn(socket: SocketState): Http2State | undefined {
    this.#sessions ??= new Map([...this.#log.http2.values()].map((session) => [session.socket, session]));
    return this.#sessions.get(socket.id);
  }

  #tcp(socket: SocketState, used: readonly number[], exchanges: readonly Exchange[]): Connection {
    const group = socket.group ?? (socket.job === null ? null : (this.#log.groups.get(socket.job) ?? null));
    const session = this.#sessionOn(socket);
    const where = originOfGroup(group) ?? hostOf(session?.host ?? null) ?? exchanges[used[0] ?? -1] ?? null;
    const isTls = socket.tlsFrom !== null;
    return {
      id: String(socket.id),
      sure: 'measured',
      why: 'the log names it',
      transport: 'tcp',
      scheme: isTls ? 'https' : 'http',
      host: where?.host ?? '',
      port: where?.port ?? null,
      address: socket.address,
      protocol: this.#protocolOn({ socket }),
      opened: this.#time(socket.connectFrom),
      closed: this.#time(socket.closed),
      handshake: {
        dns: null,
        connect: this.#span(socket.connectFrom, socket.connectTo),
        tls: this.#span(socket.tlsFrom, socket.tlsTo),
      },
      tls: isTls
        ? {
            version: socket.tls?.version ?? null,
            cipher: socket.tls?.cipher ?? null,
            alpn: socket.tls?.alpn ?? null,
            resumed: socket.tls?.resumed ?? null,
            earlyData: null,
            certificateNames: socket.names,
          }
        : null,
      group,
      credentials: group === null ? null : !/(?:^|\/)pm\//.test(group),
      closeReason: socket.closeReason ?? session?.closeReason ?? null,
      exchanges: used,
    };
  }

  #overQuic(quic: QuicState, used: readonly number[]): Connection {
    const origin = `https://${quic.host}${quic.port === null || quic.port === 443 ? '' : `:${quic.port}`}`;
    return {
      id: String(quic.id),
      sure: 'measured',
      why: 'the log names it',
      transport: 'quic',
      scheme: 'https',
      host: quic.host,
      port: quic.port,
      address: quic.address,
      protocol: 'h3',
      opened: quic.opened - this.#zero,
      closed: this.#time(quic.closed),
      handshake: { dns: null, connect: null, tls: this.#span(quic.opened, quic.established) },
      tls: {
        version: 'TLS 1.3',
        cipher: null,
        alpn: 'h3',
        resumed: null,
        earlyData: quic.early,
        certificateNames: quic.names,
      },
      group: quic.credentials === false ? `pm/${origin}` : origin,
      credentials: quic.credentials,
      closeReason: quic.closeReason,
      exchanges: used,
    };
  }

  #incidents(): Incident[] {
    const byJob = new Map<number, number>();
    for (const [request, index] of this.#byRequest) if (request.job !== null) byJob.set(request.job, index);
    return this.#log.incidents.map((raw) => {
      const { connection, exchange } = this.#about(raw, byJob);
      const common = { at: raw.at - this.#zero, event: raw.event, connection, exchange, group: raw.group };
      const { what } = raw;
      if (!('until' in what)) return { ...common, ...what };
      const until = what.until === null || what.until < raw.at ? null : this.#time(what.until);
      if (what.kind === 'send-window-stall') return { ...common, kind: what.kind, until, of: what.of };
      return { ...common, ...what, until };
    });
  }

  #about(raw: RawIncident, byJob: ReadonlyMap<number, number>): { connection: number | null; exchange: number | null } {
    switch (raw.sourceType) {
      case 'SOCKET':
        return { connection: this.#sockets.get(raw.source) ?? null, exchange: null };
      case 'HTTP2_SESSION': {
        const socket = this.#log.http2.get(raw.source)?.socket ?? null;
        return { connection: socket === null ? null : (this.#sockets.get(socket) ?? null), exchange: null };
      }
      case 'QUIC_SESSION':
        return { connection: this.#quic.get(raw.source) ?? null, exchange: null };
      case 'HTTP_STREAM_JOB':
        return { connection: null, exchange: byJob.get(raw.source) ?? null };
      case 'URL_REQUEST': {
        const restart = raw.what.kind === 'restart' ? raw.what.url : null;
        for (const [request, index] of this.#byRequest) {
          if (request.source === raw.source && (restart === null || request.url === restart)) {
            return { connection: this.#connectionOf(request), exchange: index };
          }
        }
        return { connection: null, exchange: null };
      }
      default:
        return { connection: null, exchange: null };
    }
  }

  /** Sockets that were connected and that nobody asked for anything. */
  #neverUsed(): Incident[] {
    const found: Incident[] = [];
    for (const [id, connection] of this.#sockets) {
      const socket = this.#log.sockets.get(id) as SocketState;
      const ready = socket.tlsTo ?? socket.connectTo;
      if (socket.firstUse !== null || ready === null) continue;
      found.push({
        kind: 'never-used',
        at: ready - this.#zero,
        event: 'SOCKET_ALIVE',
        connection,
        exchange: null,
        group: socket.group,
        idleMs: Math.max(0, (socket.closed ?? this.#log.last) - ready),
      });
    }
    return found;
  }
}

function openedAt(one: Opened): number {
  return 'socket' in one ? (one.socket.connectFrom ?? one.socket.connectTo ?? 0) : one.quic.opened;
}

function isConnected({ connectTo, failed, tlsFrom, tlsTo }: SocketState): boolean {
  return connectTo !== null && !failed && (tlsFrom === null || tlsTo !== null);
}

/** HAR's phases of a request; the handshake counts where this request was the first on its connection. */
function phases(request: RequestState, opened: Opened | null): Exchange['timings'] {
  const ready = request.streamTo ?? request.sendFrom;
  let connect: number | null = null;
  let ssl: number | null = null;
  let blocked = ready === null ? null : Math.max(0, ready - request.start);
  if (opened !== null && 'socket' in opened) {
    const { connectFrom, connectTo, tlsFrom, tlsTo } = opened.socket;
    const to = tlsTo ?? connectTo;
    if (connectFrom !== null && to !== null && connectFrom >= request.start) {
      connect = to - connectFrom;
      ssl = tlsFrom !== null && tlsTo !== null ? tlsTo - tlsFrom : null;
      blocked = Math.max(0, connectFrom - request.start);
    }
  } else if (opened !== null && 'quic' in opened) {
    const { opened: from, established } = opened.quic;
    if (established !== null && from >= request.start) {
      connect = ssl = established - from;
      blocked = Math.max(0, from - request.start);
    }
  }
  const span = (from: number | null, to: number | null): number | null =>
    from === null || to === null || to < from ? null : to - from;
  return {
    blocked,
    queueing: null,
    dns: null,
    connect,
    ssl,
    send: span(request.sendFrom, request.sendTo),
    wait: span(request.sendTo, request.headersTo),
    receive: span(request.headersTo, request.end),
  };
}

/** `pm/https://a.example:8443`, or of older logs `ssl/a.example:443`. */
function originOfGroup(group: string | null): { host: string; port: number | null } | null {
  if (group === null) return null;
  const url = /(?:https?|wss?):\/\/[^\s]+/.exec(group)?.[0];
  if (url !== undefined) {
    const { host, port } = targetOf(url);
    return host === '' ? null : { host, port };
  }
  return hostOf(group.replace(/^.*\//, ''));
}

function hostOf(text: string | null): { host: string; port: number | null } | null {
  const found = /^\[?([^\s\]]+?)\]?:(\d+)$/.exec(text ?? '');
  return found === null ? null : { host: (found[1] as string).toLowerCase(), port: numberOf(found[2]) };
}
