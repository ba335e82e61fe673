import { parseConn } from '@interleave/trace';
import { duration, type Protocol, protocolLook } from '@interleave/trace/look';
import type { Lane } from '@interleave/trace/timeline';
import type { PipeClient } from '../src/pipe/client.ts';
import { PipeServer } from '../src/pipe/server.ts';
import { pipeService } from '../src/pipe/service.ts';
import { messageParts } from '../src/story/ends.ts';
import { readAsServer } from '../src/story/framing.ts';
import { partsHtml } from '../src/story/parts.ts';
import { ANSWER, bordersOf, differingBytes, pipeClient, TARGET, typedBytes } from '../src/story/pipes-run.ts';
import { byId, setText } from './dom.ts';
import { openPipe } from './pipe.ts';
import { openStage, type Stage } from './stage.ts';

/** What came over one pipe; times on the clock of the page. */
interface Came {
  readonly text: string;
  readonly protocol: Protocol | null;
  readonly from: number;
  readonly sent: number;
  readonly to: number;
  readonly client: PipeClient | null;
}

const stage = openStage();
const typed = byId<HTMLTextAreaElement>('typed');
if (stage) {
  byId('run')?.addEventListener(
    'click',
    stage.alone(() => run(stage)),
  );
  if (typed) typed.readOnly = false;
  byId('hand-over')?.addEventListener(
    'click',
    stage.alone(async () => handOver()),
  );
}

const now = (): number => performance.now();
const columns = innerWidth < 560 ? 8 : 16;

async function run(stage: Stage): Promise<void> {
  stage.address({ target: TARGET });
  stage.say('Asking …');
  const figure = byId('life');
  if (figure) figure.style.minHeight = '20rem';
  const rows = [...document.querySelectorAll<HTMLElement>('[data-pipe]')].filter(
    ({ dataset }) => dataset.why === undefined,
  );
  const lanes: Lane[] = [];
  const clients = new Map<string, PipeClient>();
  let answered = 0;
  for (const row of rows) {
    const { pipe = '', origin } = row.dataset;
    const came = row.querySelector('.came');
    setText(came, 'asking …');
    try {
      const result = await (pipe === 'socket'
        ? overSocket()
        : pipe === 'channel'
          ? overChannel()
          : overFetch(origin ?? ''));
      answered++;
      const kind = result.protocol === null ? '' : `, ${protocolLook(result.protocol).name}`;
      setText(came, `“${result.text.trim()}”${kind}`);
      lanes.push(lane(pipe, result));
      if (result.client) clients.set(pipe, result.client);
      stage.draw({ title: `The same exchange over ${lanes.length} pipes.`, lanes }, HOW);
    } catch (error) {
      setText(came, unreachable(pipe, error));
    }
  }
  const [socket, channel] = [clients.get('socket'), clients.get('channel')];
  if (!socket || !channel) throw new Error('our own client was not answered');
  const differing = differingBytes(socket.sent, channel.sent) + differingBytes(socket.received, channel.received);
  showPairs(socket, channel);
  stage.say(
    `${answered} pipes, ${answered} answers, all the same exchange. Between the WebSocket and the channel in this page ${differing === 0 ? 'no byte of HTTP differs' : `${differing} bytes differ`}, the clock’s Date aside.`,
  );
  stage.answer(differing === 0 ? 'none, the Date aside' : String(differing));
}

const HOW = 'A lane is a pipe, a bar the exchange on it. The times tell of the pipes; the messages are alike.';

const NAMES: Readonly<Record<string, string>> = {
  tcp: 'TCP',
  tls: 'TLS',
  quic: 'QUIC',
  socket: 'socket',
  channel: 'page',
};

