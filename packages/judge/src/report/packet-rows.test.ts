import { describe, expect, it } from 'vitest';
import type { Entry } from '../result.ts';
import { packetRowsOf, packetRowsTitle } from './packet-rows.ts';

const arrived = (connection: string, packet: number | undefined, from: number, to: number): Entry => {
  const entry = { tick: 0, at: 0, connection, by: 'judge', what: 'arrived', from, to } as const;
  return packet === undefined ? entry : { ...entry, packet };
};
const passed = (connection: string, to: number): Entry => {
  return { tick: 0, at: 0, connection, by: 'learner', what: 'passed on', from: 0, to };
};

describe('streams by packets', () => {
  const transcript = [
    arrived('stream 3', 0, 0, 5),
    passed('stream 3', 5),
    arrived('stream 3', 2, 10, 15),
    arrived('stream 1', 3, 0, 10),
    passed('stream 1', 10),
    arrived('stream 3', 4, 5, 10),
    passed('stream 3', 15),
  ];

  it('show which packet never came, and who waits from which to which', () => {
    const rows = packetRowsOf({ transcript });
    expect(rows).toEqual({
      last: 4,
      lost: [1],
      rows: [
        { name: 'stream 1', frames: [{ packet: 3, from: 0, to: 10 }], waits: null },
        {
          name: 'stream 3',
          frames: [
            { packet: 0, from: 0, to: 5 },
            { packet: 2, from: 10, to: 15 },
            { packet: 4, from: 5, to: 10 },
          ],
          waits: { from: 2, to: 4 },
        },
      ],
    });
    expect(rows && packetRowsTitle(rows)).toBe('Packet 1 is lost, and 1 of 2 streams waits');
  });

  it('are nothing where all packets came, or where there are none', () => {
    expect(packetRowsOf({ transcript: transcript.slice(0, 2) })).toBeNull();
    expect(packetRowsOf({ transcript: [arrived('tcp', undefined, 10, 20)] })).toBeNull();
  });
});
