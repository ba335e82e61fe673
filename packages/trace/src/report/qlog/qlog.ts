import { targetOf } from '../address.ts';
import type { Connection, Exchange, HttpProtocol, Incident, Recording } from '../model.ts';
import { dateOf, type Json, listOf, numberOf, objectOf, textOf } from '../values.ts';
import { Warnings } from '../warnings.ts';

/** A stream, or an exchange of HTTP/1.1, while its frames pass. */
interface Stream {
  readonly id: number;
  readonly start: number;
  end: number | null;
  headersAt: number | null;
  readonly fields: Map<string, string>;
  readonly response: Map<string, string>;
  startLine: string | null;
  statusLine: string | null;
}

interface Trace {
  readonly id: string;
  readonly isClient: boolean;
  opened: number | null;
  closed: number | null;
  closeReason: string | null;
  handshakeTo: number | null;
  protocol: HttpProtocol | null;
  transport: 'tcp' | 'quic' | null;
  readonly streams: Map<number, Stream>;
}

/** Takes a qlog (drafts from 0.3 on, contained or as a sequence, and our own): one connection for each `group_id`. */
export class QlogReader {
  readonly warnings: Warnings = new Warnings();
  readonly #traces = new Map<string, Trace>();
  readonly #incidents: Incident[] = [];
  #writer: string | null = null;
  #version: string | null = null;
  #reference: number | null = null;
  #common: Json = {};
  #vantage: Json = {};
  #first: number | null = null;
  /** Of the event before, where times are told from one event to the next. */
  #before = 0;

