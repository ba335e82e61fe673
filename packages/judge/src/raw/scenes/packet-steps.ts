/** Steps for a learner who exports `streams(packets, limit)`: what they are, and each in words. */
import { grouped } from '../numbers.ts';
import { rangeText } from '../ranges.ts';

/**
 * The learner exports `streams(packets, limit)`, an async generator; the judge hands over packets, takes each stream that is
 * given, and reads its body as it comes. It keeps to `limit`: no stream is sent more than that beyond what was read of it.
 */
export type PacketsScene = {
  readonly kind: 'packets';
  readonly file: string;
  readonly export: string;
  /** How many bytes each stream has: `{ "1": 20, "3": 20 }`. */
  readonly streams: Readonly<Record<string, number>>;
  /** How many bytes of one stream may wait at the receiver. */
  readonly limit: number;
  /** Streams whose body nobody reads until `readStream`. */
  readonly unread?: readonly number[];
  /** Streams that are read, and that another check judges. */
  readonly aside?: readonly number[];
};

/** A stretch of one stream, in a packet. */
export type SentFrame = {
  readonly streamId: number;
  readonly from: number;
  readonly to: number;
  readonly last?: boolean;
};

export type PacketStep =
  /** A packet arrives. Numbers that are left out were lost; what was in them comes again under other numbers. */
  | { readonly do: 'packet'; readonly number: number; readonly frames: readonly SentFrame[] }
  /** Exactly so many bytes of this stream have been passed on, however long one waits; and they are the right ones. */
  | { readonly do: 'expectStream'; readonly streamId: number; readonly to: number }
  /** All of this stream was passed on, and then its body ended. */
  | { readonly do: 'expectStreamOver'; readonly streamId: number }
  /** From now on this body is read, without end. */
  | { readonly do: 'readStream'; readonly streamId: number }
  /** The generator or a body breaks off, and the error says FINAL_SIZE_ERROR. `story`: which two ends were told. */
  | { readonly do: 'expectFinalSizeError'; readonly streamId: number; readonly story: string }
  /** All streams, in packets that are lost, repeated and swapped as this seed says; after each, what is whole was passed on. */
  | { readonly do: 'packetsShuffled'; readonly seed: number };

/** One line, present tense. */
export function describePacketStep(step: PacketStep): string {
  switch (step.do) {
    case 'packet':
      return `Let ${packetText(step)} arrive.`;
    case 'expectStream':
      return step.to === 0
        ? `Expect that nothing of stream ${step.streamId} was passed on.`
        : `Expect that ${rangeText({ from: 0, to: step.to })} of stream ${step.streamId} were passed on, and nothing more.`;
    case 'expectStreamOver':
      return `Expect that all of stream ${step.streamId} was passed on, and then its end.`;
    case 'readStream':
      return `Read the body of stream ${step.streamId} from now on.`;
    case 'expectFinalSizeError':
      return `Expect FINAL_SIZE_ERROR: ${step.story}.`;
    case 'packetsShuffled':
      return `Let all streams arrive in lost, repeated and swapped packets, seed ${step.seed}; look after each packet.`;
  }
}

/** `packet 4 (1: 10–19, 3: 0–9 last)`. */
export function packetText({
  number,
  frames,
}: {
  readonly number: number;
  readonly frames: readonly SentFrame[];
}): string {
  const carried = frames.map(({ streamId, from, to, last }) => {
    const range = to <= from ? `none at ${grouped(from)}` : `${grouped(from)}–${grouped(to - 1)}`;
    return `${streamId}: ${range}${last === true ? ' last' : ''}`;
  });
  return `packet ${number} (${carried.join(', ')})`;
}
