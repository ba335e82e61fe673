/** A dress rehearsal: the judge plays a small exercise against a small server of ours while nobody waits. */
import { type Exercise, rfc } from '../../exercise.ts';
import type { VirtualClock } from '../../raw/clock.ts';
import { RawJudge } from '../../raw/judge.ts';
import type { Program } from '../program.ts';
import { host } from './runtime.ts';

const SERVER = `export async function serve({ readable, writable }, handler) {
  const reader = readable.getReader(), writer = writable.getWriter();
  let text = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    text += String.fromCharCode(...value);
    for (let at = text.indexOf('\\r\\n\\r\\n'); at >= 0; at = text.indexOf('\\r\\n\\r\\n')) {
      const [method, target] = text.split(' ');
      text = text.slice(at + 4);
      const response = await handler({ method, target, version: '1.1', headers: new Headers(), body: new ReadableStream({ start: (c) => c.close() }) });
      const body = await response.arrayBuffer();
      await writer.write(new TextEncoder().encode('HTTP/1.1 200 OK\\r\\nContent-Length: ' + body.byteLength + '\\r\\n\\r\\n'));
      await writer.write(new Uint8Array(body));
    }
  }
  await writer.close();
}`;

const get = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: workshop\r\n\r\n`;

const EXERCISE: Exercise = {
  id: 'R0',
  track: 'keep-alive',
  folder: '',
  title: '',
  idea: '',
  minutes: 0,
  buildsOn: [],
  contract: '',
  files: [{ path: 'rehearsal.ts', start: null, exports: ['serve'] }],
  startFails: [],
  checks: [
    {
      id: 'R0-1',
      title: '',
      judge: 'raw',
      spec: rfc(9112, '9.3'),
      idea: '',
      scene: {
        kind: 'server',
        file: 'rehearsal.ts',
        export: 'serve',
        handler: [{ on: 'GET /r', reply: { body: 'rehearsed' } }],
      },
      steps: [
        {
          do: 'everyCut',
          bytes: [get('/r'), get('/r')],
          eachTime: [
            { do: 'expectReply', to: 'GET /r', status: 200, body: 'rehearsed' },
            { do: 'expectReply', to: 'GET /r', status: 200, body: 'rehearsed', connection: 'stays' },
            { do: 'expectHandlerCalls', calls: [{ request: 'GET /r' }, { request: 'GET /r' }] },
            { do: 'expectSilence' },
            { do: 'endInput' },
            { do: 'expectEnd' },
            { do: 'expectSettled' },
          ],
        },
      ],
    },
  ],
};

/** Throws when the judge and our own server do not agree: then no verdict could be trusted. */
export async function warmUpJudge(clock: VirtualClock, setProgram: (program: Program) => void): Promise<void> {
  const { idle: _, ...turning } = host;
  setProgram({ files: { 'rehearsal.ts': { js: SERVER, lines: SERVER.split('\n'), prelude: 0 } } });
  const [result] = await new RawJudge({ exercise: EXERCISE, host: turning, clock, sources: new Map() }).run();
  if (result?.status !== 'pass') throw new Error(`The judge failed its own rehearsal: ${result?.failure?.headline}`);
}