  get count(): number {
    return [...this.#traces.values()].reduce((sum, { streams }) => sum + streams.size, 0);
  }

  /** The record at the head of a sequence, or the object around the traces. */
  header(value: unknown): void {
    const header = objectOf(value);
    if (header === null) return;
    this.#version = textOf(header['qlog_version']) ?? textOf(header['file_schema']) ?? this.#version;
    const trace = objectOf(header['trace']) ?? {};
    this.common(trace['common_fields'] ?? header['common_fields']);
    this.vantage(trace['vantage_point'] ?? header['vantage_point']);
  }

  common(value: unknown): void {
    this.#common = objectOf(value) ?? this.#common;
    const reference = this.#common['reference_time'];
    const wall = textOf(objectOf(reference)?.['wall_clock_time']);
    const at = wall === null ? numberOf(reference) : Date.parse(wall);
    if (at !== null && Number.isFinite(at)) this.#reference = at;
  }

  vantage(value: unknown): void {
    this.#vantage = objectOf(value) ?? this.#vantage;
    this.#writer = textOf(this.#vantage['name']) ?? this.#writer;
  }

  event(value: unknown, index: number): void {
    const event = objectOf(value);
    const name = textOf(event?.['name']);
    const told = numberOf(event?.['time']);
    if (event === null || name === null || told === null) {
      this.warnings.add(`events[${index}]`, 'An event without a name or a time was passed over.');
      return;
    }
    const time = this.#fromPrevious ? this.#before + told : told;
    this.#before = time;
    this.#first ??= time;
    const group = textOf(event['group_id']) ?? textOf(this.#common['group_id']) ?? textOf(this.#common['ODCID']) ?? '1';
    this.#take(this.#trace(group), name, time - (this.#first ?? 0), objectOf(event['data']) ?? {});
  }

  recording(complete: boolean): Recording {
    const exchanges: Exchange[] = [];
    const connections: Connection[] = [...this.#traces.values()].map((trace) => {
      const at = this.#connections.get(trace) ?? 0;
      const own = [...trace.streams.values()].filter((stream) => stream.fields.size > 0 || stream.startLine !== null);
      const used = own.map((stream) => exchanges.push(exchangeOf(stream, trace, exchanges.length, at)) - 1);
      const first = exchanges[used[0] ?? -1];
      return {
        id: trace.id,
        sure: 'measured',
        why: 'the file is the log of this connection',
        transport: trace.transport,
        scheme:
          trace.protocol === 'h3' ? 'https' : first?.scheme === 'http' ? 'http' : first === undefined ? null : 'https',
        host: first?.host ?? '',
        port: first?.port ?? null,
        address: null,
        protocol: trace.protocol,
        opened: trace.opened,
        closed: trace.closed,
        handshake: {
          dns: null,
          connect: null,
          tls:
            trace.opened !== null && trace.handshakeTo !== null && trace.handshakeTo >= trace.opened
              ? { from: trace.opened, to: trace.handshakeTo }
              : null,
        },
        tls: null,
        group: null,
        credentials: null,
        closeReason: trace.closeReason,
        exchanges: used,
      };
    });
    // In order of time, with the places that the connections know kept right.
    const order = exchanges
      .map((_, index) => index)
      .sort((a, b) => startOf(exchanges, a) - startOf(exchanges, b) || a - b);
    const place = new Map(order.map((from, to) => [from, to]));
    return {
      kind: 'qlog',
      writer: this.#writer,
      formatVersion: this.#version,
      startedAt: this.#startedAt,
      pages: [],
      connections: connections.map((one) => ({
        ...one,
        exchanges: one.exchanges.map((index) => place.get(index) as number),
      })),
      exchanges: order.map((from, index) => ({ ...(exchanges[from] as Exchange), index, place: `stream ${from}` })),
      incidents: this.#incidents,
      warnings: this.warnings.list(),
      complete,
    };
  }

  /** `delta` is what drafts before 05 called it. */
  get #fromPrevious(): boolean {
    const format = textOf(this.#common['time_format']);
    return format === 'relative_to_previous_event' || format === 'delta';
  }

  /** Epoch milliseconds of the first event: what times count from. Absolute times are that themselves. */
  get #startedAt(): number | null {
    if (this.#first === null) return this.#reference;
    if (this.#reference !== null && this.#reference > 0) return this.#reference + this.#first;
    return dateOf(this.#first);
  }

  readonly #connections = new Map<Trace, number>();

  #trace(id: string): Trace {
    let trace = this.#traces.get(id);
    if (trace === undefined) {
      trace = {
        id,
        isClient: textOf(this.#vantage['type']) === 'client',
        opened: null,
        closed: null,
        closeReason: null,
        handshakeTo: null,
        protocol: null,
        transport: null,
        streams: new Map(),
      };
      this.#connections.set(trace, this.#traces.size);
      this.#traces.set(id, trace);
    }
    return trace;
  }

  #take(trace: Trace, name: string, time: number, data: Json): void {
    const [schema = '', event = ''] = name.split(':');
    trace.opened ??= time;
    if (event === 'connection_started') trace.opened = time;
    else if (event === 'connection_closed' || (schema === 'conn' && event === 'closed')) {
      trace.closed = time;
      trace.closeReason = textOf(data['reason']) ?? textOf(data['message']) ?? null;
    } else if (event === 'handshake_done' || textOf(data['new']) === 'handshake_confirmed') trace.handshakeTo = time;
    else if (event === 'frame_parsed' || event === 'frame_created') {
      trace.protocol = schema === 'http2' ? 'h2' : 'h3';
      trace.transport = schema === 'http2' ? 'tcp' : 'quic';
      this.#frame(trace, event === 'frame_parsed', time, data);
    } else if (event === 'message_parsed' || event === 'message_created') {
      trace.protocol = 'http/1.1';
      trace.transport = 'tcp';
      this.#message(trace, time, data);
    }
  }

  #frame(trace: Trace, parsed: boolean, time: number, data: Json): void {
    const frame = objectOf(data['frame']) ?? {};
    const type = textOf(frame['frame_type'])?.toLowerCase();
    if (type === 'goaway' && parsed && trace.isClient) {
      this.#incidents.push({
        at: time,
        event: 'goaway',
        connection: this.#connections.get(trace) ?? null,
        exchange: null,
        group: null,
        kind: 'goaway',
        code: numberOf(frame['error_code']),
        lastStreamId: numberOf(frame['id']),
        debug: null,
      });
      return;
    }
    const id = numberOf(data['stream_id']);
    if (id === null || (type !== 'headers' && type !== 'data')) return;
    const stream = this.#stream(trace, id, time);
    const at = this.#passed(stream, time);
    if (type !== 'headers') return;
    const isRequest = parsed !== trace.isClient;
    if (!isRequest) stream.headersAt ??= at;
    addFields(isRequest ? stream.fields : stream.response, frame['headers']);
  }

  #message(trace: Trace, time: number, data: Json): void {
    const id = numberOf(data['exchange']);
    if (id === null) return;
    const stream = this.#stream(trace, id, time);
    const at = this.#passed(stream, time);
    const kind = textOf(data['message_type']);
    if (kind === 'request') {
      stream.startLine = textOf(data['start_line']) ?? '';
      addFields(stream.fields, data['headers']);
    } else if (kind === 'response') {
      stream.statusLine = textOf(data['start_line']) ?? '';
      stream.headersAt ??= at;
      addFields(stream.response, data['headers']);
    }
  }

  /** Notes that something of the stream passed, never before what passed already: a log need not be in order. Returns when. */
  #passed(stream: Stream, time: number): number {
    const before = stream.end ?? stream.start;
    if (time < before) {
      this.warnings.add(
        `stream ${stream.id}`,
        'An event is told earlier than one written before it; it counts as of the same time.',
      );
    }
    stream.end = Math.max(before, time);
    return stream.end;
  }

  #stream(trace: Trace, id: number, time: number): Stream {
    let stream = trace.streams.get(id);
    if (stream === undefined) {
      const fields = new Map<string, string>();
      const response = new Map<string, string>();
      stream = { id, start: time, end: null, headersAt: null, fields, response, startLine: null, statusLine: null };
      trace.streams.set(id, stream);
    }
    return stream;
  }
}

