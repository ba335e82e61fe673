import { describe, expect, it } from 'vitest';
import { bytesOf } from '../bytes.ts';
import { http2Words } from './excerpt-words.ts';
import { headers, preface, settings } from './write.ts';

const words = (...bytes: Parameters<typeof bytesOf>[0][]): string[] => http2Words(bytesOf(bytes), 0, true);

describe('the words over the bytes of a client', () => {
  it('name the preface, each frame and each request', () => {
    expect(words(preface, settings(), headers(1, 'GET /a', { end: true }))).toEqual([
      'the preface',
      'SETTINGS',
      'HEADERS 1 GET /a END_STREAM',
    ]);
  });

  it('say what a malformed request has twice, and what it lacks', () => {
    const twice = headers(3, 'GET /a', { fields: [[':path', '/b']] });
    const pathless = headers(5, [[':method', 'GET']]);
    const nameless = headers(7, [[':path', '/a']]);
    const trailers = headers(9, [['x-sum', '9']]);
    expect(words(preface, twice, pathless, nameless, trailers).slice(1)).toEqual([
      'HEADERS 3 GET /a and /b',
      'HEADERS 5 GET (no :path)',
      'HEADERS 7 (no :method) /a',
      'HEADERS 9 trailers',
    ]);
  });

  it('take bytes that are no preface for no frames', () => {
    expect(words('GET /a HTTP/1.1\r\n\r\n')).toEqual(['19 bytes that do not begin with the preface']);
    expect(words('PRI * HT')).toEqual(['8 bytes of a frame']);
  });
});
