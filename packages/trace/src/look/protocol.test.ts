import { expect, it } from 'vitest';
import { readProtocol } from './protocol.ts';

it.each([
  ['HTTP/1.1', 'http/1.1'],
  ['http/1.0', 'http/1.0'],
  ['HTTP/2', 'h2'],
  ['http/2.0', 'h2'],
  ['h2c', 'h2'],
  ['h3', 'h3'],
  ['HTTP/3', 'h3'],
])('reads %s', (text, protocol) => expect(readProtocol(text)).toBe(protocol));

it('knows nothing of what it does not know', () => {
  for (const text of ['', 'unknown', 'h4', 'toString', '__proto__', 'http/1.1<script>'])
    expect(readProtocol(text)).toBeNull();
});