function addFields(fields: Map<string, string>, value: unknown): void {
  for (const line of listOf(value)) {
    const field = objectOf(line);
    const name = textOf(field?.['name'])?.toLowerCase();
    if (name !== undefined) fields.set(name, textOf(field?.['value']) ?? '');
  }
}

function startOf(exchanges: readonly Exchange[], index: number): number {
  return exchanges[index]?.start ?? Number.POSITIVE_INFINITY;
}

function exchangeOf(stream: Stream, trace: Trace, index: number, connection: number): Exchange {
  const [method = '', path = ''] = (stream.startLine ?? '').split(' ');
  const authority = stream.fields.get(':authority') || stream.fields.get('host') || '';
  const scheme = stream.fields.get(':scheme') || (trace.protocol === 'http/1.1' ? 'http' : 'https');
  const target = stream.fields.get(':path') || path || '/';
  const status = Number(
    stream.response.get(':status') ?? /^HTTP\/[\d.]+ (\d{3})/.exec(stream.statusLine ?? '')?.[1] ?? 0,
  );
  return {
    index,
    place: `stream ${stream.id}`,
    page: null,
    method: stream.fields.get(':method') || method || 'GET',
    ...(authority === ''
      ? { url: target, scheme, host: '', port: null }
      : targetOf(`${scheme}://${authority}${target}`)),
    resourceType: null,
    status: Number.isInteger(status) ? status : 0,
    protocol: trace.protocol,
    from: 'network',
    failure: null,
    address: null,
    connection,
    streamId: trace.protocol === 'http/1.1' ? null : stream.id,
    start: stream.start,
    end: stream.end,
    timings: {
      blocked: null,
      queueing: null,
      dns: null,
      connect: null,
      ssl: null,
      send: null,
      wait: stream.headersAt === null ? null : stream.headersAt - stream.start,
      receive: stream.headersAt === null || stream.end === null ? null : stream.end - stream.headersAt,
    },
    requestFields: {},
    responseFields: {},
    credentials: stream.fields.has('cookie') || stream.fields.has('authorization'),
    requestBytes: null,
    responseBytes: null,
    redirect: null,
  };
}
