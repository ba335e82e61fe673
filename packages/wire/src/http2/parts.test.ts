import { describe, expect, it } from 'vitest';
import { errorName } from './error_code.ts';
import { ReceiveWindow, SendWindow } from './flow_window.ts';
import { SendQueue } from './send_queue.ts';
import {
  mayReceive,
  maySend,
  NO_TRANSITION,
  nextStreamState,
  STREAM_INPUTS,
  STREAM_STATES,
  STREAM_TRANSITIONS,
} from './stream_state.ts';
import { Streams } from './streams.ts';

describe('the table of stream states (RFC 9113 §5.1)', () => {
  it('is what the compiled table says, arrow by arrow', () => {
    for (const [state, from] of STREAM_STATES.entries()) {
      for (const [input, on] of STREAM_INPUTS.entries()) {
        const arrows = STREAM_TRANSITIONS.filter((arrow) => arrow.from === from && arrow.on === on);
        expect(arrows.length).toBeLessThanOrEqual(1);
        const next = nextStreamState(state, input);
        expect(next === NO_TRANSITION ? undefined : STREAM_STATES[next]).toBe(arrows[0]?.to);
      }
    }
  });

  it('reaches every state from idle, and leaves closed never', () => {
    const reached = new Set(['idle']);
    for (let round = 0; round < STREAM_STATES.length; round++) {
      for (const { from, to } of STREAM_TRANSITIONS) if (reached.has(from)) reached.add(to);
    }
    expect(reached).toEqual(new Set(STREAM_STATES));
    expect(STREAM_TRANSITIONS.filter(({ from }) => from === 'closed')).toEqual([]);
  });

  it('lets each end send as long as it has not ended the stream', () => {
    expect(STREAM_STATES.filter((_, state) => maySend(state))).toEqual(['open', 'half-closed (remote)']);
    expect(STREAM_STATES.filter((_, state) => mayReceive(state))).toEqual(['open', 'half-closed (local)']);
  });
});

describe('ReceiveWindow', () => {
  it('announces when half of it is used, and never more than was given back', () => {
    const window = new ReceiveWindow(100);
    expect(window.take(60)).toBe(true);
    window.give(49);
    expect(window.announce()).toBe(0);
    window.give(1);
    expect(window.announce()).toBe(50);
    expect(window.available).toBe(90);
    expect(window.announce()).toBe(0);
    expect(window.take(91)).toBe(false);
    expect(window.take(90)).toBe(true);
  });
});

describe('SendWindow', () => {
  it('may be negative, and holds 2^31-1 octets at most', () => {
    const window = new SendWindow(-5);
    expect(window.add(0x7fff_ffff)).toBe(true);
    expect(window.add(6)).toBe(false);
  });
});

describe('SendQueue', () => {
  it('hands out what was put in, in order, in pieces of any size, without copying', () => {
    const queue = new SendQueue();
    const first = Uint8Array.of(1, 2, 3, 4);
    queue.push(first);
    queue.push(new Uint8Array(0));
    queue.push(Uint8Array.of(5));
    expect(queue.take(1)).toEqual(Uint8Array.of(1));
    expect(queue.take(2).buffer).toBe(first.buffer);
    expect([...queue.take(9), ...queue.take(9), ...queue.take(9)]).toEqual([4, 5]);
    expect(queue.length).toBe(0);
  });
});

describe('Streams', () => {
  it('knows which identifiers are idle, and which the peer has skipped', () => {
    const streams = new Streams(1);
    streams.opensPeer(1);
    streams.opensPeer(7);
    expect([1, 3, 5, 7, 9].map((id) => streams.wasSkipped(id))).toEqual([false, true, true, false, false]);
    expect([7, 9, 2].map((id) => streams.isIdle(id))).toEqual([false, true, true]);
  });

  it('remembers the streams that were reset last', () => {
    const streams = new Streams(1);
    for (let id = 1; id <= 2_051; id += 2) streams.remember(id, 10);
    expect([1, 3, 5, 2_051].map((id) => streams.wasReset(id))).toEqual([false, false, true, true]);
    expect(streams.takeLate(5, 10)).toBe(true);
    expect(streams.takeLate(5, 1)).toBe(false);
  });
});

describe('errorName', () => {
  it('names the codes of the RFC, and others by number', () => {
    expect([0, 11, 0xff].map(errorName)).toEqual(['NO_ERROR', 'ENHANCE_YOUR_CALM', '0xff']);
  });
});
