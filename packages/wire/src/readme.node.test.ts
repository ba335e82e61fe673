import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:http2';
import { type AddressInfo, createServer } from 'node:net';
import { Duplex } from 'node:stream';
import { afterEach, expect, it } from 'vitest';
import { serve } from '../examples/server.ts';
import type { ProtocolConnection } from './connection.ts';
import { Http1Connection } from './http1/connection.ts';
import { CONNECTION_STATES, REQUEST_STATES, RESPONSE_STATES } from './http1/state.ts';
import { Http2Connection } from './http2/connection.ts';
import { STREAM_TRANSITIONS } from './http2/stream_state.ts';
import { MESSAGE_TRANSITIONS } from './http3/message_state.ts';
import { arrowsOf, diagram } from './testing/diagram.ts';

const file = new URL('../README.md', import.meta.url);

/** What stands between the markers of the README. `GOLDEN=write` puts it there. */
const PARTS: Readonly<Record<string, () => string>> = {
  'examples/server.ts': () => `\`\`\`ts\n${example('server.ts')}\n\`\`\``,
  'http1 request': () => mermaid(diagram(arrowsOf(REQUEST_STATES), 'idle')),
  'http1 response': () => mermaid(diagram(arrowsOf(RESPONSE_STATES), 'idle')),
  'http1 connection': () => mermaid(diagram(arrowsOf(CONNECTION_STATES), 'open')),
  'http2 stream': () => mermaid(diagram(STREAM_TRANSITIONS, 'idle')),
  'http3 message': () => mermaid(diagram(arrowsOf(MESSAGE_TRANSITIONS), 'idle')),
};

/** An example as somebody writes it who has installed the package. */
function example(name: string): string {
  const text = readFileSync(new URL(`../examples/${name}`, import.meta.url), 'utf8').trimEnd();
  return text.replaceAll("'../src/mod.ts'", "'@interleave/wire'");
}

function mermaid(text: string): string {
  return `\`\`\`mermaid\n${text}\n\`\`\``;
}

it('the README shows the example and the tables as they are', () => {
  const before = readFileSync(file, 'utf8');
  let after = before;
  for (const [name, make] of Object.entries(PARTS)) {
    const between = new RegExp(`(<!-- ${name} -->\n)[\\s\\S]*?(\n<!-- end -->)`);
    expect(before, name).toMatch(between);
    after = after.replace(between, (_, open: string, close: string) => `${open}${make()}${close}`);
  }
  if (process.env['GOLDEN'] === 'write') writeFileSync(file, after);
  else expect(before).toBe(after);
});

const open: (() => void)[] = [];
afterEach(() => {
  for (const close of open.splice(0)) close();
});

async function greeting(make: () => ProtocolConnection): Promise<number> {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    void serve(make(), Duplex.toWeb(socket) as unknown as Parameters<typeof serve>[1]).catch(() => {});
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  open.push(() => server.close());
  return (server.address() as AddressInfo).port;
}

it('the example serves HTTP/1.1 to a client of Node', async () => {
  const port = await greeting(() => new Http1Connection({ role: 'server' }));
  const [response] = await once(request({ port, host: '127.0.0.1', path: '/you' }).end(), 'response');
  let text = '';
  for await (const chunk of response) text += chunk;
  expect(text).toBe('Hello, /you\n');
});

it('the example serves HTTP/2 to a client of Node', async () => {
  const port = await greeting(() => new Http2Connection({ role: 'server' }));
  const session = connect(`http://127.0.0.1:${port}`);
  open.push(() => session.destroy());
  const stream = session.request({ ':path': '/you' });
  let text = '';
  for await (const chunk of stream) text += chunk;
  expect(text).toBe('Hello, /you\n');
});
