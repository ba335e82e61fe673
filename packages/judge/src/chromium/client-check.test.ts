/** Clients in a real page: what passes, and what is named. The HTTP in them is as small as the check allows. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BrowserCheck, defineExercise, type Exercise, rfc } from '../exercise.ts';
import type { CheckResult } from '../result.ts';
import { WarmChromium } from './browser.ts';
import { findChromium } from './find.ts';
import { ChromiumJudge } from './judge.ts';

const REQUESTS = ['GET /1', 'GET /2', 'POST /3'] as const;

const check: BrowserCheck = {
  id: 'T1-C',
  title: '',
  judge: 'chromium',
  spec: rfc(9112, '9.4'),
  idea: '',
  scene: {
    kind: 'client',
    file: 'http1/client.ts',
    export: 'pool',
    handler: REQUESTS.map((on) => ({ on, reply: { body: on.startsWith('POST') ? { echo: true } : on } })),
  },
  steps: [
    {
      do: 'askInPage',
      requests: REQUESTS.map((request) => ({
        request,
        ...(request.startsWith('POST') ? { body: request } : {}),
        expect: { body: request },
      })),
    },
    { do: 'expectSockets', count: 3 },
  ],
};

const exercise: Exercise = defineExercise({
  id: 'T1',
  track: 'keep-alive',
  folder: '',
  title: '',
  idea: '',
  minutes: 1,
  buildsOn: [],
  contract: '',
  files: [{ path: 'http1/client.ts', start: null, exports: ['pool'] }],
  startFails: [],
  checks: [check],
});

/** Dials for each request; the reply is over when as many bytes are there as its length says. */
const client = (fault: { begin?: string; line?: string; answer?: string } = {}): string => `
export function pool(dial) {
  ${fault.begin ?? ''}
  return async ({ origin, method, target, body = new Uint8Array(0) }) => {
    const { readable, writable } = await dial(origin);
    const writer = writable.getWriter(), reader = readable.getReader();
    const line = ${fault.line ?? "method + ' ' + target + ' HTTP/1.1'"};
    await writer.write(new TextEncoder().encode(line + '\\r\\nHost: workshop\\r\\nContent-Length: ' + body.length + '\\r\\n\\r\\n'));
    await writer.write(body);
    for (let text = ''; ; ) {
      const end = text.indexOf('\\r\\n\\r\\n'), length = Number(/Content-Length: (\\d+)/.exec(text)?.[1]);
      if (end > 0 && text.length === end + 4 + length) return ${fault.answer ?? 'new Response(text.slice(end + 4))'};
      text += new TextDecoder().decode((await reader.read()).value);
    }
  };
}`;

describe.skipIf(findChromium() === null)('a client in Chromium', { timeout: 60_000 }, () => {
  let chromium: WarmChromium;
  let judge: ChromiumJudge;

  beforeAll(async () => {
    chromium = await WarmChromium.launch();
    judge = new ChromiumJudge({ chromium: async () => chromium, stepMs: 1500 });
  }, 60_000);
  afterAll(async () => {
    await judge.close();
    await chromium.close();
  });

  const play = (js: string): Promise<CheckResult> =>
    judge.judge(exercise, check, { files: { 'http1/client.ts': { js, lines: js.split('\n'), prelude: 0 } } });

  it('passes when every answer is right, and shows each socket with its exchange', async () => {
    const result = await play(client());
    expect(result.failure).toBeUndefined();
    expect(
      result.connections.map(({ exchanges }) => exchanges.map(({ request, status }) => `${request} ${status}`)),
    ).toEqual(REQUESTS.map((request) => [`${request} 200`]));
  });

  it.each<[string, string, RegExp]>([
    ['a wrong answer', client({ answer: "new Response('x')" }), /^GET \/1 got "x" in the page/],
    [
      'a wrong status',
      client({ answer: 'new Response(text.slice(end + 4), { status: 201 })' }),
      /status 201 in the page, not 200/,
    ],
    ['too many sockets', client({ begin: "dial('');" }), /^Chromium opened 4 sockets for the client, not 3/],
    ['bytes that are no request', client({ line: "'hello'" }), /is no request: "hello"/],
    ['a request that nobody made', client({ line: "'GET /9 HTTP/1.1'" }), /sent GET \/9, and nobody asked/],
    ['an answer that never comes', client({ answer: 'new Promise(() => {})' }), /^GET \/1 still waits in the page/],
    ['a rejection', client({ begin: "throw new Error('no')" }), /^GET \/1 rejected in the page: Error: no/],
    [
      'a promise that nobody waits for',
      client({ begin: "Promise.reject(new Error('oops'));" }),
      /nobody was waiting for it: Error: oops/,
    ],
    ['a loop', client({ begin: 'for (;;);' }), /the page stands still/],
    ['a file that waits at its top level', `await new Promise(() => {}); ${client()}`, /never finishes loading/],
    ['a file that throws', `throw new Error('early'); ${client()}`, /client\.ts does not load: Error: early/],
    ['a missing export', client().replace('function pool', 'function other'), /does not export pool/],
    ['a name that a page does not have', client({ begin: 'ReadableStream.from([]);' }), /uses ReadableStream\.from/],
  ])('names %s', async (_, js, says) => {
    expect((await play(js)).failure?.headline).toMatch(says);
  });
});
