import { TokenBucket } from '../limits/token_bucket.ts';
import { limitFault } from './fault.ts';

/** Control frames that one request of the peer, or one DATA frame to it, entitles it to: credit, PING, priority. */
const EARNED_PER_STREAM = 4;
const EARNED_PER_FRAME = 2;
/** And one more for each piece of this size: some give credit for every read. */
const EARNED_PER_OCTETS = 256;
const MOST_EARNED = 10000;
/**
 * The budgets that tell an honest peer from a flood. Control frames that the peer's own traffic explains are free: gRPC pings
 * with every burst of data, and Firefox opens a window with every stream. What nothing explains takes from a bucket.
 */
export class Guard {
  #limits;
  #resets;
  #glitches;
  #earned = 0;
  /** Acknowledgements in the output. */
  #acks = 0;
  constructor(limits) {
    this.#limits = limits;
    this.#resets = new TokenBucket(limits.resetBurst, limits.resetRate);
    this.#glitches = new TokenBucket(limits.glitchBurst, limits.glitchRate);
  }
  /** The peer has opened a stream. */
  streamOpened() {
    this.#earn(EARNED_PER_STREAM);
  }
  /** We have sent it content. */
  dataSent(octets) {
    this.#earn(EARNED_PER_FRAME + Math.floor(octets / EARNED_PER_OCTETS));
  }
  /** The peer has reset a stream. */
  reset(now) {
    if (this.#resets.take(now)) return null;
    const { resetBurst, resetRate } = this.#limits;
    return limitFault('resetBurst', `Streams reset faster than ${resetBurst} at once and ${resetRate} a second`);
  }
  /** A frame that is legal, and that nobody needs many of. */
  courtesy(now, what) {
    if (this.#earned > 0) {
      this.#earned--;
      return null;
    }
    return this.glitch(now, what);
  }
  /** The peer has made a mistake that costs it a stream, or nothing. */
  glitch(now, what) {
    if (this.#glitches.take(now)) return null;
    const { glitchBurst, glitchRate } = this.#limits;
    return limitFault(
      'glitchBurst',
      `More oddities than ${glitchBurst} at once and ${glitchRate} a second; the last was ${what}`,
    );
  }
  /** We owe the peer an acknowledgement. */
  ackQueued() {
    if (++this.#acks <= this.#limits.maxQueuedAcks) return null;
    return limitFault('maxQueuedAcks', `More than ${this.#limits.maxQueuedAcks} acknowledgements wait to be read`);
  }
  /** Everything in the output was taken. */
  outputTaken() {
    this.#acks = 0;
  }
  #earn(count) {
    this.#earned = Math.min(MOST_EARNED, this.#earned + count);
  }
}
