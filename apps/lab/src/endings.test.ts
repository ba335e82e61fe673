import { mkdtemp, rm } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { labCertificate } from './certificates.ts';
import { type CutState, LEFT_OVER } from './endings.ts';
import { type Lab, startLab } from './lab.ts';

let folder: string;
let lab: Lab;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lab-endings-'));
  const upstream = { address: { host: '127.0.0.1', port: 1 } };
  const ports = { plain: 0, h1: 0, h2: 0, altSvc: 0, h3: 0 };
  lab = await startLab({ certificate: await labCertificate(folder), upstream, ports });
});

afterAll(async () => {
  await lab?.close(0);
  await rm(folder, { recursive: true, force: true });
});

/** A connection that is read to its end; `said` waits until that much was received. */
class Raw {
  readonly socket: Socket;
  readonly ended: Promise<string>;
  text = '';
  #more = (): void => {};

  constructor() {
    this.socket = connect(Number(new URL(lab.home).port), '127.0.0.1');
    this.socket.on('data', (chunk: Buffer) => {
      this.text += chunk.toString('latin1');
      this.#more();
    });
    this.ended = new Promise((resolve) => {
      this.socket.on('end', () => resolve('FIN'));
      this.socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'error'));
    });
  }

  ask(line: string, body = ''): void {
    const { host } = new URL(lab.home);
    const more = body === '' ? '' : `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n`;
    this.socket.write(`${line} HTTP/1.1\r\nHost: ${host}\r\n${more}\r\n${body}`);
  }

  said(pattern: RegExp): Promise<void> {
    return new Promise((resolve) => {
      this.#more = () => pattern.test(this.text) && resolve();
      this.#more();
    });
  }

  get json(): unknown {
    return JSON.parse(this.text.slice(this.text.lastIndexOf('\r\n\r\n')));
  }
}

const ids = (): string[] => lab.registry.open().map(({ facts }) => facts.id);

test('a connection that carried nothing for as long as was asked ends as idle, by its own deadline', async () => {
  const raw = new Raw();
  raw.ask('POST /.lab/idle', '{"ms": 100}');
  await raw.said(/"ms":100\}/);
  const [id = ''] = ids();
  expect(await raw.ended).toBe('FIN');
  raw.socket.end();
  await expect.poll(() => lab.registry.find(id)?.closed?.cause).toBe('idle');
});

test('a time that is none is refused with what it may be', async () => {
  const raw = new Raw();
  raw.ask('POST /.lab/idle', '{"ms": "soon"}');
  await raw.said(/whole number of milliseconds, 100 to 60000/);
  raw.socket.destroy();
});

test('bytes are left over right behind the announced content', async () => {
  const raw = new Raw();
  raw.ask('POST /.lab/left-over');
  await raw.said(/and nine more$/);
  const length = Number(/content-length: (\d+)/i.exec(raw.text)?.[1]);
  const content = raw.text.slice(raw.text.indexOf('\r\n\r\n') + 4);
  expect(content.length).toBe(length + LEFT_OVER.length);
  expect(content.startsWith(`{"sent":${LEFT_OVER.length}}`)).toBe(true);
  raw.socket.destroy();
});

test('a request on a used connection gets no reply the first time, and both times told the second', async () => {
  const first = new Raw();
  first.ask('GET /.lab/state');
  await first.said(/"connection":\{.*\n$/s);
  first.ask('POST /.lab/cut?r=twice');
  expect(await first.ended, 'no orderly end that could pass for a whole reply').toBe('ECONNRESET');
  const again = new Raw();
  again.ask('POST /.lab/cut?r=twice');
  await again.said(/arrivals.*\n$/s);
  const { arrivals } = again.json as CutState;
  expect(arrivals.map(({ nth, method }) => [nth, method])).toEqual([
    [2, 'POST'],
    [1, 'POST'],
  ]);
  expect(new Set(arrivals.map(({ connection }) => connection)).size).toBe(2);
  again.ask('POST /.lab/cut?r=%3Cscript%3E');
  await again.said(/400 Bad Request|HTTP\/1.1 400/);
  again.socket.destroy();
});

test('on a new connection it is answered at once, and a link cannot do any of it', async () => {
  const raw = new Raw();
  raw.ask('POST /.lab/cut?r=fresh');
  await raw.said(/arrivals.*\n$/s);
  expect((raw.json as CutState).arrivals).toHaveLength(1);
  raw.ask('GET /.lab/left-over');
  await raw.said(/405/);
  raw.socket.destroy();
});
