import type { Phase } from '../look/marks.ts';
import type { Exchange, Timeline } from './model.ts';

/** An exchange from its phases' lengths; for tests and for pictures in documentation. */
function exchange(
  id: string,
  nth: number | null,
  label: string,
  start: number,
  phases: readonly (readonly [Phase, number])[],
  more: Partial<Exchange> = {},
): Exchange {
  let at = start;
  const stretches = phases.map(([phase, ms]) => {
    const from = at;
    at += ms;
    return { phase, from, to: at };
  });
  return { id, label, nth, phases: stretches, outcome: 'complete', ...more };
}

const PLAIN = [
  ['request', 0.4],
  ['server', 3],
  ['response', 2],
] as const;

/** Three connections, one of each protocol, with everything that a timeline can show. */
export const MIXED: Timeline = {
  title: 'Three connections carried eight exchanges',
  lanes: [
    {
      id: 'k1',
      label: 'A',
      kind: 'connection',
      protocol: 'http/1.1',
      openedAt: 0,
      closedAt: null,
      beginning: 'new',
      handshake: { from: 0, to: 6 },
      exchanges: [
        exchange('1', 1, 'GET /', 6.2, PLAIN),
        exchange('2', 2, 'GET /api/v1/request?r=a1', 12_400, PLAIN),
        exchange('3', 3, 'GET /api/v1/request?r=a2', 12_408, PLAIN, { current: true }),
      ],
    },
    {
      id: 'k2',
      label: 'B',
      kind: 'connection',
      protocol: 'h2',
      openedAt: 12_420,
      closedAt: 12_440,
      beginning: 'resumed',
      handshake: { from: 12_420, to: 12_423 },
      exchanges: [
        exchange('4', 1, 'GET /x', 12_423, [['waiting', 1], ...PLAIN]),
        exchange('5', 2, 'GET /y', 12_424, PLAIN),
        exchange('6', 3, 'GET /z', 12_425, [['blocked', 4], ...PLAIN], { outcome: 'failed' }),
      ],
      marks: [{ at: 12_440, kind: 'goaway', by: 'server' }],
    },
    {
      id: 'k3',
      label: 'C',
      kind: 'connection',
      protocol: 'h3',
      openedAt: null,
      closedAt: 12_445,
      beginning: 'early-data',
      earlier: 1,
      exchanges: [exchange('7', 2, 'GET /q', 12_436, PLAIN)],
      marks: [{ at: 12_445, kind: 'rst', by: 'client' }],
    },
  ],
};

/** One connection on a virtual clock: only the order counts. */
export const ORDERED: Timeline = {
  title: 'Two requests, two responses, in order',
  scale: 'order',
  lanes: [
    {
      id: 'c1',
      label: 'c1',
      kind: 'connection',
      protocol: 'http/1.1',
      openedAt: 0,
      closedAt: 7,
      beginning: 'new',
      exchanges: [
        exchange('a', 1, 'GET /a', 1, [
          ['request', 1],
          ['server', 1],
          ['response', 1],
        ]),
        exchange('b', 2, 'GET /b', 4, [
          ['request', 1],
          ['response', 1],
        ]),
      ],
      marks: [{ at: 7, kind: 'fin', by: 'client' }],
    },
  ],
};
