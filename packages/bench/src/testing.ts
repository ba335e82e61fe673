import { atLeast, atMost, measurementOf, type Report } from './results.ts';

/** A report with a claim of every kind: reached, not reached, without a target, a cost. */
export function exampleReport(): Report {
  const server = measurementOf(
    { id: 's', title: 'A <server>', unit: 'requests/s', notes: ['A note.'] },
    [
      { name: 'interleave, event handler', figures: [600, 660, 630], busy: [1, 1, 1] },
      { name: 'node:http2', figures: [100, 110, 100], busy: [1, 1, 1] },
      { name: 'nghttpd', figures: [700, 700, 700], busy: [0.7, 0.7, 0.7] },
    ],
    [
      {
        id: 'a',
        claim: 'A <server>',
        ours: 'interleave, event handler',
        peer: 'node:http2',
        better: 'higher',
        target: atLeast(6),
      },
      {
        id: 'b',
        claim: 'A <server>',
        ours: 'interleave, event handler',
        peer: 'nghttpd',
        better: 'higher',
        target: atLeast(1.1),
      },
      { id: 'c', claim: 'A <server>', ours: 'nghttpd', peer: 'node:http2', better: 'higher' },
    ],
  );
  const cost = measurementOf(
    { id: 'f', title: 'One frame', unit: 'ns/frame' },
    [
      { name: '1 open', figures: [100] },
      { name: '10,000 open', figures: [110] },
    ],
    [{ id: 'd', claim: 'One frame', ours: '10,000 open', peer: '1 open', better: 'lower', target: atMost(1.2) }],
  );
  return {
    format: 1,
    date: '2026-11-21',
    rounds: 3,
    quick: false,
    environment: {
      node: '24.21.0',
      v8: '13.6',
      platform: 'linux x64',
      cpu: 'A CPU',
      cores: 2,
      pinned: true,
      generator: 'h2load 1.52.0',
      peers: {},
      loadAverage: 0.1,
    },
    measurements: [server, cost],
    skipped: [{ id: 'x', why: 'X is not installed.' }],
  };
}
