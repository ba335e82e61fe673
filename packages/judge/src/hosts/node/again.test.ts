/** A process that is asked again: the next program meets nothing of the one before, or another process. */
import { afterEach, describe, expect, it } from 'vitest';
import type { CheckResult } from '../../result.ts';
import { ka2 } from '../../testing/ka2.ts';
import type { Program } from '../program.ts';
import { NodeHost } from './host.ts';

const exercise = await ka2();
const host = new NodeHost();
afterEach(() => host.close());

/** Prints the process it runs in, and how often these files have served. */
const program = (code: string): Program => {
  const js = `let served = 0;
export async function serve({ readable, writable }, handler) {
  console.log(globalThis.process.pid, ++served);
  const reader = readable.getReader();
  await reader.read();
  ${code}
}`;
  return { files: { 'http1/server.ts': { js, lines: js.split('\n'), prelude: 0 } } };
};

async function judge(code: string, again: boolean): Promise<CheckResult & { pid: string; served: string }> {
  const [result] = await host.judge(exercise, program(code), { only: ['KA2-1'], again });
  if (result === undefined) throw new Error('KA2-1 was not judged');
  const [pid = '', served = ''] = result.output.trim().split(' ');
  return { ...result, pid, served };
}

describe('a learner process', { timeout: 60_000 }, () => {
  it('judges the next program where that is asked for, from files of its own', async () => {
    const first = await judge("throw new Error('first');", true);
    const second = await judge('await reader.read();', true);
    expect(second.pid).toBe(first.pid);
    expect([first.served, second.served]).toEqual(['1', '1']);
    expect([first.failure?.cause, second.failure?.cause]).toEqual(['crashed', 'silent']);
  });

  it('is used once where that is not asked for', async () => {
    const first = await judge('', false);
    expect((await judge('', false)).pid).not.toBe(first.pid);
  });

  it('is not asked again when something of the last program holds its event loop', async () => {
    const held = "globalThis.process.getBuiltinModule('node:net').createServer().listen(0);";
    const first = await judge(held, true);
    expect((await judge('', true)).pid).not.toBe(first.pid);
  });

  it('is not asked again when it had to be ended', async () => {
    const first = await judge('for (;;);', true);
    expect(first.failure?.cause).toBe('hung');
    expect((await judge('', true)).pid).not.toBe(first.pid);
  });
});
