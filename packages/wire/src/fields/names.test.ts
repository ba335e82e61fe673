import { expect, it } from 'vitest';
import { wire } from '../testing/text.ts';
import { identify, identifyBytes, OTHER } from './names.ts';

const KNOWN = ['te', 'host', 'expect', 'upgrade', 'connection', 'content-length', 'transfer-encoding'];

it.each(KNOWN)('%s is known in any case, as text and as bytes', (name) => {
  for (const written of [name, name.toUpperCase(), `${name[0]?.toUpperCase()}${name.slice(1)}`]) {
    expect(identify(written)).not.toBe(OTHER);
    expect(identifyBytes(wire(`:${written}:`), 1, 1 + written.length)).toBe(identify(written));
  }
  expect(new Set(KNOWN.map(identify)).size).toBe(KNOWN.length);
});

it.each(['', 'x', 'tE_', 'hosts', 'content_length', 'content-lengtH1', 'transfer-encodinG_', 'Connectio\u212a'])(
  '%j is another name',
  (name) => expect(identify(name)).toBe(OTHER),
);

it('no other byte passes for a letter', () => {
  for (let byte = 0; byte < 256; byte++) {
    const same = byte === 0x48 || byte === 0x68;
    expect(identifyBytes(Uint8Array.of(byte, 0x6f, 0x73, 0x74), 0, 4) !== OTHER).toBe(same);
  }
});
