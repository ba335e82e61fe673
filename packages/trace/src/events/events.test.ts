import { expect, it } from 'vitest';
import { qlogForQvis, qlogSequence } from './qlog.ts';
import { bothEnds } from './testing/both-ends.ts';

it('a sequence is one JSON record a line, each behind a record separator (RFC 7464)', () => {
  const ends = bothEnds('h2');
  ends.exchange();
  const snapshot = ends.server.snapshot('share');
  const records = qlogSequence(snapshot)
    .split('\x1e')
    .slice(1)
    .map((record) => JSON.parse(record));
  expect(records.length).toBe(snapshot.events.length + 1);
  expect(records[0]).toMatchObject({
    file_schema: 'urn:ietf:params:qlog:file:sequential',
    trace: { vantage_point: { type: 'server' }, common_fields: { group_id: 'c7' } },
  });
  const times = records.slice(1).map(({ time }) => time);
  expect(times).toEqual([...times].sort((a, b) => a - b));
  expect(records.some(({ name }) => name === 'http2:parameters_set')).toBe(true);
  expect(records.find(({ data }) => data?.frame?.frame_type === 'window_update')).toMatchObject({
    data: { frame: { increment: expect.any(Number) } },
  });
});

it('qvis gets its older form', () => {
  const ends = bothEnds('h2');
  ends.exchange();
  const file = JSON.parse(qlogForQvis(ends.server.snapshot('share')));
  expect(file).toMatchObject({ qlog_version: '0.3', qlog_format: 'JSON' });
  expect(file.traces[0].events.length).toBeGreaterThan(3);
});
