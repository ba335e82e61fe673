import { expect, it } from 'vitest';
import { bothEnds } from '../events/testing/both-ends.ts';
import { FrameModel, frameBytes, framesText } from './mod.ts';

function model(protocol: 'http/1.1' | 'h2', exchanges = 2): FrameModel {
  const ends = bothEnds(protocol);
  for (let n = 0; n < exchanges; n++) ends.exchange();
  const made = new FrameModel('server');
  made.add(ends.server.snapshot('own').events);
  return made;
}

it.each(['http/1.1', 'h2'] as const)(
  'the parts of each frame of %s follow each other and cover what is shown',
  (protocol) => {
    const { frames } = model(protocol);
    expect(frames.length).toBeGreaterThan(6);
    for (const frame of frames) {
      const { bytes, parts, hidden } = frameBytes(frame);
      expect(bytes.length + hidden).toBe(frame.length);
      let end = 0;
      for (const part of parts) {
        expect(part.from).toBe(end);
        end = part.to;
      }
      expect(end).toBeGreaterThanOrEqual(bytes.length);
    }
  },
);

it('tables before and after a block are told, and the second block is shorter for it', () => {
  const { frames } = model('h2');
  const [first, second] = frames.filter(({ kind, fromClient }) => kind === 'headers' && fromClient);
  expect(first?.table?.before.entries).toEqual([]);
  expect(first?.table?.after.entries.length).toBe(first?.table?.inserted);
  expect(first?.block?.lines.filter(({ form }) => form === 'literal, added').length).toBe(first?.table?.inserted);
  expect(second?.length ?? 0).toBeLessThan(first?.length ?? 0);
  expect(second?.block?.lines.some(({ form, table }) => form === 'indexed' && table === 'dynamic')).toBe(true);
});

it('a stream goes its way through the states, frame by frame', () => {
  const { steps, frames } = model('h2');
  expect(steps.get(1)?.map(({ old, next }) => [old, next])).toEqual([
    ['idle', 'open'],
    ['open', 'half-closed (remote)'],
    ['half-closed (remote)', 'closed'],
  ]);
  const last = frames.findLast(({ streamId, endStream }) => streamId === 1 && endStream);
  expect(last?.steps.map(({ next }) => next)).toEqual(['closed']);
});

it('as text each frame is a line, with the fields under a head, and what is masked is said', () => {
  const { frames, notes } = model('h2', 1);
  const text = framesText(frames, notes, 3);
  expect(text).toContain('(3 older records made room');
  expect(text).toMatch(/> stream 1 +HEADERS +\d+ B {2}POST \/a\?… \[END_HEADERS\]/);
  expect(text).toContain('cookie: (masked)');
  expect(text).not.toContain('secret');
  const http1 = model('http/1.1', 1);
  expect(framesText(http1.frames, http1.notes, 0)).toMatch(/< exchange 1 +response +\d+ B {2}HTTP\/1.1 200 OK/);
});

it('takes events that are not what they should be without a fault', () => {
  const made = new FrameModel();
  made.add([
    { time: 0, name: 'http2:frame_parsed', data: {} },
    { time: 0, name: 'http2:dynamic_table_updated', data: { inserted: 7 } },
    { time: 0, name: 'http2:frame_parsed', data: { frame: { frame_type: '<b>', headers: 'no' }, raw: { data: 'zz' } } },
  ]);
  for (const frame of made.frames) frameBytes(frame);
  expect(framesText(made.frames, made.notes, 0).split('\n').length).toBe(3);
});