function lane(pipe: string, { protocol, from, sent, to }: Came): Lane {
  return {
    id: pipe,
    label: NAMES[pipe] ?? pipe,
    kind: 'stream',
    protocol: protocol ?? 'http/1.1',
    openedAt: from,
    closedAt: null,
    beginning: 'unknown',
    ...(sent > from && { handshake: { from, to: sent } }),
    exchanges: [
      {
        id: `exchange-${pipe}`,
        label: `GET ${TARGET}, ${duration(to - sent)}`,
        nth: null,
        phases: [{ phase: 'server', from: sent, to }],
        outcome: 'complete',
      },
    ],
  };
}

/** The browser's own client: what carries its bytes is the browser's to know, and the server's to tell. */
async function overFetch(origin: string): Promise<Came> {
  const from = now();
  const response = await fetch(origin + TARGET, { cache: 'no-store' });
  const text = await response.text();
  if (text !== ANSWER) throw new Error(`the server said “${text.slice(0, 60)}”`);
  const protocol = parseConn(response.headers.get('x-conn') ?? '')?.protocol ?? null;
  return { text, protocol, from, sent: from, to: now(), client: null };
}

/** Our own client, the server’s core at the other end of a WebSocket. */
async function overSocket(): Promise<Came> {
  const from = now();
  const pipe = await openPipe('http/1.1', (bytes) => client.receive(bytes));
  const client = pipeClient(pipe.send, now);
  void pipe.closed.then(() => client.receiveEnd());
  const came = await ask(client, from);
  pipe.close();
  return came;
}

/** Our own client, and the same core at the other end of a channel inside this page. */
async function overChannel(): Promise<Came> {
  const from = now();
  const { port1, port2 } = new MessageChannel();
  const server = new PipeServer({
    service: pipeService(null),
    date: () => new Date().toUTCString(),
    outlet: { send: (bytes) => port2.postMessage(bytes), close: () => port2.close() },
  });
  port2.onmessage = ({ data }) => server.receive(data as Uint8Array);
  const client = pipeClient((bytes) => port1.postMessage(bytes), now);
  port1.onmessage = ({ data }) => client.receive(data as Uint8Array);
  const came = await ask(client, from);
  port1.close();
  return came;
}

async function ask(client: PipeClient, from: number): Promise<Came> {
  const sent = now();
  client.ask([{ method: 'GET', target: TARGET, authority: 'pipe' }]);
  await client.done();
  const [exchange] = client.exchanges;
  if (!exchange || exchange.failed !== null) throw new Error(exchange?.failed ?? 'nothing was asked');
  return { text: new TextDecoder().decode(exchange.body), protocol: 'http/1.1', from, sent, to: now(), client };
}

function unreachable(pipe: string, error: unknown): string {
  const said = error instanceof Error ? error.message : String(error);
  return pipe === 'tls' || pipe === 'quic'
    ? 'nothing came: your browser does not trust the lab’s own certificate, or does not speak HTTP/3 with it; npm run browser opens one that does'
    : `nothing came: ${said}`;
}

function showPairs(socket: PipeClient, channel: PipeClient): void {
  const box = byId('pipe-pairs');
  if (!box) return;
  box.innerHTML = [['over the WebSocket', socket] as const, ['inside this page', channel] as const]
    .map(
      ([where, client]) =>
        partsHtml(`Asked ${where}`, client.sent, bordersOf(client, 'created'), { columns }) +
        partsHtml(`Answered ${where}`, client.received, bordersOf(client, 'received'), { columns }),
    )
    .join('');
  setText(byId('pairs-source'), 'sent and received just now');
}

/** What was typed, given to the same core. */
function handOver(): void {
  const bytes = typedBytes(typed?.value ?? '');
  const { replies, ended, statuses } = readAsServer(bytes);
  const box = byId('typed-bytes');
  if (box)
    box.innerHTML =
      partsHtml('You typed', bytes, [], { columns }) +
      (replies.length === 0 ? '' : partsHtml('The core answers', replies, messageParts(replies), { columns }));
  setText(
    byId('typed-outcome'),
    statuses.length === 0
      ? 'The core waits: no head is whole yet. It ends with an empty line.'
      : `It answered ${statuses.join(', then ')}${ended ? ', and ended the connection' : ', and waits for your next request'}.`,
  );
}
