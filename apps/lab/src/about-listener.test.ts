import { expect, it } from 'vitest';
import { aboutListener } from './about-listener.ts';

const [h1, h2] = [{ plan: { id: 'h1' } }, { plan: { id: 'h2' } }];

it.each([
  ['/.lab/hold', 'h1'],
  ['/.lab/hold?listener=h2', 'h2'],
  ['/.lab/hold?r=1&listener=h1', 'h1'],
  ['/.lab/hold?listener=', null],
  ['/.lab/hold?listener=h9', null],
  ['/.lab/hold?listener=__proto__', null],
])('%s is about %s', (path, id) => {
  expect(aboutListener(path, h1, [h1, h2])?.plan.id ?? null).toBe(id);
});
