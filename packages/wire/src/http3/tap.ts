import { varintLength } from '../bytes/varint.ts';
import type { FieldSection } from '../fields/field.ts';
import type { Observer, WireUnit } from '../observer.ts';
import { h3FrameKind } from './frame.ts';

/** What is told of a frame beside its type and length. */
export interface FrameDetails {
  readonly fields?: FieldSection | null;
  readonly value?: number | null;
  readonly about?: number | null;
  readonly settings?: ReadonlyMap<number, number> | null;
}

/**
 * Tells an observer of frames. Offsets count within one QUIC stream and direction, since the connection has no order of its own.
 * A control stream goes by its own id, as 0 is the first request's, and its offsets begin behind the stream's type.
 */
export class Tap {
  readonly #observe: Observer;
  readonly #offsets = { received: new Map<number, number>(), created: new Map<number, number>() };

  constructor(observe: Observer) {
    this.#observe = observe;
  }

  /** A stream begins with so many bytes that are no frame: its type (RFC 9114 §6.2). */
  begin(direction: WireUnit['direction'], streamId: number, bytes: number): void {
    this.#offsets[direction].set(streamId, bytes);
  }

  frame(
    direction: WireUnit['direction'],
    streamId: number,
    type: number,
    payloadLength: number,
    details: FrameDetails = {},
  ): void {
    const offsets = this.#offsets[direction];
    const offset = offsets.get(streamId) ?? 0;
    // A length that no number holds exactly is Infinity here: such a frame is only ever skipped.
    const length = varintLength(type) + varintLength(payloadLength) + payloadLength;
    offsets.set(streamId, offset + length);
    const kind = h3FrameKind(type);
    this.#observe({
      direction,
      kind,
      streamId,
      offset,
      length,
      payloadLength,
      flags: 0,
      endStream: false,
      startLine: null,
      fields: details.fields ?? null,
      value: details.value ?? (kind === 'unknown' || kind === 'reserved' ? type : null),
      about: details.about ?? null,
      settings: details.settings ?? null,
    });
  }

  /** Forgets where a stream stood that is over. */
  forget(streamId: number): void {
    this.#offsets.received.delete(streamId);
    this.#offsets.created.delete(streamId);
  }
}
