import { describe, expect, it } from 'vitest';
import { bytesOf } from '../bytes.ts';
import { differenceOf, valueText } from './reader-values.ts';

const SENT = 'first\r\n\r\nsecond\r\n\r\nthird';
const at = (from: number, value: string, want: string, mark = '\r\n\r\n'): ReturnType<typeof differenceOf> =>
  differenceOf({ value: bytesOf(value), want: bytesOf(want), mark: bytesOf(mark), sent: bytesOf(SENT), from });

describe('differenceOf', () => {
  it('names the mark that was given too', () => {
    expect(at(0, 'first\r\n\r\n', 'first')).toMatchObject({
      cause: 'extra bytes',
      headline: 'gave the mark too: "first␍␊␍␊" (9 bytes)',
      at: { at: 5 },
    });
  });

  it('counts what is too much and what is missing', () => {
    expect(at(9, 'second\r\n', 'second').headline).toBe('gave 2 bytes too many: "␍␊"');
    expect(at(9, 'sec', 'second')).toMatchObject({
      cause: 'incomplete',
      headline: 'gave only the first 3 of 6 bytes',
      at: { at: 12, text: 'it stops here' },
    });
    expect(at(9, '', 'second').headline).toBe('gave no bytes');
  });

  it('finds bytes that stand elsewhere in the stream: lost ones, and ones given twice', () => {
    expect(at(0, 'second', 'first')).toMatchObject({ fact: '9 bytes before it are lost', at: { at: 0 } });
    expect(at(9, 'first', 'second')).toMatchObject({ fact: 'that begins 9 bytes too early' });
  });

  it('sees bytes that went through a text decoder', () => {
    const difference = differenceOf({
      value: bytesOf('caf\ufffd'),
      want: bytesOf(['caf', { hex: 'c3' }]),
      mark: new Uint8Array(0),
      sent: bytesOf('café'),
      from: 0,
    });
    expect(difference.fact).toContain('EF BF BD');
    expect(difference.at).toEqual({ at: 3, text: 'these bytes came back changed' });
  });

  it('points at the first byte that differs when nothing else fits', () => {
    expect(at(9, 'seXond', 'second')).toMatchObject({
      headline: 'gave "seXond" (6 bytes)',
      fact: null,
      at: { at: 11 },
    });
  });
});

describe('valueText', () => {
  it('says bytes as a person would', () => {
    expect(valueText(bytesOf('é'))).toBe('"é" (2 bytes)');
    expect(valueText(new Uint8Array(0))).toBe('no bytes');
    expect(valueText(null)).toBe('null');
  });
});
