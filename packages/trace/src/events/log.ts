import type { Observer, WireUnit } from '@interleave/wire';
import type { ConnectionEvents, EventName, TraceEvent } from './event.ts';
import type { WireProtocol } from './from-wire.ts';
import { LOG_LIMITS, type LogBudget, type LogLimits } from './log-limits.ts';
import type { ConnectionReader, ReaderFor, VantagePoint } from './reader.ts';
import { type EventData, type LogRecord, recordCost } from './record.ts';
import { ReceivedBytes, SentBytes } from './unit-bytes.ts';
import type { ValuePolicy } from './values.ts';

export interface LogOptions {
  readonly connectionId: string;
  readonly vantagePoint?: VantagePoint;
  /** Wall clock of the beginning, milliseconds since the epoch. */
  readonly startedAt: number;
  /** A clock that never runs backwards, in milliseconds. */
  readonly now: () => number;
  /** `readerFor`; whoever logs one protocol alone can do with its reader. */
  readonly reader: ReaderFor;
  /** True for QUIC, where each stream counts its own bytes. */
  readonly quic: boolean;
  readonly limits?: LogLimits;
  readonly budget?: LogBudget;
}

/** What a log has counted, kept or not. */
export interface LogCounts {
  readonly received: Readonly<Record<string, number>>;
  readonly created: Readonly<Record<string, number>>;
  readonly bytes: { readonly received: number; readonly sent: number };
  /** Records that are kept, and those that made room. */
  readonly kept: number;
  readonly dropped: number;
}

/**
 * The latest of what happened on one connection. While nobody watches, a frame costs one small object and a copy of its first
 * bytes; it is understood (tables, states, windows) only when somebody reads, or when it makes room.
 */
export class ConnectionLog {
  readonly #options: LogOptions;
  readonly #limits: LogLimits;
  readonly #from: number;
  #protocol: WireProtocol | null = null;
  #ring: LogRecord[] = [];
  /** The oldest record; those before it have made room. */
  #oldest = 0;
  #cost = 0;
  #dropped = 0;
  /** Knows what all records that are gone have done. */
  #past: ConnectionReader | null = null;
  /** Has read all records, while somebody watches. */
  #present: ConnectionReader | null = null;
  readonly #watchers = new Set<(events: readonly TraceEvent[]) => void>();
  readonly #received = new Map<number, ReceivedBytes>();
  readonly #sent = new Map<number, SentBytes>();
  /** Streams that have ended, some of whose bytes are not understood yet. */
  readonly #ending = new Set<number>();
  readonly #offsets = { received: new Map<number, number>(), created: new Map<number, number>() };
  readonly #leftOut = new Set<number>();
  readonly #counts = { received: new Map<string, number>(), created: new Map<string, number>() };
  readonly #octets = { received: 0, sent: 0 };
  #ended = false;

  constructor(options: LogOptions) {
    this.#options = options;
    this.#limits = options.limits ?? LOG_LIMITS;
    this.#from = options.now();
    if (options.quic) this.#protocol = 'h3';
  }

