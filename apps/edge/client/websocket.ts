import type { RequestRecord } from '@interleave/trace';
import type { Lane, Mark, Timeline } from '@interleave/trace/timeline';
import type { Echo } from '../src/story/echo-record.ts';
import { FRAME_COST, headBytes, MESSAGES } from '../src/story/frames.ts';
import { lifeOf } from '../src/tab/life.ts';
import { letterOf, meet, type Remembered } from '../src/tab/memory.ts';
import { byId, setText } from './dom.ts';
import { fetchOne } from './run.ts';
import { openStage, type Stage } from './stage.ts';

const stage = openStage();
if (stage) {
  byId('run')?.addEventListener(
    'click',
    stage.alone(() => run(stage)),
  );
  byId('more')?.addEventListener(
    'click',
    stage.alone(() => oneMore()),
  );
}

const utf8 = new TextEncoder();
const SIZE = MESSAGES.reduce((sum, said) => sum + utf8.encode(said).length, 0);
const ECHO = new URL('/echo', location.href);

async function run(stage: Stage): Promise<void> {
  stage.address({ n: String(MESSAGES.length) });
  const figure = byId('life');
  if (figure) figure.style.minHeight = '10rem';
  stage.say('Saying …');
  const exchanges: Remembered[] = [];
  let there = 0;
  let back = 0;
  let heads = 0;
  for (const said of MESSAGES) {
    const { exchange, body, response } = await fetchOne(stage.tab, {
      path: '/echo',
      label: 'POST /echo',
      init: { method: 'POST', body: said, headers: { 'content-type': 'text/plain' } },
      record: (body) => (body as Echo).record,
    });
    heads += 2;
    there += (body as Echo).head.bytes;
    back += headBytes('HTTP/1.1 200 OK', response.headers);
    if (!exchange) continue;
    stage.step(exchange);
    exchanges.push(exchange);
  }
  const socket = await talk(MESSAGES);
  if (socket.record.facts.connectionId.value !== null)
    stage.keep(meet(stage.tab, socket.record.facts.connectionId.value));
  show(heads, there, back, socket);
  stage.draw(drawing(stage, exchanges, socket), HOW);
  stage.say(
    `Five exchanges took ${heads} heads, ${there + back} bytes of them. The WebSocket took two heads to begin with, and then ${FRAME_COST.there + FRAME_COST.back} bytes for a message there and back.`,
  );
  stage.answer(`${heads === 10 ? 'ten' : heads} and two`);
}

const HOW =
  'The upper lane is HTTP: five exchanges, each whole. The lower one is a WebSocket: one exchange opens it, and each stroke after it is a message.';

/** What one WebSocket has carried; times on the clock of the page. */
interface Socket {
  readonly record: RequestRecord;
  readonly head: number;
  readonly began: number;
  readonly opened: number;
  readonly ended: number;
  readonly messages: readonly Mark[];
  readonly extensions: string;
}

/** Opens a WebSocket, says these things one after the other, each when the last has come back, and closes it. */
async function talk(said: readonly string[]): Promise<Socket> {
  const url = new URL(ECHO);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  const began = Date.now();
  const socket = new WebSocket(url);
  const answers: string[] = [];
  let wake = (): void => {};
  let problem: string | null = null;
  const fail = (reason: string): void => {
    problem ??= reason;
    wake();
  };
  socket.addEventListener('message', ({ data }) => {
    answers.push(String(data));
    wake();
  });
  socket.addEventListener('error', () => fail('the WebSocket did not open'));
  socket.addEventListener('close', ({ reason }) => fail(reason || 'the WebSocket has closed'));
  const next = async (): Promise<string> => {
    while (answers.length === 0 && problem === null) {
      await new Promise<void>((done) => {
        wake = done;
      });
    }
    const answer = answers.shift();
    if (answer === undefined) throw new Error(problem ?? 'nothing came');
    return answer;
  };
  const hello = JSON.parse(await next()) as { head: { bytes: number }; record: RequestRecord };
  const opened = Date.now();
  const messages: Mark[] = [];
  for (const text of said) {
    messages.push({ at: Date.now(), kind: 'write', label: `“${text}”`, by: 'client' });
    socket.send(text);
    const answer = await next();
    if (answer !== text) throw new Error(`the server said “${answer}” back to “${text}”`);
    messages.push({ at: Date.now(), kind: 'write', label: `“${text}”`, by: 'server' });
  }
  socket.close(1000);
  const { extensions } = socket;
  return { record: hello.record, head: hello.head.bytes, began, opened, ended: Date.now(), messages, extensions };
}

