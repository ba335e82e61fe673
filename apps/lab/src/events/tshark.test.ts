/**
 * Holds what the API says of a connection against an independent dissector: tshark, on a capture of the same connection made
 * by dumpcap, decrypted with the client's own keys. Frame for frame, field for field.
 */
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type ClientHttp2Session, connect as connectHttp2 } from 'node:http2';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import type { WatchMessage } from '@interleave/trace/events';
import { FrameModel, type FrameView } from '@interleave/trace/frames';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { labCertificate } from '../certificates.ts';
import { type Lab, startLab } from '../lab.ts';
import { capture, dissect, missing, TYPES } from '../testing/tshark.ts';

let folder: string;
let lab: Lab;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lab-tshark-'));
  const certificate = await labCertificate(folder);
  const upstream = { address: { host: '127.0.0.1', port: 9 } };
  lab = await startLab({ certificate, upstream, ports: { plain: 0, h1: 0, h2: 0, altSvc: 0, h3: 0 } });
}, 60_000);

afterAll(async () => {
  await lab?.close(0);
  await rm(folder, { recursive: true, force: true });
});

const portOf = (id: string): number => lab.listeners.find(({ plan }) => plan.id === id)?.port ?? 0;

/** A connection that writes its keys down. */
async function keyed(keys: string[]): Promise<ClientHttp2Session> {
  const socket = connectTls({
    host: 'localhost',
    port: portOf('h2'),
    ALPNProtocols: ['h2'],
    rejectUnauthorized: false,
  });
  socket.on('keylog', (line: Buffer) => keys.push(line.toString('latin1')));
  await once(socket, 'secureConnect');
  return connectHttp2(`https://localhost:${portOf('h2')}`, { createConnection: () => socket });
}

async function ask(session: ClientHttp2Session, path: string, headers = {}, body?: string): Promise<string> {
  const stream = session.request({ ':path': path, ...(body === undefined ? {} : { ':method': 'POST' }), ...headers });
  stream.end(body);
  let text = '';
  for await (const chunk of stream) text += chunk;
  return text;
}

/** All frames that the API tells of a connection that is over. */
async function told(id: string): Promise<FrameView[]> {
  const response = await fetch(`http://localhost:${portOf('plain')}/api/v1/connection/${id}/events`);
  const model = new FrameModel('server');
  let text = '';
  for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
    text += Buffer.from(chunk).toString('utf8');
    if (text.includes('event: ended')) break;
  }
  for (const block of text.split('\n\n')) {
    const data = block.split('\ndata: ')[1];
    const message = data === undefined ? null : (JSON.parse(data) as WatchMessage);
    if (message?.type === 'events') model.add(message.events);
  }
  return model.frames.filter(({ kind }) => kind !== 'preface');
}

const why = missing === null ? '' : ` (left out: ${missing})`;

test(`the frames of the API are those that tshark decodes from a capture of the same connection${why}`, {
  timeout: 60_000,
  skip: missing !== null,
}, async () => {
  const file = join(folder, 'h2.pcapng');
  const keyFile = join(folder, 'keys');
  const stop = await capture(portOf('h2'), file);
  const keys: string[] = [];
  const session = await keyed(keys);
  const { id } = JSON.parse(
    await ask(session, '/.lab/state', { cookie: 'sid=masked-there', 'x-first': 'once' }),
  ).connection;
  await Promise.all(Array.from({ length: 6 }, (_, n) => ask(session, '/.lab/connections', { 'x-n': `${n % 2}` })));
  await ask(session, '/nothing/there', { 'x-big': 'y'.repeat(20_000) }, 'content '.repeat(4_000));
  const cancelled = session.request({ ':path': `/api/v1/connection/${id}/events` });
  await once(cancelled, 'data');
  cancelled.close(8);
  await new Promise((resolve) => session.ping(resolve));
  await ask(session, '/.lab/state', { cookie: 'sid=masked-there', 'x-first': 'once' });
  session.close();
  await once(session, 'close');
  await stop();
  await writeFile(keyFile, keys.join(''));

  const all = await told(id);
  // The stream that carried a report is left out of it: its content alone.
  const leftOut = cancelled.id ?? 0;
  for (const [direction, from] of [
    ['to', true],
    ['from', false],
  ] as const) {
    const { frames, fields } = await dissect(file, keyFile, portOf('h2'), direction);
    const own = all.filter(({ fromClient }) => fromClient === from);
    expect(own.map(({ kind, flags, streamId, length }) => [TYPES[kind], flags, streamId, length - 9])).toEqual(
      frames.filter(([type, , stream]) => !(stream === leftOut && (type === 0 || type === 8))),
    );
    const seen = own.flatMap(({ headers }) => headers ?? []);
    expect(seen.map(({ name, value }) => [name, value ?? 'masked'])).toEqual(
      fields.map(([name, value]) => [name, name === 'cookie' ? 'masked' : value]),
    );
  }
  expect(new Set(all.map(({ kind }) => kind))).toEqual(
    new Set(['settings', 'window_update', 'headers', 'continuation', 'data', 'rst_stream', 'ping', 'goaway']),
  );
});
