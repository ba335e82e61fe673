import { expect, it } from 'vitest';
import type { RunPicture } from '../exercise.ts';
import { data, greeting, headers, ping, response, settings } from '../raw/http2/write.ts';
import type { CheckResult } from '../result.ts';
import { pictureText, tellingOf } from './picture-text.ts';
import { http2Run } from './testing/http2-run.ts';

const run = http2Run(
  ['judge', [greeting({ INITIAL_WINDOW_SIZE: 3 }), ping('eight by')]],
  ['learner', [settings(), ping('eight by', { ack: true })]],
  ['judge', headers(1, 'POST /a')],
  ['judge', data(1, 'abc', { end: true })],
  ['learner', [response(1, 200), data(1, 'abc')]],
);
const as = (picture?: RunPicture): CheckResult =>
  ({ ...run, ...(picture === undefined ? {} : { picture }) }) as CheckResult;

it.each([
  ['tables', /POST \/a +\d+ B/],
  ['states', /POST \/a +open > half \(remote\)/],
  ['purses', /held once by its own purse,\s+and\s+still\s+is\s+at\s+the\s+end/],
  ['credit', /3 bytes of DATA came, 0 were given/],
  ['connection', /← {2}PING ACK/],
] as const)('%s are some lines that fit', (picture, said) => {
  const lines = pictureText(as(picture), 80);
  expect(lines.join('\n')).toMatch(said);
  expect(lines.length).toBeLessThanOrEqual(18);
  for (const line of lines) expect(line.length).toBeLessThanOrEqual(80);
});

it('is nothing where the exercise names none, or the run has no HTTP/2', () => {
  expect(pictureText(as(), 80)).toEqual([]);
  expect(pictureText({ ...as('states'), connections: [] } as CheckResult, 80)).toEqual([]);
});

it('where the exercise is about purses, the run to show is the one in which most was held', () => {
  const free = { ...as('purses'), ...http2Run(['judge', greeting()]) } as CheckResult;
  const held = as('purses');
  expect(tellingOf([free, held, free])).toBe(held);
  expect(tellingOf([free])).toBeUndefined();
  expect(tellingOf([as('states')])).toBeUndefined();
});
