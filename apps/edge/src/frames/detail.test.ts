import { FrameModel } from '@interleave/trace/frames';
import { expect, it } from 'vitest';
import { framesTwin } from '../pages/frames.tsx';
import { detailTitle, detailWordsHtml, hexHtml, partsHtml, statesHtml, tableHtml, windowsHtml } from './detail.ts';
import { framesInMemory } from './memory.ts';

const EVIL = '<img src=x onerror=alert(1)>"\'&';

/** Everything that is shown of all frames. */
function everything(model: FrameModel): string {
  return model.frames
    .flatMap((frame) => [
      detailWordsHtml(frame),
      hexHtml(frame, 16, 0),
      partsHtml(frame),
      tableHtml(frame) ?? '',
      statesHtml(frame, model),
      windowsHtml(frame, 'you') ?? '',
    ])
    .join('');
}

it('what a peer has sent is shown as text, wherever it stands', () => {
  const model = new FrameModel();
  const line = { from: 0, to: 4, form: EVIL, index: 62, table: 'dynamic', name: EVIL, value: EVIL };
  model.add([
    {
      time: 0,
      name: 'http2:frame_parsed',
      data: {
        number: 0,
        stream_id: 1,
        offset: 0,
        length: 13,
        payload_length: 4,
        frame: { frame_type: 'headers', headers: [{ name: EVIL, value: EVIL }] },
        raw: { data: '000004010500000001' },
        block: { at: 9, parts: 1, prefix: 0, data: '3c696d67', lines: [line] },
      },
    },
    {
      time: 0,
      name: 'http2:dynamic_table_updated',
      data: {
        frame: 0,
        direction: 'received',
        inserted: [{ name: EVIL, value: EVIL }],
        evicted: 0,
        size: 9,
        capacity: 9,
      },
    },
    {
      time: 0,
      name: 'http2:stream_state_updated',
      data: { frame: 0, stream_id: 1, old: EVIL, new: EVIL, on: EVIL },
    },
  ]);
  const html = everything(model);
  expect(html).not.toContain('<img');
  expect(html).toContain('&lt;img');
});

it('a run in memory shows both heads, the second shorter, with its tables, states and windows, and no cookie', async () => {
  const model = await framesInMemory();
  const heads = model.frames.filter(({ kind, fromClient }) => kind === 'headers' && fromClient);
  expect(heads.length).toBe(3);
  expect(heads[2]?.length ?? 0).toBeLessThan(heads[0]?.length ?? 0);
  const [head] = heads;
  if (head === undefined) throw new Error('There is no head.');
  expect(detailTitle(head, 'our client')).toBe('HEADERS, stream 1, from our client');
  expect(tableHtml(head)).toContain('After');
  expect(statesHtml(head, model)).toContain('seen from the client');
  const data = model.frames.find(({ kind }) => kind === 'data');
  expect(data === undefined ? null : windowsHtml(data, 'our client')).toContain('stream 1');
  const text = framesTwin(model);
  expect(text).toMatch(/> stream 1 +HEADERS +\d+ B {2}GET \/a\?size=300 \[END_STREAM, END_HEADERS\]/);
  expect(text).toContain('cookie: (masked)');
  expect(everything(model) + text).not.toContain('never-shown');
});
