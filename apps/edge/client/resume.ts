import type { RequestRecord } from '@interleave/trace';
import { duration } from '@interleave/trace/look';
import { connFieldOf } from '../src/story/conn-field.ts';
import { partsHtml } from '../src/story/parts.ts';
import { lifeOf } from '../src/tab/life.ts';
import { letterOf, type Remembered, rememberEnd } from '../src/tab/memory.ts';
import { byId, make } from './dom.ts';
import { endConnections } from './lab.ts';
import { type Fetched, fetchOne } from './run.ts';
import { openStage, type Stage } from './stage.ts';

const stage = openStage();
if (stage) {
  byId('run')?.addEventListener(
    'click',
    stage.alone(() => run(stage)),
  );
}

interface Step {
  readonly name: string;
  readonly fetched: Fetched;
  readonly exchange: Remembered;
}

async function run(stage: Stage): Promise<void> {
  stage.address({ steps: 'stay,return,arrive' });
  stage.say('Asking …');
  const figure = byId('life');
  if (figure) figure.style.minHeight = '13rem';
  byId('paid')?.removeAttribute('hidden');
  byId('paid-body')?.replaceChildren();
  const steps: Step[] = [];
  const ask = async (name: string, init: RequestInit): Promise<void> => {
    const fetched = await fetchOne(stage.tab, {
      path: '/api/v1/request',
      label: 'GET /api/v1/request',
      init,
      record: (body) => body as RequestRecord,
    });
    const { exchange } = fetched;
    if (!exchange) throw new Error('nothing here names the connection, so the three could not be told apart');
    stage.step(exchange);
    steps.push({ name, fetched, exchange });
    byId('paid-body')?.append(row(stage, name, exchange));
    draw(stage, steps);
  };
  await ask('stay', {});
  if (stage.arrival.record.host === 'lab') {
    await endConnections();
    const at = Date.now();
    for (const id of stage.tab.met) if (stage.tab.ended[id] === undefined) stage.keep(rememberEnd(stage.tab, id, at));
    await ask('come back', {});
  }
  await ask('arrive', { credentials: 'omit' });
  stage.say(words(steps));
  const back = steps.find(({ name }) => name === 'come back') ?? steps.at(-1);
  stage.answer(back ? kind(back.exchange) : 'not seen');
  const box = byId('conn-bytes');
  if (box)
    box.innerHTML = steps
      .map(({ name, fetched }) => {
        const { bytes, parts } = connFieldOf(fetched.response.headers.get('x-conn') ?? '');
        return partsHtml(`To ${name}`, bytes, parts, { columns: innerWidth < 560 ? 8 : 16 });
      })
      .join('');
}

/** What carried it, as the server and the browser tell it. */
function kind(exchange: Remembered): string {
  if (exchange.state === 'reused') return 'the same connection';
  if (exchange.earlyData) return 'a new one, resumed, with the request inside its handshake';
  if (exchange.resumed) return 'a new one, resumed';
  return exchange.resumed === false ? 'a new one, from nothing' : 'a new one';
}

function row(stage: Stage, name: string, exchange: Remembered): HTMLElement {
  const head = make('th', '', name);
  head.setAttribute('scope', 'row');
  const letter = letterOf(stage.tab, exchange.connection) ?? '?';
  const { handshake } = exchange;
  return make(
    'tr',
    '',
    head,
    make('td', '', exchange.nth === null ? letter : `${letter} · ${exchange.nth}`),
    make('td', '', kind(exchange)),
    make('td', '', handshake === null ? 'none' : duration(handshake.to - handshake.from)),
  );
}

/** The three alone: what was ordered of the lab in between is not part of the story. */
function draw(stage: Stage, steps: readonly Step[]): void {
  const ids = new Set(steps.map(({ exchange }) => exchange.id));
  const only = { ...stage.tab, exchanges: stage.tab.exchanges.filter(({ id }) => ids.has(id)) };
  stage.draw(lifeOf(only, steps.at(-1)?.exchange.id ?? null));
}

function words(steps: readonly Step[]): string {
  const said = steps.map(({ name, exchange }) => `To ${name}: ${kind(exchange)}`);
  const arrived = steps.at(-1)?.exchange;
  const known =
    arrived?.resumed === true || arrived?.state === 'reused'
      ? ' Your browser had a session for this corner too, so it came back there as well; a private window arrives anew.'
      : '';
  return `${said.join('. ')}.${known}`;
}
