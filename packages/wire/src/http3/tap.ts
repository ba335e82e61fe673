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
 * Tells an observer of frames. Offsets count within one QUIC stream and direction, since the connection has no order of its own;
 * on the control streams, whose `streamId` is told as 0, the stream's type is left out.
 */
export class Tap {
  readonly #observe: Observer;
  readonly #offsets = { received: new Map<number, number>(), created: new Map<number, number>() };

  constructor(observe: Observer) {
    this.#observe = observe;
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
