import { describe, expect, it } from 'vitest';
import type { WireUnit } from '../observer.ts';
import { splits } from '../testing/splits.ts';
import { unwire, wire } from '../testing/text.ts';
import { Http1Connection } from './connection.ts';

const REQUESTS =
  '\r\nPOST /1 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5;x\r\nhello\r\n1\r\n!\r\n0\r\nT: 1\r\n\r\n' +
  'POST /2 HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabcGET /3 HTTP/1.1\r\nHost: a\r\n\r\n';

function watch(role: 'server' | 'client'): { connection: Http1Connection; units: WireUnit[] } {
  const units: WireUnit[] = [];
  return { units, connection: new Http1Connection({ role, observe: (unit) => units.push(unit) }) };
}

function brief({ kind, streamId, offset, length, payloadLength, endStream }: WireUnit): unknown[] {
  return [kind, streamId, offset, length, payloadLength, endStream];
}

describe('an observer', () => {
  it('sees every message, chunk and piece that is read, with its place in the bytes', () => {
    for (const { name, chunks } of splits(wire(REQUESTS))) {
      const { connection, units } = watch('server');
      for (const chunk of chunks) connection.receive(chunk, 0);
      const framed = units.filter(({ kind }) => kind !== 'content');
      const text = (unit: WireUnit | undefined): string =>
        unit === undefined ? '' : REQUESTS.slice(unit.offset, unit.offset + unit.length);
      expect(framed.map(brief), name).toEqual([
        ['request', 1, 0, 59, 0, false],
        ['chunk', 1, 59, 12, 5, false],
        ['chunk', 1, 71, 6, 1, false],
        ['last-chunk', 1, 77, 11, 0, true],
        ['request', 2, 88, 48, 0, false],
        ['request', 3, 139, 28, 0, true],
      ]);
      expect(framed.map(text), name).toEqual([
        REQUESTS.slice(0, 59),
        '5;x\r\nhello\r\n',
        '1\r\n!\r\n',
        '0\r\nT: 1\r\n\r\n',
        REQUESTS.slice(88, 136),
        REQUESTS.slice(139),
      ]);
      const content = units.filter(({ kind }) => kind === 'content');
      expect(content.map(text).join(''), name).toBe('abc');
      expect(content.at(-1)?.endStream, name).toBe(true);
      expect(framed[0]?.startLine, name).toBe('POST /1 HTTP/1.1');
      expect(framed[0]?.fields, name).toEqual([
        ['Host', 'a'],
        ['Transfer-Encoding', 'chunked'],
      ]);
      expect(framed[3]?.fields, name).toEqual([['T', '1']]);
    }
  });

  it('sees what is queued at its place in the output, also when it was prepared before its turn', () => {
    const { connection, units } = watch('server');
    connection.receive(wire('GET / HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(2)), 0);
    units.length = 0;
    connection.sendResponse(2, { status: 200 });
    connection.sendData(2, wire('two'), { endStream: true });
    expect(units).toEqual([]);
    connection.sendResponse(1, { status: 103 });
    connection.sendResponse(1, { status: 200, fields: [['Content-Length', '3']] });
    connection.sendData(1, wire('one'), { endStream: true });
    const said = unwire(connection.takeOutput());
    expect(units.map(({ kind, streamId }) => [kind, streamId])).toEqual([
      ['informational', 1],
      ['response', 1],
      ['content', 1],
      ['response', 2],
      ['chunk', 2],
      ['last-chunk', 2],
    ]);
    expect(units[1]).toMatchObject({ startLine: 'HTTP/1.1 200 OK', fields: [['Content-Length', '3']] });
    expect(units.map(({ offset, length }) => said.slice(offset, offset + length)).join('')).toBe(said);
    expect(units.every(({ direction }) => direction === 'created')).toBe(true);
  });

  it('sees both directions of a client', () => {
    const { connection, units } = watch('client');
    const id = connection.sendRequest({ method: 'POST', target: '/', authority: 'a' });
    connection.sendData(id, wire('x'));
    connection.sendTrailers(id, [['T', '1']]);
    connection.sendRequest({ method: 'GET', target: '/', authority: 'a' }, { endStream: true });
    const said = unwire(connection.takeOutput());
    expect(units.map(({ offset, length }) => said.slice(offset, offset + length)).join('')).toBe(said);
    units.length = 0;
    connection.receive(
      wire('HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 200 OK\r\n\r\nabc'),
      0,
    );
    expect(units.map(brief)).toEqual([
      ['informational', 1, 0, 28, 0, false],
      ['response', 1, 28, 27, 0, true],
      ['response', 2, 55, 19, 0, false],
      ['content', 2, 74, 3, 3, false],
    ]);
  });
});
