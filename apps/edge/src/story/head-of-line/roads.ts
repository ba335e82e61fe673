import type { Event } from '@interleave/wire';
import { concat } from '../../pipe/server.ts';
import type { Segment } from './link.ts';
import type { HolePlan } from './plan.ts';
import { askHttp2, askHttp3, type SentFrame, type Written, writeHttp3 } from './replies.ts';

/** When each reply was whole at the client, in virtual milliseconds; null for one that never was. */
export type Ends = readonly (number | null)[];

/** Notes when the last byte of each reply was handed on. */
class Watch {
  readonly ends: (number | null)[];
  readonly #streams: readonly number[];

  constructor(streams: readonly number[]) {
    this.#streams = streams;
    this.ends = streams.map(() => null);
  }

  take(events: readonly Event[], now: number): void {
    for (const event of events) {
      if (event.type === 'connection-error') throw new Error(`The client gave the connection up: ${event.reason}`);
      if ((event.type === 'data' || event.type === 'response') && event.endStream)
        this.ends[this.#streams.indexOf(event.streamId)] = now;
    }
  }
}

/** Segments in the order in which they come; of two at a time the earlier bytes first. */
function inTime(segments: readonly Segment[]): Segment[] {
  return [...segments].sort((a, b) => a.at - b.at || a.from - b.from);
}

/**
 * One order, as TCP has it (RFC 9293 §3.4): bytes go up to HTTP/2's core as far as there is no hole before them, and what has
 * come behind one waits.
 */
export function oneOrder({ bytes }: Pick<Written, 'bytes'>, segments: readonly Segment[], n: number): Ends {
  const { client, streams } = askHttp2(n);
  const watch = new Watch(streams);
  const waiting = new Map<number, Segment>();
  let next = 0;
  for (const segment of inTime(segments)) {
    waiting.set(segment.from, segment);
    for (let ready = waiting.get(next); ready !== undefined; ready = waiting.get(next)) {
      watch.take(client.receive(bytes.subarray(ready.from, ready.to), segment.at), segment.at);
      waiting.delete(next);
      next = ready.to;
    }
  }
  return watch.ends;
}

/** A part of one stream in a packet (RFC 9000 §19.8). */
export interface StreamPart {
  readonly stream: number;
  readonly offset: number;
  readonly bytes: Uint8Array;
  readonly fin: boolean;
}

/** What a segment is on the other road: the same share of the same replies, each part with its place in its own stream. */
export interface Packet {
  readonly segment: Segment;
  readonly parts: readonly StreamPart[];
}

/**
 * The same replies from HTTP/3's core, in packets. QUIC leaves to the sender which stream it serves, so this one follows the
 * frames of HTTP/2 byte for byte: both roads carry the same shares in the same order, and differ in nothing but the road.
 */
export function packetsOf(plan: HolePlan, { frames }: Written, segments: readonly Segment[]): Packet[] {
  const { server, streams } = writeHttp3(plan);
  const offsets = new Map<number, number>();
  const take = (id: number, most: number): StreamPart[] => {
    const { chunks, fin } = server.takeStream(id, most);
    const bytes = concat(chunks);
    if (bytes.length === 0 && !fin) return [];
    const offset = offsets.get(id) ?? 0;
    offsets.set(id, offset + bytes.length);
    return [{ stream: id, offset, bytes, fin }];
  };
  return segments.map((segment) => ({
    segment,
    parts: frames.flatMap((frame) => {
      const share = Math.min(frame.to, segment.to) - Math.max(frame.from, segment.from);
      if (share <= 0) return [];
      if (frame.reply === null) {
        return server
          .pendingStreams()
          .flatMap((id) => (streams.includes(id) ? [] : take(id, Number.POSITIVE_INFINITY)));
      }
      const isLast = frame.end && frame.to <= segment.to;
      return take(streams[frame.reply] ?? 0, isLast ? Number.POSITIVE_INFINITY : share);
    }),
  }));
}

/** Each stream its own order, as QUIC has it (RFC 9000 §2.2): a hole in one holds back that one. */
export function ownOrders(packets: readonly Packet[], n: number): Ends {
  const { client, streams } = askHttp3(n);
  const watch = new Watch(streams);
  const waiting = new Map<string, StreamPart>();
  const nexts = new Map<number, number>();
  const bySegment = new Map(packets.map(({ segment, parts }) => [segment, parts]));
  for (const segment of inTime([...bySegment.keys()])) {
    for (const part of bySegment.get(segment) ?? []) {
      const { stream } = part;
      waiting.set(`${stream}:${part.offset}`, part);
      for (;;) {
        const next = nexts.get(stream) ?? 0;
        const ready = waiting.get(`${stream}:${next}`);
        if (ready === undefined) break;
        waiting.delete(`${stream}:${next}`);
        nexts.set(stream, next + ready.bytes.length);
        watch.take(client.receiveStream(stream, ready.bytes, ready.fin, segment.at), segment.at);
        // An end without bytes stands where nothing more can.
        if (ready.fin) break;
      }
    }
  }
  return watch.ends;
}

/** Replies with a byte, or the end, in what was lost of this road. */
export function lostIn(packets: readonly Packet[], n: number): Set<number> {
  const { streams } = askHttp3(n);
  const lost = packets.find(({ segment }) => segment.isLost)?.parts ?? [];
  return new Set(lost.map(({ stream }) => streams.indexOf(stream)).filter((reply) => reply !== -1));
}

/** Bytes that a frame and a stretch of the connection have in common. */
export function shared(frame: Pick<SentFrame, 'from' | 'to'>, from: number, to: number): number {
  return Math.max(0, Math.min(frame.to, to) - Math.max(frame.from, from));
}
