import type { TraceEvent } from '../events/event.ts';
import type {
  ConnectionNote,
  FrameBlock,
  FrameLine,
  FrameView,
  Instruction,
  StateStep,
  TableEntry,
  TableView,
  Windows,
} from './view.ts';

/** Capacity of HPACK's tables until SETTINGS say otherwise (RFC 9113 §6.5.2). */
const HPACK_BYTES = 4_096;
const EMPTY_TABLE: TableView = { entries: [], size: 0, capacity: 0, inserted: 0 };
const FRAME = /^(http[123]):(?:frame|message|qpack_instructions)_(parsed|created)$/;
type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Puts events together to frames with what followed from them, as they come. */
export class FrameModel {
  readonly frames: FrameView[] = [];
  readonly notes: ConnectionNote[] = [];
  /** The tables now. */
  readonly tables: Record<'received' | 'created', TableView> = { received: EMPTY_TABLE, created: EMPTY_TABLE };
  /** All steps of states so far, by stream. */
  readonly steps: Map<number, StateStep[]> = new Map();
  readonly #vantagePoint: 'server' | 'client';
  #windows: Windows | null = null;
  readonly #streamWindows = new Map<number, { send: number; receive: number }>();

  /** `vantagePoint`: whose eyes the events are of. */
  constructor(vantagePoint: 'server' | 'client' = 'server') {
    this.#vantagePoint = vantagePoint;
  }

  /** Takes events in order; returns the frames that are new. */
  add(events: readonly TraceEvent[]): FrameView[] {
    const before = this.frames.length;
    for (const event of events) this.#event(event);
    return this.frames.slice(before);
  }

  #event({ name, time, data }: TraceEvent): void {
    const frame = FRAME.exec(name);
    if (frame !== null) {
      const direction = frame[2] === 'parsed' ? 'received' : 'created';
      this.frames.push(
        frameOf(frame[1] as FrameView['protocol'], direction, this.#vantagePoint, this.tables[direction], time, data),
      );
      return;
    }
    const last = this.#frameOf(data);
    if (name.endsWith(':dynamic_table_updated')) this.#table(data, last, name.startsWith('http2'));
    else if (name.endsWith('_state_updated')) this.#step(data, last);
    else if (name.endsWith(':flow_control_updated')) this.#flow(data, last);
    else if (name === 'http1:keepalive_decision' && last !== null)
      last.keepAlive = { keep: data['keep'] === true, why: text(data['why']) };
    else if (!name.endsWith(':parameters_set')) this.notes.push({ name, time, data });
  }

  /** The frame that an event follows from: always one of the latest. */
  #frameOf(data: TraceEvent['data']): Mutable<FrameView> | null {
    const number = data['frame'];
    for (let at = this.frames.length - 1; at >= 0 && at > this.frames.length - 4; at--) {
      const frame = this.frames[at];
      if (frame !== undefined && frame.number === number) return frame;
    }
    return null;
  }

  #table(data: TraceEvent['data'], frame: Mutable<FrameView> | null, isHpack: boolean): void {
    const direction = data['direction'] === 'created' ? 'created' : 'received';
    const known = this.tables[direction];
    // HPACK begins with room, QPACK with none.
    const before = known === EMPTY_TABLE && isHpack ? { ...EMPTY_TABLE, capacity: HPACK_BYTES } : known;
    const size = number(data['size']);
    const capacity = number(data['capacity']);
    const whole = list<TableEntry>(data['entries']);
    if (whole !== null) {
      this.tables[direction] = { entries: whole, size, capacity, inserted: number(data['inserted_so_far']) };
      return;
    }
    const added = list<TableEntry>(data['inserted']) ?? [];
    const evicted = number(data['evicted']);
    const all = [...added.toReversed(), ...before.entries];
    const after: TableView = {
      entries: all.slice(0, all.length - evicted),
      size,
      capacity,
      inserted: before.inserted + added.length,
    };
    this.tables[direction] = after;
    if (frame !== null) frame.table = { direction, before, after, inserted: added.length, evicted };
  }

  #step(data: TraceEvent['data'], frame: FrameView | null): void {
    const streamId = number(data['stream_id'] ?? data['exchange']);
    const message = data['message'];
    const step: StateStep = {
      frame: number(data['frame'] ?? -1),
      of: message === 'request' || message === 'response' ? message : 'stream',
      streamId,
      old: text(data['old']),
      next: text(data['new']),
      on: text(data['on']),
    };
    const steps = this.steps.get(streamId) ?? [];
    this.steps.set(streamId, [...steps, step]);
    if (frame !== null) frame.steps = [...frame.steps, step];
  }

  #flow(data: TraceEvent['data'], frame: Mutable<FrameView> | null): void {
    const connection = data['connection'] as Windows['connection'];
    const streamId = typeof data['stream_id'] === 'number' ? data['stream_id'] : null;
    const stream = (data['stream'] ?? null) as Windows['stream'];
    const before = this.#windows;
    const after: Windows = { connection, streamId, stream };
    this.#windows = after;
    if (frame !== null) {
      const known = streamId === null ? null : (this.#streamWindows.get(streamId) ?? null);
      frame.windows = { before: before === null ? null : { ...before, streamId, stream: known }, after };
    }
    if (streamId !== null && stream !== null) this.#streamWindows.set(streamId, stream);
  }
}

