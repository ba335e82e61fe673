import type { Core } from './core.ts';
import { ErrorCode } from './error_code.ts';
import { limitFault } from './fault.ts';
import type { Receiver } from './receiver.ts';
import type { Http2Stream } from './stream.ts';
import { mayReceive } from './stream_state.ts';

/** What a connection waits for, and what it does when that does not come. */
export class Deadlines {
  readonly #core: Core;
  readonly #receiver: Receiver;
  /** When our SETTINGS were sent, until they are acknowledged. */
  #settingsAt: number;
  /** Since when there has been output that nobody takes, or null. */
  #waitingSince: number | null = null;
  /** When a shutdown stops waiting for the peer's answer, or null. */
  shutdownAt: number | null = null;

  constructor(core: Core, receiver: Receiver) {
    this.#core = core;
    this.#receiver = receiver;
    this.#settingsAt = core.now;
  }

  /** The caller's clock is known: everything that waits has waited since `now`. */
  start(now: number): void {
    this.#core.idleSince = this.#settingsAt = now;
    this.#receiver.incompleteSince = now;
  }

  /** Output was taken. */
  taken(): void {
    this.#waitingSince = null;
  }

  /** The earliest of all deadlines, or null. */
  next(pendingOutput: number): number | null {
    const core = this.#core;
    if (!core.live) return null;
    const { limits } = core;
    let next = Number.POSITIVE_INFINITY;
    if (pendingOutput === 0) this.#waitingSince = null;
    else {
      this.#waitingSince ??= core.now;
      next = this.#waitingSince + limits.sendTimeout;
    }
    const { incompleteSince } = this.#receiver;
    if (incompleteSince !== null) next = Math.min(next, incompleteSince + limits.headTimeout);
    if (!core.settingsAcknowledged) next = Math.min(next, this.#settingsAt + limits.settingsAckTimeout);
    if (core.streams.size === 0) next = Math.min(next, core.idleSince + limits.idleTimeout);
    if (core.watchAt !== null) next = Math.min(next, core.watchAt);
    if (this.shutdownAt !== null) next = Math.min(next, this.shutdownAt);
    return next === Number.POSITIVE_INFINITY ? null : next;
  }

  /** Acts on what is overdue, but for the shutdown, which is the caller's. */
  expire(pendingOutput: number, idle: () => void): void {
    const core = this.#core;
    const { limits, now } = core;
    const { incompleteSince } = this.#receiver;
    if (incompleteSince !== null && now >= incompleteSince + limits.headTimeout) {
      core.fail(limitFault('headTimeout', `No complete preface or field block within ${limits.headTimeout} ms`));
    } else if (!core.settingsAcknowledged && now >= this.#settingsAt + limits.settingsAckTimeout) {
      const reason = `SETTINGS were not acknowledged within ${limits.settingsAckTimeout} ms (RFC 9113 §6.5.3)`;
      core.fail(limitFault('settingsAckTimeout', reason, ErrorCode.SETTINGS_TIMEOUT));
    } else if (pendingOutput > 0 && this.#waitingSince !== null && now >= this.#waitingSince + limits.sendTimeout) {
      core.fail(limitFault('sendTimeout', `No octet of what waits was read within ${limits.sendTimeout} ms`));
    } else if (core.streams.size === 0 && now >= core.idleSince + limits.idleTimeout) idle();
    if (core.live && core.watchAt !== null && now >= core.watchAt) this.#watch();
  }

  /** Looks at every stream: seldom, so that frames need not keep a list in order. */
  #watch(): void {
    const core = this.#core;
    let next = Number.POSITIVE_INFINITY;
    for (const stream of core.streams.values()) {
      const due = Math.min(this.#bodyDue(stream), this.#sendDue(stream));
      if (due > core.now) {
        next = Math.min(next, due);
        continue;
      }
      const sending = this.#sendDue(stream) <= core.now;
      const limit = sending ? 'sendTimeout' : 'bodyTimeout';
      const what = sending ? 'The peer has not let content pass' : 'No content came';
      core.streamError(stream, ErrorCode.CANCEL, `limit: ${limit}. ${what} for ${core.limits[limit]} ms`);
      if (!core.live) return;
    }
    core.watchAt = next === Number.POSITIVE_INFINITY ? null : next;
  }

  /** A request's content that we wait for. Once we have answered, either side may take its time, and so in a tunnel. */
  #bodyDue(stream: Http2Stream): number {
    const { role, limits, now } = this.#core;
    if (role !== 'server' || stream.connect || stream.headSent || !mayReceive(stream.state))
      return Number.POSITIVE_INFINITY;
    // The window may be closed because the application has not used what came.
    if (stream.unconsumed > 0) return now + limits.bodyTimeout;
    return stream.receivedAt + limits.bodyTimeout;
  }

  /** Content that waits for the peer's window. */
  #sendDue(stream: Http2Stream): number {
    return stream.queued > 0 || stream.refused
      ? stream.sentAt + this.#core.limits.sendTimeout
      : Number.POSITIVE_INFINITY;
  }
}
