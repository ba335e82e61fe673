import type { TraceEvent } from './event.ts';
import type { Told, WireProtocol } from './from-wire.ts';
import type { LogRecord } from './record.ts';
import type { ValuePolicy } from './values.ts';

/** Follows one protocol: keeps the state that the next record is understood with. */
export interface ProtocolReader {
  /** What a record means; `frame` is its number, which events that follow from it name. */
  read(record: LogRecord, frame: number, policy: ValuePolicy): Told[];
  /** Follows a record without telling of it: what makes room in a log costs no more than what it changes. */
  absorb(record: LogRecord): void;
  /** The state so far as events, for somebody who missed the records that led to it. */
  state(policy: ValuePolicy): Told[];
  clone(): ProtocolReader;
}

/** What a connection's eyes are: `server` has received what the client sent. */
export type VantagePoint = 'server' | 'client';

/** Turns records into events, in order, from wherever it stands. */
export class ConnectionReader {
  readonly #protocol: ProtocolReader;
  #frame: number;

  constructor(protocol: ProtocolReader, frame = 0) {
    this.#protocol = protocol;
    this.#frame = frame;
  }

  /** Number of the next record. */
  get frame(): number {
    return this.#frame;
  }

  read(record: LogRecord, policy: ValuePolicy): TraceEvent[] {
    const frame = this.#frame++;
    if (record.kind === 'event') return [{ time: record.time, name: record.name, data: record.data }];
    const told = this.#protocol.read(record, frame, policy);
    const time = record.kind === 'left-out' ? 0 : record.time;
    return told.map(({ name, data }) => ({ time, name, data }));
  }

  /** Goes on without telling. */
  absorb(record: LogRecord): void {
    this.#frame++;
    if (record.kind !== 'event') this.#protocol.absorb(record);
  }

  /** The state so far, as events at `time`. */
  state(time: number, policy: ValuePolicy): TraceEvent[] {
    return this.#protocol.state(policy).map(({ name, data }) => ({ time, name, data }));
  }

  clone(): ConnectionReader {
    return new ConnectionReader(this.#protocol.clone(), this.#frame);
  }
}

/** Makes a reader at the beginning of a connection. */
export type ReaderFor = (protocol: WireProtocol, vantagePoint: VantagePoint) => ConnectionReader;
