import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BrowserCheck, Exercise } from '../exercise.ts';
import { rfc } from '../exercise.ts';
import { isProgram, type Program, readProgram } from '../hosts/program.ts';
import { sceneOf } from '../raw/scenes/scene.ts';
import { renderFailure } from '../report/failure.ts';
import type { CheckResult } from '../result.ts';
import { loadExercises } from '../state/catalogue.ts';
import { WarmChromium } from './browser.ts';
import { findChromium } from './find.ts';
import { ChromiumJudge } from './judge.ts';

const ROOT = join(import.meta.dirname, '../../../..');

/** A server that is right, with holes for one fault each. `each` runs after every reply. */
const server = (fault: { head?: string; before?: string; tail?: string; each?: string }): string => `
export async function serve({ readable, writable }, handler) {
  ${fault.head ?? ''}
  const reader = readable.getReader(), writer = writable.getWriter();
  let rest = '';
  const more = async () => {
    const { done, value } = await reader.read();
    if (!done) for (const byte of value) rest += String.fromCharCode(byte);
    return !done;
  };
  for (;;) {
    let end;
    while ((end = rest.indexOf('\\r\\n\\r\\n')) < 0) if (!(await more())) return writer.close().catch(() => {});
    const [line, ...fields] = rest.slice(0, end).split('\\r\\n');
    const headers = new Headers(fields.map((f) => [f.slice(0, f.indexOf(':')), f.slice(f.indexOf(':') + 1).trim()]));
    const n = Number(headers.get('content-length') ?? 0);
    while (rest.length < end + 4 + n) if (!(await more())) return;
    const body = Uint8Array.from(rest.slice(end + 4, end + 4 + n), (c) => c.charCodeAt(0));
    rest = rest.slice(end + 4 + n);
    const [method, target] = line.split(' ');
    ${fault.before ?? ''}
    const response = await handler({ method, target, version: '1.1', headers, body: new Blob([body]).stream() });
    const reply = new Uint8Array(await response.arrayBuffer());
    const head = 'HTTP/1.1 ' + response.status + ' OK\\r\\n' + [...response.headers].map(([k, v]) => k + ': ' + v + '\\r\\n').join('');
    await writer.write(new TextEncoder().encode(head + 'Content-Length: ' + reply.length + '\\r\\n\\r\\n'));
    await writer.write(reply);
    ${fault.tail ?? ''}
    ${fault.each ?? ''}
  }
}`;