function show(heads: number, there: number, back: number, socket: Socket): void {
  byId('costs')?.removeAttribute('hidden');
  const n = MESSAGES.length;
  const cells: Readonly<Record<string, string>> = {
    'exchanges-exchanges': String(n),
    'exchanges-socket': '1',
    'heads-exchanges': String(heads),
    'heads-socket': '2',
    'there-exchanges': String(there),
    'there-socket': String(socket.head),
    'back-exchanges': String(back),
    'back-socket': 'not told to a page',
    'frames-exchanges': '0',
    'frames-socket': String(n * (FRAME_COST.there + FRAME_COST.back)),
    'messages-exchanges': String(SIZE * 2),
    'messages-socket': String(SIZE * 2),
  };
  if (socket.extensions !== '') {
    setText(
      byId('costs-note'),
      `Heads are counted as HTTP/1.1 spells them: those of requests by the server, those of replies by your browser. This WebSocket agreed on ${socket.extensions.split(';')[0]}, so its messages travel compressed.`,
    );
  }
  for (const [id, text] of Object.entries(cells)) setText(byId(id), text);
}

function drawing(stage: Stage, exchanges: readonly Remembered[], socket: Socket): Timeline {
  const ids = new Set(exchanges.map(({ id }) => id));
  const { lanes } = lifeOf({ ...stage.tab, exchanges: stage.tab.exchanges.filter(({ id }) => ids.has(id)) }, null);
  const id = socket.record.facts.connectionId.value;
  const letter = id === null ? '' : (letterOf(stage.tab, id) ?? '');
  const isShared = lanes.some((lane) => lane.id === id);
  const lane: Lane = {
    id: `socket-${socket.record.request.id}`,
    label: isShared || letter === '' ? 'stream' : letter,
    kind: isShared ? 'stream' : 'connection',
    protocol: 'ws',
    openedAt: socket.began,
    closedAt: socket.ended,
    beginning: socket.record.facts.resumed.value ? 'resumed' : 'new',
    exchanges: [
      {
        id: socket.record.request.id,
        label: 'GET /echo, and HTTP ends',
        nth: socket.record.facts.nth.value,
        phases: [{ phase: 'server', from: socket.began, to: socket.opened }],
        outcome: 'complete',
      },
    ],
    marks: [...socket.messages, { at: socket.ended, kind: 'close', by: 'client' }],
  };
  const where = isShared ? 'one stream of the same connection' : 'a connection of its own';
  return { title: `Five exchanges, and a WebSocket on ${where}.`, lanes: [...lanes, lane] };
}

/** The same sixth message to both: an exchange that is over, and a WebSocket that is not. */
async function oneMore(): Promise<void> {
  const said = byId('more-outcome');
  setText(said, 'Trying …');
  const request = new Request(ECHO, { method: 'POST', body: 'five' });
  await (await fetch(request)).text();
  let refusal = 'took it, which no browser should';
  try {
    await fetch(request);
  } catch (error) {
    refusal = `refused: ${error instanceof Error ? error.message : String(error)}`;
  }
  const { messages } = await talk(['five', 'one more']);
  setText(
    said,
    `On the finished exchange your browser ${refusal} There is nowhere to put it; it takes a new exchange. On the WebSocket it was message ${messages.length / 2}, and came back.`,
  );
}
