import type { RunPicture } from '@interleave/judge/exercise';
import { data, greeting, headers, reset, response, settings } from '@interleave/judge/http2';
import { describe, expect, it } from 'vitest';
import { http2Part } from './http2-part.ts';
import { runOf } from './testing/http2-run.ts';

const said = [
  ['judge', greeting({ INITIAL_WINDOW_SIZE: 4 })],
  ['learner', settings()],
  ['judge', [headers(1, 'GET /<b>a', { end: true }), headers(3, 'POST /b')]],
  ['learner', [response(1, 200), data(1, 'four')]],
  ['judge', [data(3, 'half'), reset(3, 'CANCEL'), data(3, 'late')]],
] as const;
const htmlOf = async (picture?: RunPicture): Promise<string> => String(await http2Part(runOf(said, picture), 'x'));

describe('a run on HTTP/2', () => {
  it.each([
    ['states', /class="states-picture"/],
    ['tables', /class="hpack"/],
    ['purses', /class="pu-line"/],
    ['credit', /class="pu-line"/],
    ['connection', /class="conversation"/],
  ] as const)('shows what the exercise is about before its frames: %s', async (picture, drawn) => {
    const text = await htmlOf(picture);
    const [before] = text.split('<h3>Frames');
    expect(before).toMatch(drawn);
    expect(before).not.toContain('<details open');
  });

  it('folds what else tells something, and leaves out what does not', async () => {
    const text = await htmlOf();
    const [before, behind] = text.split('<h3>Frames');
    expect(before).not.toMatch(/states-picture|hpack|pu-line/);
    expect(behind).toContain('<summary>The states of the streams</summary>');
    expect(behind).toContain('<summary>What your code may send, and who was held</summary>');
    expect(behind).not.toContain('<summary>What came, and what was given back</summary>');
    expect(behind).not.toContain('<summary>The header blocks');
  });

  it('has a bar that steps through as many frames as there are, and says each', async () => {
    const text = await htmlOf('states');
    const frames = Number(/data-frames="(\d+)"/.exec(text)?.[1]);
    expect(frames).toBe(10);
    expect(text).toContain(`max="${frames}"`);
    const listed = [...text.matchAll(/<li data-at="(\d+)">[→←]/g)].map(([, at]) => Number(at));
    expect(listed).toEqual(Array.from({ length: frames }, (_, i) => i));
    expect(text).toContain('stream 3: open → closed');
    expect(text).toContain('stream 3 is closed');
  });

  it('has no id twice, shows text that came from a peer as text, and no style that a strict policy forbids', async () => {
    for (const picture of ['states', 'tables', 'purses', 'credit', 'connection'] as const) {
      const text = await htmlOf(picture);
      const ids = [...text.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
      expect(new Set(ids).size).toBe(ids.length);
      expect(text).not.toContain('<b>a');
      expect(text).not.toMatch(/ style="/);
    }
  });

  it('says that a record ends before its run', async () => {
    const whole = runOf(said, 'states');
    const [connection] = whole.connections;
    const longer = [{ ...connection, bytes: { ...connection?.bytes, fromLearner: 5_000_000 } }];
    const text = String(await http2Part({ ...whole, connections: longer } as never, 'x'));
    expect(text).toContain('what came behind is not drawn');
    expect(await htmlOf('states')).not.toContain('what came behind is not drawn');
  });

  it('draws some of many connections, the one that a failure is about among them', async () => {
    const one = runOf(said);
    const ids = Array.from({ length: 20 }, (_, i) => `c${i + 1}`);
    const many = {
      ...one,
      connections: ids.flatMap((id) => one.connections.map((it) => ({ ...it, id }))),
      transcript: ids.flatMap((connection) => one.transcript.map((entry) => ({ ...entry, connection }))),
      failure: { received: { connection: 'c17' } },
    } as never;
    const text = String(await http2Part(many, 'x'));
    expect([...text.matchAll(/aria-label="The run of (c\d+),/g)].map(([, id]) => id)).toEqual([
      'c17',
      'c1',
      'c2',
      'c3',
    ]);
    expect(text).toContain('16 more connections');
  });

  it('is nothing where nobody spoke HTTP/2', async () => {
    expect(String(await http2Part({ ...runOf(said), connections: [] } as never, 'x'))).toBe('');
  });
});