  /** What is spoken: said once, before anybody reads. */
  set protocol(protocol: WireProtocol) {
    this.#protocol = protocol;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** What `wire` is given to be observed with. */
  readonly observe: Observer = (unit) => {
    const counts = this.#counts[unit.direction];
    counts.set(unit.kind, (counts.get(unit.kind) ?? 0) + 1);
    const key = this.#options.quic ? unit.streamId : TCP;
    if (unit.direction === 'received') {
      const known = this.#received.get(key);
      this.#unit(unit, known?.take(unit) ?? null);
      // The end of the stream had come before, and waited for what stood before it.
      if (known !== undefined && !known.waits && this.#ending.delete(key)) this.#fin('received', key);
      return;
    }
    // Before the first bytes leave it is not known whether anybody will show them; none leave unseen by `sent`.
    let sent = this.#sent.get(key);
    if (sent === undefined) {
      sent = new SentBytes();
      bound(this.#sent);
      this.#sent.set(key, sent);
    }
    const late = sent.expect(unit);
    if (late !== null) this.#unit(late, null);
  };

  /** Bytes that were read and are about to be parsed; `streamId` is the QUIC stream, or null. `fin` comes when they were. */
  received(bytes: Uint8Array, streamId: number | null, fin: boolean): void {
    this.#octets.received += bytes.length;
    const key = streamId ?? TCP;
    if (this.#isPlainStream('received', key, bytes)) this.#plain('received', key, bytes);
    else {
      let known = this.#received.get(key);
      if (known === undefined) {
        known = new ReceivedBytes();
        bound(this.#received);
        this.#received.set(key, known);
      }
      known.push(bytes);
    }
    if (!fin) return;
    if (this.#received.get(key)?.waits) {
      bound(this.#ending);
      this.#ending.add(key);
    } else this.#fin('received', key);
  }

  /** Bytes that leave. */
  sent(bytes: Uint8Array, streamId: number | null, fin: boolean): void {
    this.#octets.sent += bytes.length;
    const key = streamId ?? TCP;
    if (this.#isPlainStream('created', key, bytes)) this.#plain('created', key, bytes);
    else this.#sent.get(key)?.push(bytes, (unit, first) => this.#unit(unit, first));
    if (fin) this.#fin('created', key);
  }

  /** Something that is no piece of HTTP. */
  record(name: EventName, data: EventData): void {
    this.#add({ kind: 'event', time: this.#time(), name, data });
  }

  /**
   * From now on this stream (or exchange) is left out: it carries what somebody watches here, and would report itself for ever.
   * Its octets still count in windows.
   */
  leaveOut(streamId: number): void {
    if (this.#leftOut.has(streamId)) return;
    this.#leftOut.add(streamId);
    this.record('conn:left_out', {
      stream_id: streamId,
      why: 'It carries this very report: each frame of it would make another one.',
    });
  }

  /** The connection is over: nothing more comes. */
  end(): void {
    this.#ended = true;
    this.#received.clear();
    this.#sent.clear();
    this.#options.budget?.closed(this);
  }

  /** Events so far, read with a policy of its own. */
  snapshot(policy: ValuePolicy): ConnectionEvents {
    const { connectionId, vantagePoint = 'server', startedAt } = this.#options;
    return { connectionId, vantagePoint, startedAt, events: this.#read(policy).events, dropped: this.#dropped };
  }

  /** Gives the events so far, and calls `watcher` with those that come, until `stop` is called. */
  watch(watcher: (events: readonly TraceEvent[]) => void): {
    readonly backlog: readonly TraceEvent[];
    readonly dropped: number;
    readonly stop: () => void;
  } {
    const { events, reader } = this.#read('own');
    this.#present ??= reader;
    this.#watchers.add(watcher);
    const stop = (): void => {
      this.#watchers.delete(watcher);
      if (this.#watchers.size === 0) this.#present = null;
    };
    return { backlog: events, dropped: this.#dropped, stop };
  }

  get counts(): LogCounts {
    return {
      received: Object.fromEntries(this.#counts.received),
      created: Object.fromEntries(this.#counts.created),
      bytes: { ...this.#octets },
      kept: this.#ring.length - this.#oldest,
      dropped: this.#dropped,
    };
  }

  /** Lets the oldest record go; false when there is none but the latest. */
  dropOldest(): boolean {
    if (this.#ring.length - this.#oldest <= 1) return false;
    const record = this.#ring[this.#oldest++] as LogRecord;
    const cost = recordCost(record);
    this.#cost -= cost;
    this.#dropped++;
    this.#past ??= this.#newReader();
    this.#past.absorb(record);
    // Moving what is left costs something: do it seldom.
    if (this.#oldest > 256 && this.#oldest * 2 > this.#ring.length) {
      this.#ring = this.#ring.slice(this.#oldest);
      this.#oldest = 0;
    }
    this.#options.budget?.refund(cost);
    return true;
  }

  /** Lets everything go. */
  forget(): void {
    this.#dropped += this.#ring.length - this.#oldest;
    this.#options.budget?.release(this, this.#cost);
    this.#ring = [];
    this.#oldest = this.#cost = 0;
    this.#past = null;
  }

  #unit(unit: WireUnit, bytes: Uint8Array | null): void {
    const { direction, streamId } = unit;
    if (this.#leftOut.has(streamId) && (unit.kind === 'data' || unit.kind === 'window_update' || isContent(unit))) {
      const octets = unit.kind === 'data' ? unit.length - 9 : 0;
      const last = this.#ring.at(-1);
      if (last?.kind === 'left-out' && last.streamId === streamId && last.direction === direction) {
        last.octets += octets;
        return;
      }
      this.#add({ kind: 'left-out', direction, streamId, octets });
      return;
    }
    this.#add({ kind: 'unit', time: this.#time(), unit, bytes });
  }

  #add(record: LogRecord): void {
    this.#ring.push(record);
    const cost = recordCost(record);
    this.#cost += cost;
    this.#options.budget?.charge(this, cost);
    while (
      (this.#ring.length - this.#oldest > this.#limits.records || this.#cost > this.#limits.bytes) &&
      this.dropOldest()
    ) {
      // Until it fits.
    }
    if (this.#present === null) return;
    const events = this.#present.read(record, 'own');
    if (events.length > 0) for (const watcher of [...this.#watchers]) watcher(events);
  }

  #read(policy: ValuePolicy): { events: TraceEvent[]; reader: ConnectionReader } {
    const reader = this.#past?.clone() ?? this.#newReader();
    const kept = this.#ring.slice(this.#oldest);
    const first = kept.find((record) => 'time' in record);
    const time = first !== undefined && 'time' in first ? first.time : 0;
    const events = this.#past === null ? [] : reader.state(time, policy);
    for (const record of kept) events.push(...reader.read(record, policy));
    return { events, reader };
  }

  #newReader(): ConnectionReader {
    return this.#options.reader(this.#protocol ?? 'http/1.1', this.#options.vantagePoint ?? 'server');
  }

  /** A unidirectional QUIC stream without frames: everything but control streams. */
  #isPlainStream(direction: WireUnit['direction'], streamId: number, bytes: Uint8Array): boolean {
    if (streamId === TCP || (streamId & 2) === 0) return false;
    if (this.#offsets[direction].has(streamId)) return true;
    const framed: ReadonlyMap<number, unknown> = direction === 'received' ? this.#received : this.#sent;
    return bytes.length > 0 && bytes[0] !== CONTROL && !framed.has(streamId);
  }

  #plain(direction: WireUnit['direction'], streamId: number, bytes: Uint8Array): void {
    const offset = this.#offsets[direction].get(streamId) ?? 0;
    this.#offsets[direction].set(streamId, offset + bytes.length);
    this.#add({ kind: 'stream', time: this.#time(), direction, streamId, offset, bytes: bytes.slice() });
  }

  #fin(direction: WireUnit['direction'], streamId: number): void {
    if (direction === 'received') this.#received.delete(streamId);
    else this.#sent.delete(streamId);
    this.#offsets[direction].delete(streamId);
    if (!this.#leftOut.has(streamId)) this.#add({ kind: 'fin', time: this.#time(), direction, streamId });
  }

  /** Microseconds are as fine as any of our clocks. */
  #time(): number {
    return Math.round((this.#options.now() - this.#from) * 1_000) / 1_000;
  }
}

/** In place of a stream's id: the one byte stream of TCP. */
const TCP = -1;
/** Streams of one connection whose bytes are followed at once; those that were reset leave without a word. */
const MOST_STREAMS = 512;
/** Type of the control stream (RFC 9114 §6.2.1). */
const CONTROL = 0;

/** Lets the one go that was followed longest. */
function bound(streams: Map<number, unknown> | Set<number>): void {
  const [oldest] = streams.keys();
  if (streams.size >= MOST_STREAMS && oldest !== undefined) streams.delete(oldest);
}

function isContent({ kind }: WireUnit): boolean {
  return kind === 'content' || kind === 'chunk';
}
