/**
 * The same bytes in pieces: what a transport may do to them. A reader that depends on where the cuts are is wrong, so tests of
 * byte streams run over all of these.
 *
 * Yields the whole, byte by byte, two pieces at every cut (at `maxCuts` evenly spread ones for long input), and `random` random
 * splits of the given seed.
 */
export function* splits(bytes: Uint8Array, options: SplitOptions = {}): Generator<Split> {
  const { maxCuts = 512, random = 8, seed = 1 } = options;
  yield { name: 'whole', chunks: [bytes.slice()] };
  yield { name: 'byte by byte', chunks: Array.from(bytes, (byte) => Uint8Array.of(byte)) };
  const stride = Math.max(1, Math.ceil(bytes.length / maxCuts));
  for (let at = 1; at < bytes.length; at += stride) {
    yield { name: `cut at ${at}`, chunks: [bytes.slice(0, at), bytes.slice(at)] };
  }
  for (let run = 0; run < random; run++) {
    const next = randomNumbers(seed + run);
    yield { name: `random split, seed ${seed + run}`, chunks: randomSplit(bytes, next) };
  }
}

/** One way to cut, with a name for the failure message. */
export interface Split {
  readonly name: string;
  readonly chunks: readonly Uint8Array[];
}

/** How many cuts to try. */
export interface SplitOptions {
  readonly maxCuts?: number;
  readonly random?: number;
  readonly seed?: number;
}

/** Cuts at random: mostly small pieces, sometimes none at all between two cuts. */
export function randomSplit(bytes: Uint8Array, next: () => number): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; ) {
    const size = Math.floor(next() ** 3 * 64);
    chunks.push(bytes.slice(at, at + size));
    at += size;
  }
  return chunks;
}

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
