import { describe, expect, test } from 'vitest';
import { columns, ratios, reportText } from './table.ts';
import { exampleReport } from './testing.ts';

test('columns line up, and no line ends in blanks', () => {
  expect(
    columns(
      [
        ['a', '1'],
        ['bbb', '22'],
        ['c', ''],
      ],
      new Set([1]),
    ),
  ).toEqual(['a     1', 'bbb  22', 'c']);
});

describe('the report', () => {
  test('puts ratio, spread, target and verdict of every claim in one row', () => {
    const rows = ratios(exampleReport()).map((row) => row.split(/ {2,}/));
    expect(rows).toEqual([
      ['what', 'this', 'against', 'ratio', 'spread', 'by', 'other', 'better', 'target'],
      ['A <server>', 'interleave, event handler', 'node:http2', '6.3×', '6 – 6.3', '6.3×', 'more', '≥ 6×', 'reached'],
      [
        'A <server>',
        'interleave, event handler',
        'nghttpd',
        '0.63×',
        '0.6 – 0.66',
        'CPU',
        '0.9×',
        'more',
        '≥ 1.1×',
        'not reached',
      ],
      ['A <server>', 'nghttpd', 'node:http2', '10×', '9.09 – 10', 'CPU', '7×', 'more'],
      ['One frame', '10,000 open', '1 open', '1.1×', 'less', '≤ 1.2×', 'reached'],
    ]);
  });

  test('says what was left out, which generator was used, and when others were at work', () => {
    const report = exampleReport();
    const text = reportText(report);
    expect(text).toContain('X is not installed.');
    expect(text).toContain('load from h2load 1.52.0');
    expect(text).not.toContain('Others were at work');
    const busy = { ...report, environment: { ...report.environment, loadAverage: 2.5 } };
    expect(reportText(busy)).toContain('load average 2.5');
    const builtIn = { ...report, environment: { ...report.environment, generator: 'built-in client' } };
    expect(reportText(builtIn)).toContain('the load was the limit');
  });

  test('a run without a pair says so', () => {
    expect(ratios({ ...exampleReport(), measurements: [] })).toEqual([
      'No two contestants were measured side by side.',
    ]);
  });
});
