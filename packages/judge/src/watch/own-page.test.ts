/** The learner's server on a port of its own: any client may look, and what it did can be drawn. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:http2';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { certificate } from '../chromium/certificate.ts';
import { defineExercise, type Exercise, rfc } from '../exercise.ts';
import { OwnPage, ownKind, pageCheck } from './own-page.ts';

const exercise: Exercise = defineExercise({
  id: 'KA0',
  track: 'keep-alive',
  folder: '',
  title: '',
  idea: '',
  minutes: 1,
  buildsOn: [],
  contract: '',
  files: [{ path: 's.ts', start: null, exports: ['serve'] }],
  startFails: [],
  checks: [
    {
      id: 'KA0-C',
      title: 'a page',
      judge: 'chromium',
      spec: rfc(9112, '9.4'),
      idea: 'A page.',
      scene: {
        kind: 'server',
        file: 's.ts',
        export: 'serve',
        // Six of them never come here: without a judge nobody may wait for them.
        handler: [{ on: 'GET /', together: { name: 'all', size: 6 }, reply: { body: 'hello' } }],
      },
      steps: [{ do: 'open', path: '/', expect: { images: 1 } }],
    },
  ],
});

const SERVER = `export async function serve({ readable, writable }, handler) {
  const out = writable.getWriter();
  for await (const bytes of readable) {
    const [method, target] = new TextDecoder().decode(bytes).split(' ');
    const response = await handler({ method, target, headers: new Headers(), body: null });
    const body = await response.text();
    await out.write(new TextEncoder().encode('HTTP/1.1 200 OK\\r\\nContent-Length: ' + body.length + '\\r\\n\\r\\n' + body));
  }
  await out.close();
}
`;

/** SETTINGS, and `:status 200` on stream 1 as soon as anything has come. */
const HTTP2 = `export async function serve({ readable, writable }) {
  const [input, out] = [readable.getReader(), writable.getWriter()];
  await input.read();
  await out.write(Uint8Array.of(0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 1, 1, 5, 0, 0, 0, 1, 0x88));
  while (!(await input.read()).done);
}
`;

const own = new OwnPage();
const secureOwn = new OwnPage(certificate());
const folders: string[] = [];
afterEach(async () => {
  await own.close();
  await secureOwn.close();
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true });
});

async function workWith(text: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'own-page-'));
  folders.push(folder);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 's.ts'), text);
  return folder;
}

describe('the page of the learner’s server', () => {
  it('answers any client, waits for no crowd, and tells what it carried', async () => {
    const opened = await own.open(exercise, await workWith(SERVER));
    const url = 'url' in opened ? opened.url : '';
    expect(await (await fetch(url)).text()).toBe('hello');
    const view = await own.look(exercise);
    expect(view?.connections.flatMap(({ exchanges }) => exchanges.map(({ request }) => request))).toEqual(['GET /']);
  });

  it('takes the files as they are when it is started again, and ends the server before', async () => {
    const first = await own.open(exercise, await workWith(SERVER));
    const second = await own.open(exercise, await workWith(SERVER.replace('await response.text()', "'other'")));
    expect(await (await fetch('url' in second ? second.url : '')).text()).toBe('other');
    await expect(fetch('url' in first ? first.url : '')).rejects.toThrow();
  });

  it('says why there is nothing to look at', async () => {
    expect(await own.open(exercise, await workWith('export const serve = 1;'))).toEqual({
      problem: 's.ts does not export serve.',
    });
    expect(await own.look(exercise)).toBeNull();
    expect(pageCheck({ ...exercise, checks: [] })).toBeNull();
  });

  it('stands behind TLS where it speaks HTTP/2, and shows the certificate that it is given', async () => {
    const [check] = exercise.checks;
    const scene = { kind: 'http2', file: 's.ts', export: 'serve', given: [], handler: [] } as const;
    const secure = { ...exercise, checks: [{ ...check, scene } as never] };
    expect([ownKind(exercise), ownKind(secure)]).toEqual(['server', 'secure server']);
    const opened = await secureOwn.open(secure, await workWith(HTTP2));
    const url = 'url' in opened ? opened.url : '';
    expect(url).toMatch(/^https:\/\/localhost:\d+\/$/);
    // ALPN has to agree on h2, or this client gives up.
    const session = connect(url, { ca: certificate().cert });
    const request = session.request({ ':path': '/' });
    const status = await new Promise((resolve, reject) => {
      request.on('response', (headers) => resolve(headers[':status']));
      request.on('error', reject);
    });
    session.destroy();
    expect(status).toBe(200);
    expect((await secureOwn.look(secure))?.connections[0]?.protocol).toBe('h2');
  });

  it('is a page that runs by itself where packets are handed on', async () => {
    const roads = {
      ...exercise,
      checks: [
        {
          ...exercise.checks[0],
          scene: { kind: 'function', file: 's.ts', export: 'finish' },
          steps: [
            {
              do: 'expectRoadsInPage',
              plans: [{ road: 'one order', schedule: 'shared', sizes: [10], packet: 10, lost: 0, again: 1 }],
              tcp: { file: 's.ts', export: 'tcp' },
              quic: { file: 's.ts', export: 'quic' },
            },
          ],
        } as never,
      ],
    };
    expect(ownKind(roads)).toBe('roads');
    const opened = await own.open(roads, await workWith('export const serve = () => {}, finish = () => [1];'));
    const url = 'url' in opened ? opened.url : '';
    expect(await (await fetch(url)).text()).toContain('runRoads({');
    // A seed is the same loss on every machine.
    const seeded = async (seed: number): Promise<string> => (await fetch(`${url}?seed=${seed}`)).text();
    expect(await seeded(7)).toBe(await seeded(7));
    expect(await seeded(7)).toContain("'/roads/7'");
    expect(/"plans":.*/.exec(await seeded(7))).not.toEqual(/"plans":.*/.exec(await seeded(8)));
    expect((await fetch(`${url}?seed=<b>`)).status).toBe(404);
    expect((await fetch(`${url}%`)).status).toBe(404);
    expect(await (await fetch(`${url}learner~KA0-C/s.ts`)).text()).toContain('finish = () => [1]');
    expect(await own.look(roads)).toEqual({ oracle: 'chromium', connections: [], transcript: [] });
  });
});
