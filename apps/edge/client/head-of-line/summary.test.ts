import { describe, expect, it } from 'vitest';
import { heldBack, lateWord, lostOne, type Piece, waitedWords } from './summary.ts';

function piece(name: string, connection: string, endedAt: number, arrivals: readonly number[] = [endedAt]): Piece {
  return { name, connection, sentAt: 1_000, arrivals, endedAt };
}

describe('bytes that were held back from 1050 for 500 ms', () => {
  const held = { connectionId: 'k2', offset: 31_000, ms: 500, at: 1_050 };
  const six = ['k1', 'k2', 'k3', 'k4', 'k5', 'k6'].map((id) => piece(id, id, id === 'k2' ? 1_560 : 1_040));

  it('one of six connections: who is late is who was on it', () => {
    const waited = heldBack(six, held);
    expect(waited).toMatchObject({ connections: 6, behind: 1 });
    expect(waited.late).toEqual([false, true, false, false, false, false]);
    expect(waitedWords(waited)).toBe('1 of 6 late, on 6 connections');
  });

  it('what took as long on a connection that was not held is not late, and is counted apart', () => {
    const waited = heldBack([...six, piece('l', 'k3', 1_700)], held);
    expect(waited.late.filter(Boolean)).toHaveLength(1);
    expect(waited.slow).toBe(1);
  });

  it('one connection: late is what was not whole before, and what came before the hole is not', () => {
    const all = [piece('a', 'k2', 1_049), piece('b', 'k2', 1_551), piece('c', 'k2', 1_553)];
    expect(heldBack(all, held).late).toEqual([false, true, true]);
    expect(heldBack(all, held).behind).toBe(3);
  });

  it('the silence that is drawn lies inside the hold, between what came before and after', () => {
    const [silence] = heldBack([piece('a', 'k2', 1_560, [1_030, 1_045, 1_552, 1_560])], held).silences;
    expect(silence).toEqual({ from: 1_050, to: 1_552 });
  });

  it('nothing was held: nobody is late, however long it took', () => {
    expect(heldBack(six, null).late).not.toContain(true);
    expect(waitedWords(heldBack([{ ...piece('a', 'x', 9_000), connection: null }], null))).toBe('0 of 1 late');
  });
});

it('a lost datagram: late is what took longer than without it, whenever the run began', () => {
  const usual = [1_330, 1_335, 1_340].map((at, i) => piece('abc'[i] ?? '', 'q1', at));
  const run = [1_332, 1_650, 1_345].map((at, i) => ({ ...piece('abc'[i] ?? '', 'q1', at + 50_000), sentAt: 51_000 }));
  const waited = lostOne(run, usual, 150);
  expect(waited.late).toEqual([false, true, false]);
  // Most were whole 335 ms after the first was asked for: from there on it waited.
  expect(waited.silences).toEqual([null, { from: 51_335, to: 51_650 }, null]);
});

it('a lost datagram: a run without a loss that was slow for another reason hides nobody', () => {
  const slow = [1_800, 1_805, 1_810].map((at, i) => piece('abc'[i] ?? '', 'q1', at));
  const run = [1_332, 1_650, 1_345].map((at, i) => piece('abc'[i] ?? '', 'q1', at));
  expect(lostOne(run, slow, 150).late).toEqual([false, true, false]);
});

it('numbers are spelled as the guesses spell them', () => {
  expect(lateWord({ late: Array(12).fill(true) })).toBe('all twelve');
  expect(lateWord({ late: [true, false] })).toBe('one');
});
