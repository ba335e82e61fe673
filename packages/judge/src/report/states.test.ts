import { describe, expect, it } from 'vitest';
import {
  data,
  greeting,
  headers,
  preface,
  priority,
  reset,
  response,
  settings,
  windowUpdate,
} from '../raw/http2/write.ts';
import { statesOf, statesText, statesTitle, wayNotes } from './states.ts';
import { http2Run } from './testing/http2-run.ts';

const run = http2Run(
  ['judge', greeting()],
  ['learner', settings()],
  ['judge', [headers(1, 'GET /a', { end: true }), headers(3, 'POST /b'), headers(5, 'POST /c')]],
  ['judge', [data(3, 'half'), reset(3, 'CANCEL'), data(3, 'late'), windowUpdate(3, 9), priority(3)]],
  ['learner', [response(1, 200), data(1, 'a', { end: true })]],
  ['learner', [response(5, 200)]],
);

describe('the states of the streams of a run', () => {
  const [states] = statesOf(run);
  const way = (stream: number) => states?.ways.find((it) => it.stream === stream);

  it('are the steps of RFC 9113 §5.1, as the learner’s side takes them', () => {
    expect(way(1)?.steps.map(({ old, on, next }) => `${old} / ${on} / ${next}`)).toEqual([
      'idle / receive HEADERS / open',
      'open / receive END_STREAM / half-closed (remote)',
      'half-closed (remote) / send END_STREAM / closed',
    ]);
    expect(way(5)?.steps.map(({ next }) => next)).toEqual(['open']);
  });

  it('tell who gave a stream up, and which frames came too late for it', () => {
    expect(way(3)?.steps.at(-1)).toMatchObject({ on: 'receive RST_STREAM', next: 'closed' });
    expect(way(3)?.reset).toMatchObject({ by: 'client', code: 'CANCEL' });
    // PRIORITY is right in every state (§5.1).
    expect(way(3)?.misplaced.map(({ words, state }) => [words, state])).toEqual([
      ['DATA 3 "late"', 'closed'],
      ['WINDOW_UPDATE 3 +9', 'closed'],
    ]);
    expect(wayNotes(way(3) as never)).toEqual(['given up by the client, CANCEL', '2 frames for it out of place']);
  });

  it('see DATA that nobody has asked for, and DATA behind the end', () => {
    const [odd] = statesOf(
      http2Run([
        'judge',
        [greeting(), data(9, 'who?'), headers(1, 'POST /a'), data(1, 'all', { end: true }), data(1, 'more')],
      ]),
    );
    expect(odd?.ways.map(({ stream, misplaced }) => [stream, misplaced.map(({ state }) => state)])).toEqual([
      [1, ['half-closed (remote)']],
      [9, ['idle']],
    ]);
  });

  it('turn round where the learner is the client', () => {
    const [own] = statesOf(
      http2Run(
        ['learner', [preface, settings(), headers(1, 'GET /a', { end: true })]],
        ['judge', [settings(), response(1, 200), data(1, 'a', { end: true })]],
      ),
    );
    expect(own?.learner).toBe('client');
    expect(own?.ways[0]?.steps.map(({ on, next }) => `${on}: ${next}`)).toEqual([
      'send HEADERS: open',
      'send END_STREAM: half-closed (local)',
      'receive END_STREAM: closed',
    ]);
  });

  it('are a sentence, and a line a stream in a terminal', () => {
    expect(statesTitle(states as never)).toBe(
      '3 streams: 1 ended from both sides, 1 given up by a reset, 1 not closed',
    );
    expect(statesText([states as never], 62).split('\n')).toEqual([
      'c1 · 1 GET /a   open > half (remote) > closed',
      'c1 · 3 POST /b  open > closed; given up by the client, CANCEL…',
      'c1 · 5 POST /c  open',
    ]);
    expect(
      statesText([states as never], 80, 2)
        .split('\n')
        .at(-1),
    ).toBe('… and 1 more');
  });

  it('are none where no stream was opened', () => {
    expect(statesOf(http2Run(['judge', greeting()]))).toEqual([]);
  });

  it('are told with their end open where the record was cut short', () => {
    const { transcript, connections } = run;
    const longer = connections.map((it) => ({ ...it, bytes: { ...it.bytes, fromLearner: 1e6 } }));
    const [cut] = statesOf({ transcript: [...transcript], connections: longer });
    expect(cut?.isCut).toBe(true);
    expect(statesTitle(cut as never)).toContain('1 under way where the record ends');
  });
});
