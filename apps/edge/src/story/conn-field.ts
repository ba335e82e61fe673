import { connTiming, formatConn, type RequestRecord } from '@interleave/trace';
import type { ByteParts } from './parts.ts';

const LABELS: Readonly<Record<string, string>> = {
  c: 'the connection',
  n: 'exchange',
  st: 'new or reused',
  res: 'resumed',
  ed: 'early data',
};

/** The field `X-Conn` that goes with a response, and what its parts tell. */
export function connField(record: RequestRecord): { bytes: Uint8Array; parts: ByteParts[] } {
  return connFieldOf(formatConn(connTiming(record)));
}

/** The same from its value. */
export function connFieldOf(value: string): { bytes: Uint8Array; parts: ByteParts[] } {
  const line = `X-Conn: ${value}\r\n`;
  const parts = [...line.matchAll(/[?&](\w+)=([^&\r]*)/g)].flatMap(({ 0: all, 1: key = '', index }) => {
    const label = LABELS[key];
    return label === undefined ? [] : [{ from: index + 1, to: index + all.length, label }];
  });
  return { bytes: new TextEncoder().encode(line), parts };
}
