import { duration } from '@interleave/trace/look';
import { concat } from '../src/pipe/server.ts';
import { type AskedTwice, ENDINGS, type Ending, endingWords, messageParts, wholeMessages } from '../src/story/ends.ts';
import { partsHtml } from '../src/story/parts.ts';
import { lifeOf } from '../src/tab/life.ts';
import { letterOf, type Remembered, rememberEnd } from '../src/tab/memory.ts';
import { runWords } from '../src/tab/words.ts';
import { byId, setText } from './dom.ts';
import { endingOf, setClosing } from './lab.ts';
import { openPipe } from './pipe.ts';
import { fetchOne } from './run.ts';
import { openStage, type Stage } from './stage.ts';

const MOST_FETCHES = 20;
/** The server ends a connection that carried nothing for a minute; a little more, so that it has done so. */
const IDLE_MS = 61_500;

const stage = openStage();
if (stage) {
  const short = byId<HTMLInputElement>('short');
  if (short) short.checked = stage.params.get('mode') === 'short';
  const asked = Number(stage.params.get('n') ?? 5);
  const n = Number.isInteger(asked) && asked >= 1 && asked <= MOST_FETCHES ? asked : 5;
  byId('run')?.addEventListener(
    'click',
    stage.alone(() => run(stage, n, short?.checked ?? false)),
  );
  byId('wait')?.addEventListener(
    'click',
    stage.alone(() => beSilent(stage)),
  );
}

async function run(stage: Stage, n: number, short: boolean): Promise<void> {
  stage.address({ n: String(n), mode: short ? 'short' : 'long' });
  stage.say('Asking …');
  reserve(short ? n : 1);
  if (byId('short') !== null) await setClosing(short);
  const fetched: Remembered[] = [];
  try {
    for (let i = 0; i < n; i++) {
      const { exchange } = await fetchOne(stage.tab);
      if (!exchange) continue;
      stage.step(exchange);
      fetched.push(exchange);
      draw(stage, fetched);
    }
  } finally {
    // The switch holds for this run: the rest of the house goes on with connections that stay.
    if (short) await setClosing(false);
  }
  stage.say(`${runWords(stage.tab, fetched, n)} ${handshakeWords(fetched)}`);
  stage.answer(connections(fetched));
}

/** The run alone, so that one lane or five is all there is to see. */
function draw(stage: Stage, fetched: readonly Remembered[]): void {
  const ids = new Set(fetched.map((e) => e.id));
  const only = { ...stage.tab, exchanges: stage.tab.exchanges.filter((e) => ids.has(e.id)) };
  stage.draw(lifeOf(only, fetched.at(-1)?.id ?? null));
}

function handshakeWords(fetched: readonly Remembered[]): string {
  const paid = fetched.flatMap((e) => (e.handshake ? [e.handshake.to - e.handshake.from] : []));
  if (paid.length === 0) return 'None of them paid for a handshake.';
  const sum = duration(paid.reduce((a, b) => a + b, 0));
  return paid.length === 1
    ? `One handshake, ${sum}, was paid for all of them.`
    : `${paid.length} handshakes were paid, ${sum} together.`;
}

function connections(fetched: readonly Remembered[]): string {
  const n = new Set(fetched.map((e) => e.connection)).size;
  return ['none', 'one', 'two', 'three', 'four', 'five', 'six'][n] ?? String(n);
}

/** Room for the lanes of this run, made while the visitor presses, so that nothing moves later. */
function reserve(lanes: number): void {
  const figure = byId('life');
  if (figure) figure.style.minHeight = `${Math.min(lanes, 6) * 56 + 26}px`;
}

/** Sends nothing until the server's idle time is over; then asks, over a connection that is new by then. */
async function beSilent(stage: Stage): Promise<void> {
  const said = byId('idle-outcome');
  const { exchange } = await fetchOne(stage.tab);
  if (!exchange) return setText(said, 'Nothing names the connection here, so nothing can be told about its end.');
  stage.step(exchange);
  const letter = letterOf(stage.tab, exchange.connection) ?? '?';
  for (let left = IDLE_MS; left > 0; left -= 500) {
    // A screen reader is told at the start and at the end, not twice a second.
    if (left === IDLE_MS || left % 10_000 === 0)
      setText(said, `Connection ${letter} is silent. ${duration(left)} to go.`);
    await new Promise((done) => setTimeout(done, Math.min(500, left)));
  }
  const ending = await endingOf(exchange.connection);
  const cause = ending?.cause;
  if (cause !== undefined) stage.keep(rememberEnd(stage.tab, exchange.connection, Date.now()));
  setText(
    said,
    cause === 'idle'
      ? `The server ended ${letter} because nothing came for 60 seconds. It waited for nothing: every exchange on it was over.`
      : cause === undefined
        ? `${letter} is still open: somebody used it meanwhile, another tab for example. Its idle time begins anew with each exchange.`
        : `${letter} has ended, and it was not the idle time: ${cause}.`,
  );
}

/** The four ways to ask, by our own client. */
byId('ask-twice')?.addEventListener(
  'click',
  stage?.alone(async () => {
    const id = document.querySelector<HTMLInputElement>('input[name=ending]:checked')?.value;
    const ending = ENDINGS.find((one) => one.id === id);
    if (ending) await showEnding(ending);
  }) ?? (() => {}),
);

async function showEnding(ending: Ending): Promise<void> {
  const run = await askTwice(ending);
  setText(byId('ending-outcome'), endingWords(ending, run));
  const columns = innerWidth < 560 ? 8 : 16;
  const box = byId('ending-bytes');
  if (box)
    box.innerHTML =
      partsHtml('You send', run.sent, messageParts(run.sent), { columns }) +
      partsHtml('You receive', run.received, messageParts(run.received), { columns });
  setText(byId('ending-source'), 'sent and received just now, through a WebSocket to this server');
}

/** Asks, and asks again when the first reply has come whole. The end of the pipe is the server's: nobody else ends it. */
async function askTwice({ request }: Ending): Promise<AskedTwice> {
  const pieces: Uint8Array[] = [];
  let more = (): void => {};
  const pipe = await openPipe('http/1.1', (bytes) => {
    pieces.push(bytes);
    more();
  });
  const ended = pipe.closed.then(() => true);
  const replies = (n: number): Promise<boolean> =>
    new Promise((done) => {
      more = () => wholeMessages(concat(pieces)) >= n && done(false);
      more();
    });
  pipe.send(request);
  await Promise.race([replies(1), ended]);
  // A server that ends says so right behind its reply.
  pipe.send(request);
  const isEnded = await Promise.race([replies(2), ended]);
  pipe.close();
  return { sent: isEnded ? request : concat([request, request]), received: concat(pieces), ended: isEnded };
}
