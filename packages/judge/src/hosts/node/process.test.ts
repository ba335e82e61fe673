import { expect, it } from 'vitest';
import { LearnerProcess } from './process.ts';

it('a learner process whose script cannot be made is never started', () => {
  const processes = (): number => process.getActiveResourcesInfo().filter((name) => name === 'ProcessWrap').length;
  const before = processes();
  expect(() => new LearnerProcess('hosts/node/no-such-file.ts')).toThrow('no-such-file');
  expect(processes()).toBe(before);
});
