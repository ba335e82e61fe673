import { describe, expect, it } from 'vitest';
import { CLOUDFLARE, CLOUDFLARE_HEADERS } from '../cf-examples.ts';
import app from '../index.tsx';
import type { Echo } from './echo-record.ts';
import { FRAME_COST, headBytes, textFrame } from './frames.ts';

describe('a WebSocket frame', () => {
  it('is the example of RFC 6455 §5.7, masked and not', () => {
    const hex = (bytes: Uint8Array): string => [...bytes].map((b) => b.toString(16).padStart(2, '0')).join(' ');
    const mask = Uint8Array.of(0x37, 0xfa, 0x21, 0x3d);
    expect(hex(textFrame('Hello', mask).bytes)).toBe('81 85 37 fa 21 3d 7f 9f 4d 51 58');
    expect(hex(textFrame('Hello', null).bytes)).toBe('81 05 48 65 6c 6c 6f');
  });

  it('costs what is counted for it, and its parts cover it', () => {
    for (const [mask, cost] of [
      [new Uint8Array(4), FRAME_COST.there],
      [null, FRAME_COST.back],
    ] as const) {
      const { bytes, parts } = textFrame('abc', mask);
      expect(bytes.length - 3).toBe(cost);
      expect(parts[0]?.from).toBe(0);
      for (const [i, part] of parts.entries()) expect(part.to).toBe(parts[i + 1]?.from ?? bytes.length);
    }
    expect(() => textFrame('x'.repeat(126), null)).toThrow(RangeError);
  });
});

it('a head is as long as HTTP/1.1 spells it', () => {
  const spelled = 'GET / HTTP/1.1\r\nhost: a\r\nx-ü: b\r\n\r\n';
  expect(
    headBytes('GET / HTTP/1.1', [
      ['host', 'a'],
      ['x-ü', 'b'],
    ]),
  ).toBe(new TextEncoder().encode(spelled).length);
});

describe('POST /echo', () => {
  const post = async (body: string, cf?: unknown, more: Record<string, string> = {}): Promise<Response> => {
    const request = new Request('https://app.example/echo?r=e1', { method: 'POST', body, headers: more });
    return app.fetch(cf === undefined ? request : Object.defineProperty(request, 'cf', { value: cf }), {});
  };

  it('says back what it was told, with the size of the head, and without what the edge has put there', async () => {
    const plain = (await (await post('one')).json()) as Echo;
    const edge = (await (await post('one', CLOUDFLARE, CLOUDFLARE_HEADERS)).json()) as Echo;
    expect(plain).toMatchObject({ v: 1, said: 'one', record: { request: { id: 'e1' } } });
    expect(plain.head.bytes).toBeGreaterThan(40);
    expect(edge.head).toEqual(plain.head);
  });

  it('refuses too much by name', async () => {
    const response = await post('x'.repeat(5000));
    expect(response.status).toBe(413);
    expect(await response.json()).toMatchObject({ error: expect.stringContaining('4096') });
  });
});
