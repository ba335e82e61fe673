import { Http1Connection } from '@interleave/wire/http1';
import { Http2Connection } from '@interleave/wire/http2';
import { describe, expect, it } from 'vitest';
import { qlogForQvis, qlogSequence } from './qlog.ts';
import { ConnectionRecorder } from './recorder.ts';

const utf8 = new TextEncoder();

/** One exchange between both ends of the core; what each end has seen. */
function exchange(
  protocol: 'http/1.1' | 'h2',
  values = false,
): { client: ConnectionRecorder; server: ConnectionRecorder } {
  let time = 1000;
  const recorder = (vantagePoint: 'client' | 'server'): ConnectionRecorder =>
    new ConnectionRecorder({
      connectionId: 'c7',
      vantagePoint,
      startedAt: 1_700_000_000_000,
      now: () => time++,
      values,
    });
  const recorders = { client: recorder('client'), server: recorder('server') };
  const Connection = protocol === 'h2' ? Http2Connection : Http1Connection;
  const client = new Connection({ role: 'client', observe: recorders.client.observer(protocol) });
  const server = new Connection({ role: 'server', observe: recorders.server.observer(protocol) });
  const carry = (): void => {
    for (let turn = 0; turn < 3; turn++) {
      for (const bytes of client.takeOutput()) server.receive(bytes, 0);
      for (const bytes of server.takeOutput()) client.receive(bytes, 0);
    }
  };
  const id = client.sendRequest({
    method: 'POST',
    target: '/a?token=secret',
    authority: 'a.test',
    fields: [
      ['cookie', 'secret'],
      ['content-type', 'text/plain'],
    ],
  });
  client.sendData(id, utf8.encode('hello'), { endStream: true });
  carry();
  server.sendResponse(id, { status: 200, fields: [['set-cookie', 'secret']] });
  server.sendData(id, utf8.encode('there'), { endStream: true });
  carry();
  return recorders;
}

describe.each(['http/1.1', 'h2'] as const)('the events of %s', (protocol) => {
  it('of one end are those of the other, in the other direction, at the same offsets', () => {
    const { client, server } = exchange(protocol);
    const of = (recorder: ConnectionRecorder, direction: string): unknown[] =>
      recorder
        .snapshot()
        .events.filter(({ name }) => name.endsWith(direction))
        .map(({ data }) => data);
    expect(of(client, '_created').length).toBeGreaterThan(1);
    expect(of(server, '_parsed')).toEqual(of(client, '_created'));
    expect(of(client, '_parsed')).toEqual(of(server, '_created'));
  });

  it('hold no value that could be private, unless asked', () => {
    const text = qlogSequence(exchange(protocol).server.snapshot());
    expect(text).not.toContain('secret');
    expect(text).toContain('cookie');
    expect(text).toContain('text/plain');
    expect(qlogSequence(exchange(protocol, true).server.snapshot())).toContain('token=secret');
  });
});

it('a sequence is one JSON record a line, each behind a record separator (RFC 7464)', () => {
  const snapshot = exchange('h2').server.snapshot();
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
  const file = JSON.parse(qlogForQvis(exchange('h2').server.snapshot()));
  expect(file).toMatchObject({ qlog_version: '0.3', qlog_format: 'JSON' });
  expect(file.traces[0].events.length).toBeGreaterThan(3);
});

it('a recorder keeps the latest events, says how many it dropped, and tells whoever watches', () => {
  const recorder = new ConnectionRecorder({ connectionId: 'c', startedAt: 0, now: () => 0, capacity: 3 });
  const seen: unknown[] = [];
  const stop = recorder.watch(({ data }) => seen.push(data['n']));
  for (let n = 1; n <= 5; n++) recorder.record('conn:request', { n });
  stop();
  recorder.record('conn:request', { n: 6 });
  const { events, dropped } = recorder.snapshot();
  expect(events.map(({ data }) => data['n'])).toEqual([4, 5, 6]);
  expect(dropped).toBe(3);
  expect(seen).toEqual([1, 2, 3, 4, 5]);
});
