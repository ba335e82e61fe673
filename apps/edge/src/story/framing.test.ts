import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  boundaryPlan,
  FRAMINGS,
  knownAtCut,
  piecesOf,
  readAsServer,
  readingWords,
  takenWords,
  twoMessages,
} from './framing.ts';
import { MISTAKES, mistakeWords, readMistake } from './mistakes.ts';

const plan = (query: string): ReturnType<typeof boundaryPlan> => boundaryPlan(new URLSearchParams(query));
const read = (query: string): ReturnType<typeof readAsServer> => readAsServer(...piecesOf(plan(query)));

describe('two messages on one connection', () => {
  it.each(['length', 'chunked'])('%s: both are found, and the second where it starts', (framing) => {
    const reading = read(`framing=${framing}&say=Hello`);
    expect(reading).toMatchObject({ statuses: [200, 200], said: ['Hello', 'The second one.'], ended: false });
    const { bytes, second } = twoMessages(plan(`framing=${framing}&say=Hello`));
    expect(reading.parts.find(({ label }) => label === 'head of 2')?.from).toBe(second);
    expect(reading.believed).toBe(second);
    expect(reading.parts.at(-1)?.to).toBe(bytes.length);
  });

  it.each([
    ['none', [200, 405], ['', 'The second one.'], 'HelloPOST /say HTTP/1.1'],
    ['short', [200, 405], ['He', 'The second one.'], 'lloPOST /say HTTP/1.1'],
    ['long', [200, 400], ['HelloPOST '], null],
  ])('%s: the rest of the first is taken for the start of the next', (framing, statuses, said, secondLine) => {
    const chosen = plan(`framing=${framing}&say=Hello`);
    const reading = readAsServer(...piecesOf(chosen));
    expect(reading).toMatchObject({ statuses, said, secondLine, ended: secondLine === null });
    expect(reading.believed - twoMessages(chosen).second).toBe({ none: -5, short: -3, long: 5 }[framing]);
    expect(readingWords(chosen, reading)).toContain(`starts at byte ${reading.believed}; it starts at byte`);
    expect(takenWords(reading)).toBe('one');
  });

  it('with a space in what is left over, it is not even a request', () => {
    expect(read('framing=short&say=a b c')).toMatchObject({ statuses: [200, 400], secondLine: null, ended: true });
  });

  it('however they are cut, the same is found (law)', () => {
    fc.assert(
      fc.property(fc.constantFrom(...FRAMINGS), fc.string({ maxLength: 40 }), fc.nat(200), ([framing], say, cut) => {
        const chosen = plan(new URLSearchParams({ framing, say, cut: String(cut) }).toString());
        const whole = readAsServer(twoMessages(chosen).bytes);
        const cutInTwo = readAsServer(...piecesOf(chosen));
        expect({ ...cutInTwo, parts: [] }).toEqual({ ...whole, parts: [] });
        const borders = (parts: typeof whole.parts): number[] =>
          parts.filter(({ label }) => label.startsWith('head')).map(({ from }) => from);
        expect(borders(cutInTwo.parts)).toEqual(borders(whole.parts));
      }),
      { numRuns: 60 },
    );
  });

  it('a length counts bytes', () => {
    expect(new TextDecoder().decode(twoMessages(plan('framing=length&say=ü')).bytes)).toContain(
      'Content-Length: 2\r\n\r\nü',
    );
    expect(read('framing=length&say=ü').said).toEqual(['ü', 'The second one.']);
  });

  it('nonsense in an address is the default', () => {
    expect(plan('framing=x&cut=-4&say=')).toEqual({ framing: 'short', say: 'Hello', cut: 0 });
    expect(plan(`say=${'a'.repeat(99)}&cut=9999`)).toEqual({ framing: 'short', say: 'a'.repeat(40), cut: 0 });
  });

  it('what is known at the cut is said', () => {
    expect(knownAtCut(plan('cut=5'))).toBe('After 5 bytes no head is whole, so the server knows nothing yet.');
    const { second } = twoMessages(plan('framing=length'));
    expect(knownAtCut(plan(`framing=length&cut=${second}`))).toBe(
      `After ${second} bytes the server has content of 1. It waits for the rest.`,
    );
    expect(knownAtCut(plan(`framing=length&cut=${second + 3}`))).toContain('and 3 bytes that mean nothing yet');
  });
});

describe('mistakes that look right', () => {
  it.each(MISTAKES.filter(({ id }) => id !== 'none'))('$name: the first reply is read, the next is not', (mistake) => {
    const reading = readMistake(mistake);
    expect(reading.problem).not.toBeNull();
    expect(reading.believed).toBeLessThan(mistake.reply.length);
    expect(reading.parts.some(({ label }) => label === 'head of 1')).toBe(true);
    expect(mistakeWords(mistake, reading)).toContain('opens another');
  });

  it('without a mistake both are read', () => {
    const reading = readMistake(MISTAKES.find(({ id }) => id === 'none') as (typeof MISTAKES)[number]);
    expect(reading).toMatchObject({ problem: null });
    expect(reading.parts.map(({ label }) => label)).toEqual(['head of 1', 'content of 1', 'head of 2', 'content of 2']);
  });
});
