import { describe, expect, it } from 'vitest';
import { CHUNK_LINE_STATES, CHUNK_LINE_TABLE, NO_STATE } from './chunk_line.ts';
import { CONNECTION_STATES, REQUEST_STATES, RESPONSE_STATES, step, type Table } from './state.ts';

/** States that can be reached from the first one. */
function reachable(table: Table<string, string>): Set<string> {
  const seen = new Set([Object.keys(table)[0] as string]);
  for (const state of seen) for (const next of Object.values(table[state] ?? {})) seen.add(next as string);
  return seen;
}

describe('the tables', () => {
  it('name only states that they have', () => {
    for (const table of [REQUEST_STATES, RESPONSE_STATES, CONNECTION_STATES, CHUNK_LINE_STATES] as Table<
      string,
      string
    >[]) {
      for (const state of reachable(table)) expect(Object.keys(table)).toContain(state);
    }
  });

  it('reach every state of a response, of a connection and of a chunk line', () => {
    for (const table of [RESPONSE_STATES, CONNECTION_STATES, CHUNK_LINE_STATES] as Table<string, string>[]) {
      expect([...reachable(table)].sort()).toEqual(Object.keys(table).sort());
    }
  });

  it('end: nothing follows what is done, switched or aborted', () => {
    for (const table of [REQUEST_STATES, RESPONSE_STATES]) {
      for (const state of ['done', 'switched', 'aborted'] as const) expect(table[state]).toEqual({});
    }
    expect(step(RESPONSE_STATES, 'done', 'data')).toBeNull();
    expect(step(RESPONSE_STATES, 'idle', 'interim')).toBe('idle');
    expect(step(CONNECTION_STATES, 'failed', 'switch')).toBeNull();
  });

  it('say for every byte of a chunk line what the drawing says', () => {
    const names = Object.keys(CHUNK_LINE_STATES);
    const next = (state: string, byte: string): string | undefined => {
      const packed = CHUNK_LINE_TABLE[256 * names.indexOf(state) + byte.charCodeAt(0)] as number;
      return packed === NO_STATE ? undefined : names[packed];
    };
    expect(next('start', 'f')).toBe('size');
    expect(next('start', 'g')).toBeUndefined();
    expect(next('size', '\r')).toBe('line-feed');
    expect(next('size', '\n')).toBeUndefined();
    expect(next('before-semicolon', '\r')).toBeUndefined();
    expect(next('name', 'f')).toBe('name');
    expect(next('quoted', '\r')).toBeUndefined();
    expect(next('quoted', '\xff')).toBe('quoted');
    expect(next('escaped', '"')).toBe('quoted');
    expect(next('line-feed', '\n')).toBe('complete');
  });
});
