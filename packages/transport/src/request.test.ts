import type { RequestHead } from '@interleave/wire';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { requestUrl } from './request.ts';

function head(target: string, authority: string | null = 'localhost:4111'): RequestHead {
  return { version: '1.1', method: 'GET', target, scheme: null, authority, protocol: null, fields: [] };
}

test.each([
  ['/', 'http://localhost:4111/'],
  ['/a/b?c=d&e', 'http://localhost:4111/a/b?c=d&e'],
  ['/a/../b', 'http://localhost:4111/b'],
  ['/a/%2e%2E/b', 'http://localhost:4111/b'],
  ['/a\\b', 'http://localhost:4111/a/b'],
  ['//evil.example/', 'http://localhost:4111//evil.example/'],
  ['/x?q="', 'http://localhost:4111/x?q=%22'],
  ['*', 'http://localhost:4111/'],
  ['http://other.example:80/x', 'http://other.example/x'],
])('%s is %s', (target, url) => {
  expect(requestUrl(head(target), 'http')).toBe(url);
});

test('host and port are spelled as the URL standard does', () => {
  expect(requestUrl(head('/', 'LocalHost:80'), 'http')).toBe('http://localhost/');
  expect(requestUrl(head('/', '127.0.0.1:08080'), 'http')).toBe('http://127.0.0.1:8080/');
  expect(requestUrl(head('/', '0x7f.1'), 'http')).toBe('http://127.0.0.1/');
  expect(requestUrl(head('/', '[::1]:4111'), 'https')).toBe('https://[::1]:4111/');
});

test('the short way spells every target as the URL parser does', () => {
  const piece = fc.constantFrom(
    '/',
    '.',
    '..',
    '%2e',
    '%2E',
    'a',
    'Z',
    '9',
    '?',
    '&',
    '=',
    '"',
    "'",
    '<',
    '|',
    '^',
    '`',
    '{',
    '~',
    ';',
    ':',
    '@',
    '%41',
    '%',
    '[',
    ']',
    '\\',
    '#',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const target = `/${pieces.join('')}`;
      expect(requestUrl(head(target), 'http')).toBe(new URL(`http://localhost:4111${target}`).href);
    }),
    { numRuns: 2000 },
  );
});