describe.skipIf(findChromium() === null)('the Chromium judge', { timeout: 60_000 }, () => {
  let chromium: WarmChromium;
  let judge: ChromiumJudge;
  let exercise: Exercise;
  let check: BrowserCheck;

  beforeAll(async () => {
    chromium = await WarmChromium.launch();
    judge = new ChromiumJudge({ chromium: async () => chromium, stepMs: 1500 });
    exercise = (await loadExercises(ROOT)).find((e) => e.id === 'KA2') as Exercise;
    check = exercise.checks.find((c) => c.id === 'KA2-C') as BrowserCheck;
  }, 60_000);
  afterAll(async () => {
    await judge.close();
    await chromium.close();
  });

  const play = (js: string): Promise<CheckResult> => {
    const file = { js, lines: js.split('\n'), prelude: 0 };
    return judge.judge(exercise, check, { files: { 'http1/server.ts': file } });
  };

  it('passes the model, with one connection that both sides know by an id of their own', async () => {
    const program = readProgram(exercise, { workDir: join(ROOT, exercise.folder, 'solution') });
    if (!isProgram(program)) throw new Error(program.headline);
    const result = await judge.judge(exercise, check, program);
    expect(result.message ?? result.failure?.headline).toBeUndefined();
    expect(result.status).toBe('pass');
    const used = result.connections.filter((c) => c.exchanges.length > 0);
    expect(used).toHaveLength(1);
    expect(used[0]?.chromium).toMatch(/^\d+$/);
    expect(used[0]?.exchanges.map((e) => e.request)).toEqual(['GET /', 'GET /one', 'POST /note', 'GET /two']);
  });

  it('names the bytes that make Chromium leave a connection, though the page looks right', async () => {
    const result = await play(server({ tail: "await writer.write(new TextEncoder().encode('\\r\\n'));" }));
    expect(result.failure).toMatchObject({
      cause: 'wrong connection',
      facts: [expect.any(String), expect.stringMatching(/2 bytes more came on c1/)],
    });
    expect(result.failure?.at[0]).toMatchObject({ file: 'http1/server.ts', did: 'wrote these bytes' });
  });

  it('names who ended the connection', async () => {
    const result = await play(server({ each: 'return writer.close();' }));
    expect(result.failure?.cause).toBe('wrong connection');
    expect(result.failure?.facts?.[1]).toMatch(/your code ended c1 after the reply to GET \//);
    expect(result.failure?.at[0]?.did).toBe('ended the connection');
  });

  it('says what Chromium got where a body is another one', async () => {
    const result = await play(
      server({
        before: "if (target === '/one') headers.set('x', 'y');",
        head: 'const Blob = class { stream() { return new Response("wrong").body; } };',
      }),
    );
    expect(result.failure).toMatchObject({ cause: 'wrong bytes', headline: expect.stringContaining('POST /note') });
  });

  it('ends a page that waits for ever, and shows what came', async () => {
    const result = await play(server({ before: "if (target === '/one') await new Promise(() => {});" }));
    expect(result.failure).toMatchObject({
      cause: 'silent',
      headline: expect.stringMatching(/still waits for the end of the reply to GET \/one/),
    });
    expect(result.failure?.sent?.bytes).toMatch(/^GET \/one /);
  });

  it('says in words why Chromium gave up', async () => {
    const result = await play(server({ before: "if (target === '/one') return writer.close();" }));
    expect(result.failure?.headline).toMatch(
      /no whole reply to GET \/one: the connection ended before any reply \(ERR_EMPTY_RESPONSE\)/,
    );
  });

  it('counts what the handler was called for', async () => {
    const result = await play(
      server({
        before:
          "if (target === '/two') await handler({ method, target: '/one', version: '1.1', headers, body: null });",
      }),
    );
    expect(result.failure).toMatchObject({
      cause: 'handler',
      headline: expect.stringContaining('GET /one, POST /note, GET /one'),
    });
  });

  it.each([
    ['loops', 'for (;;);', 'hung'],
    ['throws', "throw new Error('oops');", 'crashed'],
    ['leaves a promise behind', "Promise.reject(new Error('left'));", 'unhandled rejection'],
    ['ends the process', 'globalThis.process.exit(1);', 'ended the process'],
  ])('names code that %s', async (_, fault, cause) => {
    const result = await play(server({ before: `if (target === '/one') { ${fault} }` }));
    expect(result.failure?.cause).toBe(cause);
    if (cause !== 'hung')
      expect(result.transcript.some((e) => e.what === 'request' && e.request === 'GET /')).toBe(true);
    if (cause === 'hung') expect(result.failure?.at[0]?.text).toContain('for (;;);');
    expect(
      renderFailure(result.failure as never, { id: check.id, title: check.title }).split('\n').length,
    ).toBeLessThanOrEqual(18);
  });

  it('names a file that does not load', async () => {
    expect((await play('throw new Error("at the top");')).failure?.cause).toBe('does not load');
  });

  it('rejects when it is called off, and leaves nothing behind', async () => {
    const stop = new AbortController();
    const program: Program = {
      files: { 'http1/server.ts': { js: server({ before: 'await new Promise(() => {});' }), lines: [], prelude: 0 } },
    };
    const running = judge.judge(exercise, check, program, stop.signal);
    setTimeout(() => stop.abort(), 300);
    await expect(running).rejects.toThrow();
    await judge.settled();
    expect(chromium.contexts).toBeLessThanOrEqual(1);
  });

  it('refuses a page that would make Chromium ask for an icon', async () => {
    const bare: BrowserCheck = {
      ...check,
      spec: rfc(9112, '9.3'),
      scene: { ...sceneOf(check, 'server'), handler: [{ on: 'GET /', reply: { body: '<p>hello' } }] },
    };
    await expect(judge.judge(exercise, bare, { files: {} })).rejects.toThrow(/link rel=icon/);
  });
});
