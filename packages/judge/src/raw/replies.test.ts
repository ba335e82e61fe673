import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesOf, latin1 } from './bytes.ts';
import { type Parsed, parseReply, valuesOf } from './replies.ts';

const parse = (text: string, options: Partial<Parameters<typeof parseReply>[2]> = {}, from = 0): Parsed =>
  parseReply(bytesOf(text), from, { method: 'GET', ended: false, lenient: false, ...options });

const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nfirst';

describe('parseReply', () => {
  it('reads a reply with a length, and stops at its last byte', () => {
    expect(parse(`${ok}HTTP/1.1`)).toMatchObject({
      kind: 'reply',
      reply: { status: 200, framing: 'length', declared: 5, from: 0, headEnd: 38, to: 43 },
    });
  });

  it('does not look at phrases, order, case or spaces', () => {
    const text = 'HTTP/1.1 404 \r\nx:1\r\ncONTENT-lENGTH:   2 \r\n\r\nno';
    expect(parse(text)).toMatchObject({ kind: 'reply', reply: { status: 404, declared: 2 } });
    expect(parse('HTTP/1.1 200\r\ncontent-length: 0\r\n\r\n')).toMatchObject({ kind: 'reply' });
  });

  it('reads chunks with extensions, leading zeros and trailers', () => {
    const text =
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n003;a="b"\r\nfir\r\nA\r\nst and mor\r\n0\r\nX: y\r\n\r\n';
    const parsed = parse(text);
    expect(parsed).toMatchObject({ kind: 'reply', reply: { framing: 'chunked', to: text.length } });
    if (parsed.kind === 'reply') expect(latin1(parsed.reply.body)).toBe('first and mor');
  });

  it('has no body after HEAD, and with 204 and 304', () => {
    expect(parse('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n', { method: 'HEAD' })).toMatchObject({
      reply: { framing: 'no body', to: 38 },
    });
    expect(parse('HTTP/1.1 204 \r\n\r\n')).toMatchObject({ reply: { framing: 'no body' } });
    expect(parse('HTTP/1.1 304 \r\nContent-Length: 9\r\n\r\n')).toMatchObject({ reply: { framing: 'no body' } });
  });

  it('passes over interim replies', () => {
    expect(parse(`HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nLink: x\r\n\r\n${ok}`)).toMatchObject({
      reply: { status: 200, from: 56 },
    });
  });

  it('runs to the end of the connection when nothing else says where the body ends, and only then', () => {
    const text = 'HTTP/1.1 200 OK\r\n\r\nfirst';
    expect(parse(text, { ended: true })).toMatchObject({ reply: { framing: 'until the end', to: text.length } });
    expect(parse(text)).toMatchObject({ kind: 'fault', cause: 'no framing', at: 19 });
  });

  it('waits for what is missing, and says what that is', () => {
    expect(parse('')).toMatchObject({ kind: 'more', have: 'nothing' });
    expect(parse('HTTP/1.1 200 OK\r\n')).toMatchObject({ kind: 'more', have: 'head' });
    expect(parse(ok.slice(0, -2))).toMatchObject({
      kind: 'more',
      have: 'body',
      missing: '2 of 5 bytes of its body',
      declared: 5,
    });
    expect(parse('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n0\r\n')).toMatchObject({
      missing: 'the empty line after the last chunk',
    });
  });

  it('is lenient about empty lines only where it is told to', () => {
    expect(parse(`\r\n\r\n${ok}`, { lenient: true })).toMatchObject({ kind: 'reply', reply: { from: 4 } });
    expect(parse(`\r\n${ok}`)).toMatchObject({ kind: 'fault', at: 0 });
  });

  it.each([
    ['bytes that begin no reply', 'irst', 'wrong bytes', 0],
    ['a line feed alone', 'HTTP/1.1 200 OK\nContent-Length: 0\n\n', 'wrong bytes', 15],
    ['a carriage return alone', 'HTTP/1.1 200 OK\rx', 'wrong bytes', 15],
    ['a status that is no number', 'HTTP/1.1 OK 200\r\n\r\n', 'wrong bytes', 0],
    ['a field without a colon', 'HTTP/1.1 200 OK\r\nnothing\r\n\r\n', 'wrong bytes', 17],
    ['a space before the colon', 'HTTP/1.1 200 OK\r\nContent-Length : 0\r\n\r\n', 'wrong bytes', 17],
    ['a folded field', 'HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n', 'wrong bytes', 23],
    ['a control character in a value', 'HTTP/1.1 200 OK\r\nA: \x01\r\n\r\n', 'wrong bytes', 17],
    ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc', 'wrong length', 0],
    ['a length that is no number', 'HTTP/1.1 200 OK\r\nContent-Length: five\r\n\r\n', 'wrong length', 0],
    [
      'a length and chunks',
      'HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n',
      'wrong length',
      0,
    ],
    ['another coding', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n', 'wrong length', 0],
    ['a size that is no hex', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfive\r\n', 'wrong length', 47],
    [
      'a chunk that is longer than its size',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nfirst\r\n',
      'wrong length',
      52,
    ],
    ['a switch of protocols that nobody asked for', 'HTTP/1.1 101 Switching\r\n\r\n', 'wrong bytes', 0],
  ])('refuses %s, and says where', (_, text, cause, at) => {
    expect(parse(text)).toMatchObject({ kind: 'fault', cause, at });
  });

  it('finds the same replies in any stream of replies, wherever it begins to read', () => {
    const body = fc.uint8Array({ maxLength: 60 });
    const reply = fc.tuple(body, fc.boolean()).map(([bytes, chunked]) => {
      const text = latin1(bytes);
      const chunks = text === '' ? '' : `${bytes.length.toString(16)}\r\n${text}\r\n`;
      const wire = chunked
        ? `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${chunks}0\r\n\r\n`
        : `HTTP/1.1 200 OK\r\nContent-Length: ${bytes.length}\r\n\r\n${text}`;
      return { text, wire };
    });
    fc.assert(
      fc.property(fc.array(reply, { maxLength: 5 }), (replies) => {
        const wire = Uint8Array.from(replies.map((r) => r.wire).join(''), (c) => c.charCodeAt(0));
        let at = 0;
        for (const { text, wire: one } of replies) {
          const parsed = parseReply(wire, at, { method: 'GET', ended: false, lenient: false });
          if (parsed.kind !== 'reply') throw new Error(JSON.stringify(parsed));
          expect(latin1(parsed.reply.body)).toBe(text);
          expect(parsed.reply.to - parsed.reply.from).toBe(one.length);
          at = parsed.reply.to;
        }
        expect(at).toBe(wire.length);
      }),
    );
  });
});

describe('valuesOf', () => {
  it('finds a field in any case, all of them', () => {
    expect(
      valuesOf(
        [
          ['Connection', 'x'],
          ['CONNECTION', 'Close'],
        ],
        'connection',
      ),
    ).toEqual(['x', 'Close']);
  });
});
