import { ordinalWord } from '@interleave/trace/look';
import type { Exchange, Stretch, Timeline } from '@interleave/trace/timeline';
import type { WireUnit } from '@interleave/wire';
import { Http1Connection } from '@interleave/wire/http1';
import { PipeClient, type PipeExchange } from '../pipe/client.ts';
import { PipeServer } from '../pipe/server.ts';
import { pipeService, type Swap } from '../pipe/service.ts';
import { saysItAnswers } from './answers.ts';
import type { ByteParts } from './parts.ts';
import { seeded } from './seeded.ts';
import { VirtualClock } from './virtual-clock.ts';

/** What a run does, and all that its address says. */
export interface PipelinePlan {
  readonly seed: number;
  /** Milliseconds that the first handler takes longer. */
  readonly delay: number;
  readonly swap: boolean;
}

export const PATHS: readonly string[] = ['/a', '/b', '/c', '/d', '/e', '/f'];
/** Which replies a swapping server takes for each other. */
export const SWAPPED: Swap = ['/c', '/d'];
export const FIRST_DELAY = 600;
const STEP = 70;

/** Reads a plan from an address; what is not a number there is the default. */
export function planOf(params: URLSearchParams): PipelinePlan {
  const seed = Number(params.get('seed') ?? 7);
  return {
    seed: Number.isInteger(seed) && seed >= 0 && seed <= 9999 ? seed : 7,
    delay: params.get('delay') === '1' ? FIRST_DELAY : 0,
    swap: params.get('swap') === '1',
  };
}

/** How long each handler works: the six durations in an order that the seed decides. */
export function workOf({ seed, delay }: PipelinePlan): number[] {
  const durations = PATHS.map((_, i) => (i + 1) * STEP);
  const random = seeded(seed);
  for (let i = durations.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [durations[i], durations[j]] = [durations[j] as number, durations[i] as number];
  }
  return durations.map((ms, i) => (i === 0 ? ms + delay : ms));
}

/** The client's end, ready to ask; how its bytes travel is the caller's. */
export function pipelineClient(send: (bytes: Uint8Array) => void, now: () => number, changed?: () => void): PipeClient {
  return new PipeClient({
    connection: (observe) => new Http1Connection({ role: 'client', observe, now: now() }),
    send,
    now,
    ...(changed === undefined ? {} : { changed }),
  });
}

/** All six in one write. */
export function askSix(client: PipeClient, plan: PipelinePlan): void {
  const work = workOf(plan);
  client.ask(PATHS.map((path, i) => ({ method: 'GET', target: `${path}?after=${work[i]}`, authority: 'pipe' })));
}

/** The same run with both ends in memory, on a clock of its own. */
export async function pipelineInMemory(plan: PipelinePlan): Promise<PipeClient> {
  const clock = new VirtualClock();
  const server: PipeServer = new PipeServer({
    service: pipeService(clock.wait, plan.swap ? SWAPPED : null),
    now: () => clock.now,
    outlet: { send: (bytes) => client.receive(bytes), close: () => client.receiveEnd() },
  });
  const client = pipelineClient(
    (bytes) => server.receive(bytes),
    () => clock.now,
  );
  askSix(client, plan);
  await clock.run();
  return client;
}

function field(exchange: PipeExchange, name: string): number | null {
  const value = exchange.fields.find(([n]) => n.toLowerCase() === name)?.[1];
  return value !== undefined && /^\d+$/.test(value) ? Number(value) : null;
}

function pathOf({ target }: PipeExchange): string {
  return target.split('?')[0] ?? target;
}

/** A lane for each request: at work, finished and waiting for its turn, arriving. */
export function pipelineTimeline(exchanges: readonly PipeExchange[], now: number): Timeline {
  const lanes = exchanges.map((exchange, index) => ({
    id: `request-${index}`,
    label: pathOf(exchange),
    kind: 'stream' as const,
    protocol: 'http/1.1' as const,
    openedAt: exchange.sentAt,
    closedAt: exchange.endedAt,
    beginning: 'reused' as const,
    exchanges: [barOf(exchange, index, now)],
  }));
  const came = exchanges.filter(({ endedAt }) => endedAt !== null).map((e) => pathOf(e).slice(1));
  const title =
    came.length === exchanges.length
      ? `Six requests in one write. The replies came in the order asked: ${came.join(', ')}.`
      : `Six requests in one write. ${came.length} of ${exchanges.length} replies are here.`;
  return { title, lanes };
}

function barOf(exchange: PipeExchange, index: number, now: number): Exchange {
  const { sentAt, firstAt, endedAt } = exchange;
  const worked = field(exchange, 'x-worked-ms') ?? 0;
  const phases: Stretch[] = [];
  if (firstAt === null) phases.push({ phase: 'server', from: sentAt, to: Math.max(now, sentAt) });
  else {
    const finished = Math.min(sentAt + worked, firstAt);
    phases.push({ phase: 'server', from: sentAt, to: finished });
    // Less than that is the way there and back.
    if (firstAt - finished > 25) phases.push({ phase: 'blocked', from: finished, to: firstAt });
    phases.push({ phase: 'response', from: firstAt, to: endedAt ?? firstAt });
  }
  const order = field(exchange, 'x-finished');
  const note = order === null ? '' : `, finished ${ordinalWord(order)}`;
  return {
    id: `exchange-${index}`,
    label: `GET ${pathOf(exchange)}${note}`,
    nth: index + 1,
    phases,
    outcome: endedAt === null ? 'open' : 'complete',
    current: order === 1,
  };
}

/** What happened, in two sentences. */
export function pipelineWords(exchanges: readonly PipeExchange[]): string {
  const early = exchanges.findIndex((e) => field(e, 'x-finished') === 1);
  const wrong = exchanges.filter((e) => saysItAnswers(e) !== pathOf(e));
  const [first] = wrong;
  if (first !== undefined && wrong.length > 0) {
    const who = wrong.map((e) => `${pathOf(e)} got the answer of ${saysItAnswers(e)}`).join(', ');
    return `All six came, in order, with status 200. But ${who}. No byte of the protocol says so: only the text of the answers does.`;
  }
  const path = exchanges[early];
  return path === undefined || early === 0
    ? 'All six came in the order asked.'
    : `${pathOf(path)} was finished first, and its reply came ${ordinalWord(early + 1)}: it had to wait for ${early === 1 ? 'the one' : `the ${['', '', 'two', 'three', 'four', 'five'][early]}`} before it.`;
}

/** When the reply came that was finished first: `in its turn, fourth`. */
export function answerWords(exchanges: readonly PipeExchange[]): string {
  const early = exchanges.findIndex((e) => field(e, 'x-finished') === 1);
  return early <= 0 ? 'first, since it was also asked first' : `in its turn, ${ordinalWord(early + 1)}`;
}

/** Where each message and its content stands in the bytes of one direction. */
export function messageBorders(units: readonly WireUnit[], direction: WireUnit['direction']): ByteParts[] {
  let n = 0;
  return units
    .filter((unit) => unit.direction === direction && unit.length > 0)
    .map(({ kind, offset, length, startLine }) => {
      const isHead = kind === 'request' || kind === 'response';
      if (isHead) n++;
      return {
        from: offset,
        to: offset + length,
        label: isHead ? `${n}: ${(startLine ?? '').replace(/ HTTP\/.*|^HTTP\/\S+ /, '')}` : `content of ${n}`,
      };
    });
}
