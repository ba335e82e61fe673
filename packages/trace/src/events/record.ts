import type { WireUnit } from '@interleave/wire';
import type { EventName } from './event.ts';

/** What the log keeps of a connection, cheap to make: it becomes events only when somebody reads. */
export type LogRecord =
  /** A frame or a piece of a message, with the first of its bytes; null where nobody saw bytes. */
  | { readonly kind: 'unit'; readonly time: number; readonly unit: WireUnit; readonly bytes: Uint8Array | null }
  /** Something that is no piece of HTTP. */
  | { readonly kind: 'event'; readonly time: number; readonly name: EventName; readonly data: EventData }
  /** Bytes of a unidirectional stream of QUIC that carries no frames: QPACK's, or one of a type that nobody knows. */
  | {
      readonly kind: 'stream';
      readonly time: number;
      readonly direction: WireUnit['direction'];
      readonly streamId: number;
      readonly offset: number;
      readonly bytes: Uint8Array;
    }
  /** The end of one direction of a QUIC stream. */
  | {
      readonly kind: 'fin';
      readonly time: number;
      readonly direction: WireUnit['direction'];
      readonly streamId: number;
    }
  /** Frames that are not shown, since they carry what is shown; their octets count all the same. */
  | { readonly kind: 'left-out'; readonly direction: WireUnit['direction']; readonly streamId: number; octets: number };

export type EventData = Readonly<Record<string, unknown>>;

/** Bytes of a unit that are kept: of content little, of everything else all that a frame may have by default, and its head. */
const CONTENT_BYTES = 48;
const OTHER_BYTES = 16_384 + 9;

/** How many of a unit's first bytes are worth keeping. */
export function bytesWorthKeeping({ kind, length, payloadLength }: WireUnit): number {
  const isContent =
    kind === 'data' || kind === 'content' || kind === 'chunk' || kind === 'unknown' || kind === 'reserved';
  // The head of a frame or chunk, and the beginning of what it holds.
  return Math.min(length, isContent ? Math.max(0, length - payloadLength) + CONTENT_BYTES : OTHER_BYTES);
}

/** What a record holds in memory, in bytes, roughly and never too little. */
export function recordCost(record: LogRecord): number {
  if (record.kind === 'unit') {
    let cost = 320 + (record.bytes?.length ?? 0) + 2 * (record.unit.startLine?.length ?? 0);
    for (const [name, value] of record.unit.fields ?? []) cost += 48 + name.length + value.length;
    return cost;
  }
  return record.kind === 'stream' ? 160 + record.bytes.length : record.kind === 'event' ? 600 : 120;
}
