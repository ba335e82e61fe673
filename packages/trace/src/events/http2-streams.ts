import type { WireUnit } from '@interleave/wire';
import { Flag, Setting, STREAM_TRANSITIONS, type StreamInput, type StreamState } from '@interleave/wire/http2';
import type { Told } from './from-wire.ts';

/** Both windows begin with this (RFC 9113 §6.9.2). */
const WINDOW = 65_535;
const HEAD = 9;

/** The table of states, to be asked for every frame. */
const NEXT: ReadonlyMap<StreamState, ReadonlyMap<StreamInput, StreamState>> = (() => {
  const next = new Map<StreamState, Map<StreamInput, StreamState>>();
  for (const { from, on, to } of STREAM_TRANSITIONS) next.set(from, (next.get(from) ?? new Map()).set(on, to));
  return next;
})();

/** Octets of DATA that may still be sent, and that may still come. */
export interface StreamWindows {
  readonly send: number;
  readonly receive: number;
}

/** A stream that is not closed, and what either side may still send on it. */
interface Stream extends StreamWindows {
  readonly state: StreamState;
}

/** The states of streams by the RFC's table (RFC 9113 §5.1), and the windows (§5.2), as an onlooker follows them. */
export class Http2Streams {
  readonly #streams = new Map<number, Stream>();
  /** The highest stream so far, of each side: what is below and not among the streams is closed. */
  #highest = [0, 0];
  #connection: StreamWindows = { send: WINDOW, receive: WINDOW };
  #initial = { send: WINDOW, receive: WINDOW };
  /** SETTINGS_INITIAL_WINDOW_SIZE of ours that the peer has not acknowledged, in order; null for SETTINGS without it. */
  #offered: readonly (number | null)[] = [];

  /** What a frame does to streams and windows. */
  frame(unit: WireUnit, frame: number): Told[] {
    const told = this.#settings(unit, frame);
    const { streamId } = unit;
    if (unit.kind === 'preface') return told;
    // Before the stream ends with it: a stream that is closed has no window.
    const flow = this.#flow(unit, frame);
    for (const on of inputsOf(unit)) {
      const was = this.stateOf(streamId);
      const next = NEXT.get(was)?.get(on);
      if (next === undefined) continue;
      this.#enter(streamId, next);
      if (next === was) continue;
      const data = { frame, stream_id: streamId, stream_type: 'bidirectional', old: was, new: next, on };
      told.push({ name: 'http2:stream_state_updated', data });
    }
    return [...told, ...flow];
  }

  /** Octets of DATA that went by unseen. */
  leftOut(direction: WireUnit['direction'], streamId: number, octets: number): void {
    const side = direction === 'received' ? 'receive' : 'send';
    this.#move(0, side, -octets);
    this.#move(streamId, side, -octets);
  }

  /** Streams that are not closed, and the windows. */
  state(): Told[] {
    const told: Told[] = [];
    for (const [stream_id, { state }] of this.#streams) {
      const data = { stream_id, stream_type: 'bidirectional', new: state };
      told.push({ name: 'http2:stream_state_updated', data });
    }
    told.push({ name: 'http2:flow_control_updated', data: { connection: this.#connection, initial: this.#initial } });
    return told;
  }

  /** What either side may still send: on the connection (stream 0), and on each stream that is not closed. Below 0 after SETTINGS (§6.9.2). */
  windows(): Map<number, StreamWindows> {
    const all = new Map<number, StreamWindows>([[0, this.#connection]]);
    for (const [id, { send, receive }] of this.#streams) all.set(id, { send, receive });
    return all;
  }

  clone(): Http2Streams {
    const copy = new Http2Streams();
    for (const [id, stream] of this.#streams) copy.#streams.set(id, stream);
    copy.#connection = { ...this.#connection };
    copy.#initial = { ...this.#initial };
    copy.#offered = this.#offered;
    copy.#highest = this.#highest.slice();
    return copy;
  }

  /** The state of a stream; below the highest one so far and not open is closed (RFC 9113 §5.1.1). */
  stateOf(streamId: number): StreamState {
    const known = this.#streams.get(streamId);
    if (known !== undefined) return known.state;
    return streamId <= (this.#highest[streamId & 1] ?? 0) ? 'closed' : 'idle';
  }

  #enter(streamId: number, state: StreamState): void {
    this.#highest[streamId & 1] = Math.max(this.#highest[streamId & 1] ?? 0, streamId);
    if (state === 'closed') {
      this.#streams.delete(streamId);
      return;
    }
    const known = this.#streams.get(streamId) ?? this.#initial;
    this.#streams.set(streamId, { send: known.send, receive: known.receive, state });
  }

  #flow({ kind, direction, streamId, length, value }: WireUnit, frame: number): Told[] {
    if (kind === 'data') {
      // Padding counts (§6.9.1).
      this.leftOut(direction, streamId, length - HEAD);
    } else if (kind === 'window_update' && value !== null) {
      // Who announces room is the one who receives.
      this.#move(streamId, direction === 'received' ? 'send' : 'receive', value);
    } else return [];
    const stream = this.#streams.get(streamId);
    const data = {
      frame,
      connection: this.#connection,
      ...(streamId === 0 ? {} : { stream_id: streamId }),
      ...(stream === undefined ? {} : { stream: { send: stream.send, receive: stream.receive } }),
    };
    return [{ name: 'http2:flow_control_updated', data }];
  }

  #move(streamId: number, side: 'send' | 'receive', octets: number): void {
    if (streamId === 0) {
      this.#connection = { ...this.#connection, [side]: this.#connection[side] + octets };
      return;
    }
    const stream = this.#streams.get(streamId);
    if (stream !== undefined) this.#streams.set(streamId, { ...stream, [side]: stream[side] + octets });
  }

  /** The initial window moves those of open streams with it (§6.9.2); ours counts once it is acknowledged (§6.5.3). */
  #settings({ kind, direction, settings, flags }: WireUnit, frame: number): Told[] {
    if (kind !== 'settings') return [];
    const isAck = (flags & Flag.ACK) !== 0;
    let initial: number | null = null;
    let side: 'send' | 'receive' = 'send';
    if (direction === 'received' && !isAck) initial = settings?.get(Setting.INITIAL_WINDOW_SIZE) ?? null;
    else if (direction === 'created' && !isAck)
      this.#offered = [...this.#offered, settings?.get(Setting.INITIAL_WINDOW_SIZE) ?? null];
    else if (direction === 'received' && isAck) {
      initial = this.#offered[0] ?? null;
      this.#offered = this.#offered.slice(1);
      side = 'receive';
    }
    if (initial === null) return [];
    const by = initial - this.#initial[side];
    this.#initial = { ...this.#initial, [side]: initial };
    if (by !== 0) for (const id of this.#streams.keys()) this.#move(id, side, by);
    return [
      { name: 'http2:flow_control_updated', data: { frame, connection: this.#connection, initial: this.#initial } },
    ];
  }
}

/** What a frame is to the table of states: END_STREAM is an input of its own, after its frame's. */
function inputsOf({ kind, direction, endStream }: WireUnit): StreamInput[] {
  const inputs: StreamInput[] = [];
  const isSent = direction === 'created';
  if (kind === 'headers') inputs.push(isSent ? 'send HEADERS' : 'receive HEADERS');
  if (kind === 'rst_stream') inputs.push(isSent ? 'send RST_STREAM' : 'receive RST_STREAM');
  if (endStream) inputs.push(isSent ? 'send END_STREAM' : 'receive END_STREAM');
  return inputs;
}