/** What the numbers of a frame are called in events. */
const NUMBERS = ['error_code', 'increment', 'id', 'prioritized_element_id', 'push_id', 'frame_type_bytes'];

function frameOf(
  protocol: FrameView['protocol'],
  direction: FrameView['direction'],
  vantagePoint: 'server' | 'client',
  tableBefore: TableView,
  time: number,
  data: TraceEvent['data'],
): FrameView {
  const inner = (data['frame'] ?? data) as Readonly<Record<string, unknown>>;
  const raw = (data['raw'] ?? {}) as Readonly<Record<string, unknown>>;
  const isStream = data['instructions'] !== undefined;
  return {
    protocol,
    number: number(data['number']),
    time,
    direction,
    fromClient: (direction === 'received') === (vantagePoint === 'server'),
    kind: isStream ? text(data['stream_type']) : text(inner['frame_type'] ?? inner['message_type']),
    streamId: number(data['stream_id'] ?? data['exchange']),
    offset: number(data['offset']),
    length: number(data['length']),
    payloadLength: number(data['payload_length']),
    flags: number(inner['flags']),
    endStream: inner['end_stream'] === true || data['end_of_message'] === true,
    startLine: typeof data['start_line'] === 'string' ? data['start_line'] : null,
    headers: list<TableEntry>(inner['headers']),
    settings: list<{ name: string; value: number }>(inner['settings']),
    numbers: NUMBERS.filter((name) => typeof inner[name] === 'number').map((name) => ({
      name,
      value: number(inner[name]),
    })),
    bytes: bytesOf(raw['data']),
    masked: list<{ from: number; to: number }>(data['masked']) ?? [],
    block: blockOf(data['block']),
    instructions: list<Instruction>(data['instructions']),
    keepAlive: null,
    tableBefore,
    table: null,
    windows: null,
    steps: [],
  };
}

function blockOf(block: unknown): FrameBlock | null {
  if (typeof block !== 'object' || block === null) return null;
  const { at, parts, prefix, data, lines } = block as Readonly<Record<string, unknown>>;
  return {
    at: number(at),
    parts: number(parts),
    prefix: number(prefix),
    bytes: bytesOf(data),
    lines: list<FrameLine>(lines) ?? [],
  };
}

function number(value: unknown): number {
  return typeof value === 'number' ? value : 0;
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function list<T>(value: unknown): readonly T[] | null {
  return Array.isArray(value) ? (value as T[]) : null;
}

function bytesOf(hex: unknown): Uint8Array {
  if (typeof hex !== 'string') return new Uint8Array(0);
  const bytes = new Uint8Array(hex.length >> 1);
  for (let at = 0; at < bytes.length; at++) bytes[at] = Number.parseInt(hex.slice(at * 2, at * 2 + 2), 16);
  return bytes;
}
