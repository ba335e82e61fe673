import { describe, expect, test } from 'vitest';
import { LeanResponse, responseParts } from './lean-response.ts';

/** Everything that can be seen of a response. */
async function seen(response: Response): Promise<unknown> {
  const { status, ok, statusText, type, redirected, url } = response;
  const headers = [...response.headers];
  const used = response.bodyUsed;
  return {
    status,
    ok,
    statusText,
    type,
    redirected,
    url,
    headers,
    used,
    text: await response.text(),
    after: response.bodyUsed,
  };
}

describe('a lean response', () => {
  test.each([
    ['text', ['hello']],
    ['text with headers', ['hello', { status: 201, headers: { 'x-a': ' b ', 'Content-Type': 'text/html' } }]],
    ['bytes', [new Uint8Array([104, 105])]],
    ['nothing', []],
    ['null and a status', [null, { status: 204 }]],
    [
      'headers as pairs',
      [
        'x',
        {
          headers: [
            ['a', '1'],
            ['a', '2'],
          ],
        },
      ],
    ],
    ['a stream', [new Blob(['streamed']).stream()]],
    ['a form', [new URLSearchParams({ a: 'b' })]],
    ['a status text', ['x', { status: 200, statusText: 'Fine' }]],
  ] as [string, [BodyInit | null, ResponseInit?]][])('of %s looks like the platform does', async (name, args) => {
    const again: [BodyInit | null, ResponseInit?] = name === 'a stream' ? [new Blob(['streamed']).stream()] : args;
    expect(await seen(new LeanResponse(...args))).toEqual(await seen(new Response(...again)));
  });

  test('is a Response', () => {
    expect(new LeanResponse('x')).toBeInstanceOf(Response);
  });

  test('of JSON looks like the platform does', async () => {
    expect(await seen(LeanResponse.json({ a: [1] }))).toEqual(await seen(Response.json({ a: [1] })));
    const init = { status: 400, headers: { 'content-type': 'application/problem+json' } };
    expect(await seen(LeanResponse.json({}, init))).toEqual(await seen(Response.json({}, init)));
    expect(() => LeanResponse.json(undefined)).toThrow(TypeError);
  });

  test('has parts while nobody has looked behind it, and says the same in both ways', async () => {
    const response = new LeanResponse('héllo', { status: 202, headers: { 'X-A': 'b' } });
    const parts = responseParts(response);
    expect(parts?.status).toBe(202);
    expect(new TextDecoder().decode(parts?.content)).toBe('héllo');
    expect(new Headers(parts?.fields as [string, string][])).toEqual(response.headers);
    expect(responseParts(response)).toBeNull();
    expect(await response.text()).toBe('héllo');
  });

  test.each([
    ['a status that does not exist', { status: 99 }],
    ['a header name with a space', { headers: { 'a b': 'c' } }],
    ['a header value with a line break', { headers: { a: 'b\r\nc: d' } }],
  ])('refuses %s where it is made', (_, init) => {
    expect(() => new LeanResponse('x', init)).toThrow();
    expect(() => new Response('x', init)).toThrow();
  });

  test('keeps changes that are made to its headers', () => {
    const response = new LeanResponse('x');
    response.headers.set('x-later', '1');
    expect(responseParts(response)).toBeNull();
    expect(response.headers.get('x-later')).toBe('1');
  });
});
