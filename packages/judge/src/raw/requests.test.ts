import { describe, expect, it } from 'vitest';
import { bytesOf, latin1 } from './bytes.ts';
import { parseRequest } from './requests.ts';

/** `GET /a ""`, `more: …`, or `fault: …`. */
function read(text: string, from = 0): string {
  const parsed = parseRequest(bytesOf(text), from);
  if (parsed.kind === 'request')
    return `${parsed.request.request} "${latin1(parsed.request.body)}" ${parsed.request.to}`;
  return parsed.kind === 'more' ? `more: ${parsed.missing}` : `fault at ${parsed.fault.at}: ${parsed.fault.message}`;
}

const HOST = 'Host: a\r\n';

describe('parseRequest', () => {
  it.each([
    ['without a body', `GET /a HTTP/1.1\r\n${HOST}\r\n`, 'GET /a "" 28'],
    [
      'with a length, in any case of the name',
      `PUT /a HTTP/1.1\r\ncontent-LENGTH:2\r\nhost:a\r\n\r\nhiX`,
      'PUT /a "hi" 47',
    ],
    [
      'in chunks, with extension and trailer',
      `POST /a HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n2;x\r\nhi\r\n0\r\nX: y\r\n\r\n`,
      'POST /a "hi" 77',
    ],
    ['with an absolute target', `GET http://a/ HTTP/1.1\r\n${HOST}\r\n`, 'GET http://a/ "" 35'],
  ])('reads a request %s', (_, text, is) => {
    expect(read(text)).toBe(is);
  });

  it('says of every beginning that it is not whole', () => {
    const whole = `PUT /a HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n`;
    for (let i = 0; i < whole.length; i++) expect(read(whole.slice(0, i))).toMatch(/^more: /);
    expect(read(whole)).toMatch(/^PUT \/a "hi"/);
  });

  it.each([
    ['a line with two spaces', `GET  /a HTTP/1.1\r\n${HOST}\r\n`, /no request line/],
    ['an empty line first', `\r\nGET /a HTTP/1.1\r\n${HOST}\r\n`, /an empty line stands/],
    ['no Host', 'GET /a HTTP/1.1\r\n\r\n', /without Host/],
    ['two Hosts', `GET /a HTTP/1.1\r\n${HOST}${HOST}\r\n`, /2 Host fields/],
    ['␊ alone', `GET /a HTTP/1.1\n${HOST}\r\n`, /ends with ␊ alone/],
    [
      'two framings',
      `PUT /a HTTP/1.1\r\n${HOST}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n`,
      /stand in one/,
    ],
    ['a length that is no number', `PUT /a HTTP/1.1\r\n${HOST}Content-Length: x\r\n\r\n`, /no number of bytes/],
    ['a chunk without a size', `PUT /a HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\nhi\r\n`, /size of a chunk/],
    ['a space in a field name', `GET /a HTTP/1.1\r\n${HOST}X : y\r\n\r\n`, /no field name/],
  ])('refuses %s', (_, text, says) => {
    expect(read(text)).toMatch(says);
  });
});
