/** Learner code that is not sane: each gets its own verdict, with its line, and the next run is untouched. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { renderFailure } from '../../report/failure.ts';
import type { CheckResult } from '../../result.ts';
import { ka2 } from '../../testing/ka2.ts';
import { closeHosts, judgeRaw } from '../judge-raw.ts';

const exercise = await ka2();

const folder = mkdtempSync(join(tmpdir(), 'interleave-verdicts-'));
afterAll(async () => {
  await closeHosts();
  rmSync(folder, { recursive: true });
});

async function judge(name: string, text: string): Promise<CheckResult[]> {
  const file = join(folder, `${name.replaceAll(/\W/g, '-')}.ts`);
  writeFileSync(file, text);
  return judgeRaw(exercise, folder, { overlay: { 'http1/server.ts': file } });
}

/** Line 5 is where it happens. */
const inside = (code: string): string =>
  `export async function serve({ readable, writable }, handler) {
  const reader = readable.getReader();
  const writer = writable.getWriter();
  await reader.read();
  ${code}
}`;

const OK = 'HTTP/1.1 200 OK\\r\\nContent-Length: 5\\r\\n\\r\\n';

describe('a verdict of its own', () => {
  it.each([
    ['an endless loop', 'for (let i = 0; ; i++) if (i < 0) break;', 'hung', 5],
    ['an endless loop of awaits', 'for (;;) await null;', 'hung', 5],
    ['a throw', "throw new Error('not yet');", 'crashed', 5],
    ['a throw in a timer', "setTimeout(() => { throw new Error('later'); }, 10); await reader.read();", 'crashed', 5],
    ['process.exit', 'process.exit(1);', 'ended the process', 5],
    ['process.exit by the back door', 'globalThis.process.exit(0);', 'ended the process', 5],
    ['no answer', 'await reader.read();', 'silent', 5],
    [
      'too many bytes',
      `await writer.write(new TextEncoder().encode('${OK}first and more')); await reader.read();`,
      'extra bytes',
      5,
    ],
    ['a flood', 'for (;;) await writer.write(new Uint8Array(9999));', 'flooded', 5],
    ['a flood that never waits', 'for (;;) void writer.write(new Uint8Array(9999));', 'flooded', 5],
    [
      'a promise that nobody waits for',
      "void Promise.reject(new Error('lost')); await reader.read();",
      'unhandled rejection',
      5,
    ],
    ['Buffer', "const text = Buffer.from('x');", 'not everywhere', 5],
    ['ReadableStream.from', 'ReadableStream.from([]);', 'not everywhere', 5],
    ['Atomics.wait', 'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);', 'not everywhere', 5],
    ['printing without end', 'for (let i = 0; i < 100_000; i++) console.log(i);', 'flooded', 5],
    ['text in place of bytes', "await writer.write('HTTP/1.1 200 OK');", 'contract', 5],
    ['memory without end', 'const all = []; for (;;) all.push(new ArrayBuffer(1 << 20));', 'out of memory', 5],
  ])('is given to %s', async (name, code, cause, line) => {
    const [first] = await judge(name, inside(code));
    expect({ status: first?.status, cause: first?.failure?.cause, line: first?.failure?.at[0]?.line }).toEqual({
      status: 'fail',
      cause,
      line,
    });
    const text =
      first?.failure === undefined ? '' : renderFailure(first.failure, { id: first.checkId, title: first.title });
    expect(text.split('\n').length).toBeLessThanOrEqual(18);
  });

  it('is given to heap that grows without end, with or without its line', async () => {
    const [first] = await judge('heap', inside('const all = []; for (;;) all.push(new Array(1000).fill(all.length));'));
    expect(first?.failure?.cause).toBe('out of memory');
  });

  it('is given to a wait that lets nobody else have a turn, though it takes no processor time', async () => {
    const wait = "globalThis.process.getBuiltinModule('node:child_process').execFileSync('sleep', ['60']);";
    const [first] = await judge('sleeps', inside(wait));
    expect(first?.failure?.cause).toBe('hung');
  });

  it.each([
    ['a loop at the top level', 'for (;;);\nexport function serve() {}', 'hung'],
    ['a throw at the top level', "throw new Error('at once');\nexport function serve() {}", 'does not load'],
    ['waiting at the top level', 'await new Promise(() => {});\nexport function serve() {}', 'does not load'],
    ['a missing export', 'export function server() {}', 'missing export'],
    ['an export that is no function', 'export const serve = 1;', 'missing export'],
    ['a syntax error', 'export function serve( {', 'does not load'],
  ])('is given to %s, and the other checks are not run', async (name, text, cause) => {
    const results = await judge(name, text);
    expect(results[0]?.failure?.cause).toBe(cause);
    expect(results.slice(1).map((r) => r.status)).toEqual(['skipped', 'skipped', 'skipped', 'skipped', 'skipped']);
  });

  it('keeps what the code printed, without the judge’s own frames', async () => {
    const [first] = await judge(
      'prints',
      inside("console.log('so far', { n: 1 }, new Error('seen')); await reader.read();"),
    );
    expect(first?.output).toBe('so far {"n":1} Error: seen\n    at serve (http1/server.ts:5:35)\n');
  });

  it('loads the program anew for each check', async () => {
    const results = await judge('counts', `let loaded = 0;\n${inside('console.log(++loaded); await reader.read();')}`);
    expect(results.map((r) => r.output.split('\n')[0])).toEqual(['1', '1', '1', '1', '1', '1']);
  });

  it('ends with the signal', async () => {
    const file = join(folder, 'stops.ts');
    writeFileSync(file, inside('for (;;);'));
    const controller = new AbortController();
    const judging = judgeRaw(exercise, folder, { overlay: { 'http1/server.ts': file }, signal: controller.signal });
    setTimeout(() => controller.abort(), 150);
    await expect(judging).rejects.toMatchObject({ name: 'AbortError' });
  });
});
