/** A seeded run of the learner's own server, and what was seen of its replies: PL5's argument. Time is the judge's, so a seed is a run. */
import type { HandlerRule, RawCheck, ServerScene, Step } from '../../exercise.ts';
import type { Entry } from '../../result.ts';
import { seeded } from '../random.ts';
import type { World } from '../world.ts';
import type { ExpectHeldInRunStep, ExpectValueStep, Json } from './function-steps.ts';
import { heldIn, marksOf, marksStory, type ReplyTimes } from './held-marks.ts';
import type { LearnerFunction } from './scene.ts';
import { ServerStage } from './server.ts';

/** One request of a run. Times in milliseconds from its start. */
export type Planned = {
  readonly connection: string;
  readonly id: number;
  readonly asked: number;
  /** How long the handler takes. */
  readonly after: number;
  /** Waits before each piece of the body behind the first one; none for a body that is there at once. */
  readonly pieces: readonly number[];
};

/**
 * One or two connections with three to five requests each. Handlers end at whole hundreds, each at another one, and bodies take
 * less than a hundred in all: so no reply becomes ready in the very moment in which another one ends, and nobody can argue
 * about who was first.
 */
export function planOf(seed: number): Planned[] {
  const random = seeded(seed);
  const upTo = (n: number): number => Math.floor(random() * n);
  const shuffled = (numbers: number[]): number[] => {
    for (let i = numbers.length - 1; i > 0; i--) {
      const j = upTo(i + 1);
      [numbers[i], numbers[j]] = [numbers[j] as number, numbers[i] as number];
    }
    return numbers;
  };
  const sizes = Array.from({ length: 1 + upTo(2) }, () => 3 + upTo(3));
  const count = sizes.reduce((a, b) => a + b);
  // Numbers say nothing about the order of asking.
  const ids = shuffled(Array.from({ length: count }, (_, i) => i + 1));
  const plan: Planned[] = [];
  for (const [c, size] of sizes.entries()) {
    const ready = shuffled(Array.from({ length: size }, (_, i) => 300 + 100 * i));
    let asked = 0;
    for (const end of ready) {
      const pieces = upTo(3) === 0 ? Array.from({ length: 1 + upTo(2) }, () => 3 + upTo(6)) : [];
      plan.push({ connection: `c${c + 1}`, id: ids.pop() as number, asked, after: end - asked, pieces });
      // Most requests follow at once, some a little later, all before the first handler ends.
      if (upTo(3) === 0) asked = Math.min(200, asked + 100);
    }
  }
  return plan.sort((a, b) => a.asked - b.asked);
}

/** Plays the run with this seed. @throws StepFailed when the server itself does not answer as it should. */
export async function playHeldRun(
  { seed, server }: ExpectHeldInRunStep,
  it: { readonly world: World; readonly check: RawCheck; readonly serve: LearnerFunction },
): Promise<ReplyTimes[]> {
  const plan = planOf(seed);
  const scene: ServerScene = { kind: 'server', ...server, handler: plan.map(ruleOf) };
  const stage = new ServerStage(it.world, { ...it.check, scene }, it.serve);
  const play = (step: Step): Promise<void> => stage.play(step);
  let now = 0;
  for (const { asked, connection, id } of plan) {
    if (asked > now) await play({ do: 'advance', ms: asked - now });
    now = asked;
    const what = `GET /${id}`;
    await play({ do: 'send', on: connection, what, bytes: `${what} HTTP/1.1\r\nHost: workshop\r\n\r\n` });
  }
  // From one handler's end to the next, so that what follows from one has happened before the other.
  const ends = [...new Set(plan.map(({ asked, after }) => asked + after))].sort((a, b) => a - b);
  for (const end of ends) {
    await play({ do: 'advance', ms: end - now });
    await it.world.settleFirmly();
    now = end;
  }
  for (const { connection, id, pieces } of plan)
    await play({ do: 'expectReply', on: connection, to: `GET /${id}`, status: 200, body: bodyOf(id, pieces.length) });
  return timesOf(plan, it.world);
}

/**
 * Nobody can argue about this run: no reply ended in the very millisecond in which one behind it became ready, and whoever had
 * nobody in the way left at once. A server that is slow for reasons of its own, or a host that is, can make it otherwise.
 */
export function isClear(replies: readonly ReplyTimes[]): boolean {
  return replies.every((reply, i) => {
    const before = replies.slice(0, i).filter((other) => other.connection === reply.connection);
    if (before.some((other) => other.last === reply.ready)) return false;
    return before.some((other) => other.last > reply.ready) || reply.first === reply.ready;
  });
}

/** The call of the learner's function that a run leads to. */
export function heldStep(replies: readonly ReplyTimes[]): ExpectValueStep {
  return {
    do: 'expectValue',
    args: [marksOf(replies) as unknown as Json],
    gives: heldIn(replies) as unknown as Json,
    // One connection after the other is easier to read than both in turn.
    story: marksStory([...replies].sort((a, b) => a.connection.localeCompare(b.connection))),
    key: 'id',
    noun: 'reply',
    unordered: ['behind'],
  };
}

function ruleOf({ id, after, pieces }: Planned): HandlerRule {
  const parts = ['', ...pieces].map((wait, i) => ({
    ...(typeof wait === 'number' ? { after: wait } : {}),
    bytes: partOf(id, i),
  }));
  const body = pieces.length === 0 ? bodyOf(id, 0) : { pieces: parts };
  return { on: `GET /${id}`, after, reply: { body } };
}

function bodyOf(id: number, waits: number): string {
  return Array.from({ length: waits + 1 }, (_, i) => partOf(id, i)).join('');
}

function partOf(id: number, i: number): string {
  return `part ${i + 1} of reply ${id}\n`;
}

/** When things happened, from what the world has noted: request and answer by name, first and last byte by exchange. */
function timesOf(plan: readonly Planned[], world: World): ReplyTimes[] {
  const entries = world.entries();
  const at = new Map(entries.map((entry) => [entry.tick, entry.at]));
  const time = (tick: number | null | undefined, what: string): number => {
    const found = tick === null || tick === undefined ? undefined : at.get(tick);
    if (found === undefined) throw new Error(`No time for ${what}, though the reply came`);
    return found;
  };
  const records = new Map(world.connections().map((record) => [record.id, record]));
  return plan.map(({ connection, id }) => {
    const request = `GET /${id}`;
    const exchange = records.get(connection)?.exchanges.find((e) => e.request === request);
    return {
      connection,
      id,
      asked: time(exchange?.asked, 'the request'),
      ready: time(answerOf(entries, connection, request), 'the answer'),
      first: time(exchange?.first, 'the first byte'),
      last: time(exchange?.last, 'the last byte'),
    };
  });
}

/** Handlers may be called in any order, so a call is found by its request. */
function answerOf(entries: readonly Entry[], connection: string, request: string): number | null {
  const own = entries.filter((entry) => entry.connection === connection);
  const called = own.find((entry) => entry.what === 'request' && entry.request === request);
  if (called?.what !== 'request') return null;
  return own.find((entry) => entry.what === 'response' && entry.exchange === called.exchange)?.tick ?? null;
}
