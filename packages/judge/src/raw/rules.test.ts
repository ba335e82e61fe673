import { describe, expect, it } from 'vitest';
import type { HandlerRule } from '../exercise.ts';
import { answeredBy, fitOf, wholeBody } from './rules.ts';

const rules: readonly HandlerRule[] = [
  { on: 'GET /n/7', reply: { body: 'seven' } },
  { on: 'GET /n/*', reply: { body: { starred: 'answer *' } } },
  { on: 'GET /a', reply: { body: 'first' } },
];

describe('a handler’s rules', () => {
  it('are tried in order, and a star takes the rest of the target', () => {
    expect(fitOf(rules, 'GET /n/7')).toEqual({ rule: rules[0], star: null });
    expect(fitOf(rules, 'GET /n/70')).toEqual({ rule: rules[1], star: '70' });
    expect(fitOf(rules, 'GET /a')).toEqual({ rule: rules[2], star: null });
    expect(fitOf(rules, 'POST /a')).toBeNull();
    expect(fitOf(rules, 'GET /ab')).toBeNull();
  });

  it('give the body that is known before the request comes', () => {
    expect(wholeBody({ starred: 'answer *' }, '70')).toBe('answer 70');
    expect(wholeBody('first')).toBe('first');
    expect(wholeBody({ pieces: [] })).toBeNull();
    expect(wholeBody({ echo: true })).toBeNull();
  });

  it('tell whose answer some bytes are', () => {
    expect(answeredBy(rules, 'answer 12', 'GET /n/11')).toBe('GET /n/12');
    expect(answeredBy(rules, 'answer 12', 'GET /n/12')).toBeNull();
    expect(answeredBy(rules, 'seven', 'GET /n/8')).toBe('GET /n/7');
    // Seven has an answer of its own, so this is nobody's.
    expect(answeredBy(rules, 'answer 7', 'GET /n/8')).toBeNull();
    expect(answeredBy(rules, 'first', 'GET /a')).toBeNull();
  });
});
