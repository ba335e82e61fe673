import { describe, expect, it } from 'vitest';
import { CONTENT_LENGTH, OTHER } from '../fields/names.ts';
import { ownName } from './own_names.ts';

describe('a name that we send', () => {
  it('is written as it was given, with colon and space', () => {
    expect(String.fromCharCode(...ownName('X-Trace').bytes)).toBe('X-Trace: ');
    expect(ownName('X-Trace').id).toBe(OTHER);
    expect(ownName('CONTENT-length').id).toBe(CONTENT_LENGTH);
  });

  it('is refused when it is no token, however often it comes', () => {
    for (const name of ['', 'a b', 'a:', 'a\r\nb', 'é']) {
      for (let time = 0; time < 2; time++) expect(() => ownName(name)).toThrow('a name is a token');
    }
  });

  it('is right for more names than are kept, and for names that are too long to keep', () => {
    for (let index = 0; index < 600; index++) {
      const name = `n${index}${'x'.repeat(index % 100)}`;
      expect(ownName(name).name).toBe(name);
      expect(ownName(name).bytes.length).toBe(name.length + 2);
    }
  });
});
