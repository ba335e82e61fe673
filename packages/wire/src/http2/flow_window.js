import { MAX_WINDOW } from './frame.ts';
/**
 * What we may still send (RFC 9113 §6.9). It can be negative: SETTINGS_INITIAL_WINDOW_SIZE may shrink below what is on its
 * way (§6.9.2).
 */
export class SendWindow {
  available;
  constructor(available) {
    this.available = available;
  }
  /** Adds an increment, and says whether the window is still within 2^31-1 octets. */
  add(increment) {
    this.available += increment;
    return this.available <= MAX_WINDOW;
  }
}
/**
 * What the peer may still send, and what it may be told that it can send more. Every octet that is `take`n has to be
 * `give`n back once, or the window shrinks for ever.
 */
export class ReceiveWindow {
  /** What the peer may still send. */
  available;
  /** What has been given back and not yet been announced. */
  unannounced = 0;
  /** The size to which announcements restore the window. */
  target;
  constructor(available, target = available) {
    this.available = available;
    this.target = target;
  }
  /** The peer has sent this much: false when that was more than it might. */
  take(octets) {
    if (octets > this.available) return false;
    this.available -= octets;
    return true;
  }
  /** This much is used, and may be sent again. */
  give(octets) {
    this.unannounced += octets;
  }
  /**
   * The increment to announce now, or 0. Announcing when half the window is used costs one frame for many, and leaves the
   * sender the other half while the announcement travels.
   */
  announce() {
    const increment = this.unannounced;
    if (increment === 0 || increment * 2 < this.target) return 0;
    this.unannounced = 0;
    this.available += increment;
    return increment;
  }
}
