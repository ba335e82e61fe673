import { formatConn } from '@interleave/trace';
import { expect, it } from 'vitest';
import { connFieldOf } from './conn-field.ts';

it('the parts of X-Conn stand where they are in its bytes', () => {
  const value = formatConn({
    protocol: 'h2',
    connection: 'k3J9aQ',
    nth: 1,
    streamId: 1,
    state: 'new',
    resumed: true,
    earlyData: false,
    ageMs: 3,
    requestId: 'r1',
  });
  const { bytes, parts } = connFieldOf(value);
  const text = new TextDecoder().decode(bytes);
  expect(text).toBe(`X-Conn: ${value}\r\n`);
  expect(parts.map(({ from, to, label }) => [text.slice(from, to), label])).toEqual([
    ['c=k3J9aQ', 'the connection'],
    ['n=1', 'exchange'],
    ['st=new', 'new or reused'],
    ['res=1', 'resumed'],
    ['ed=0', 'early data'],
  ]);
  expect(connFieldOf('').parts).toEqual([]);
});
