/** The learner's client and server, with the judge's link between them. Plays the steps; `link-failures.ts` words what went wrong. */
import type { RawCheck, Step } from '../../exercise.ts';
import { latin1 } from '../bytes.ts';
import { engineFailure } from '../engine.ts';
import { makeHandler } from '../handler.ts';
import { type Break, Link } from '../link.ts';
import type { Connection } from '../pipe.ts';
import { StepFailed, type World } from '../world.ts';
import { Ask, Dialled } from './client-asks.ts';
import { HALF, progressOf } from './link-broken.ts';
import { LinkFailures } from './link-failures.ts';
import { narrowPlan, type Plan, type Planned, roughPlan, shortPlan } from './link-plan.ts';
import { breaksText } from './link-steps.ts';
import { type FindExport, foreignStep, type LearnerFunction, type Stage, sceneOf } from './scene.ts';

type Client = (request: object) => unknown;
type Serve = (connection: Connection, handler: unknown, options?: unknown) => unknown;

/** Whoever dials more often than this in one run goes on for ever. */
const MOST_DIALS = 50;
/** Between two bursts, and behind the last: what ends, ends. */
const PAUSE = 100;

/** One connection of a run, with both its ends. */
export type Carried = { readonly conn: Dialled; readonly link: Link; serveFailed: unknown };

/** One run: everything in it is fresh. */
export class Run {
  readonly plan: Plan;
  readonly carried: Carried[] = [];
  readonly asks: { readonly planned: Planned; readonly ask: Ask }[] = [];
  /** How often the handler was called for each request. */
  readonly calls: Map<string, number> = new Map<string, number>();

  constructor(plan: Plan) {
    this.plan = plan;
  }

  /** The connection that carried the request last. */
  carrier(request: string): Carried | null {
    for (const { conn } of this.carried) conn.readOn();
    return this.carried.findLast(({ conn }) => conn.requests.some((r) => r.request === request)) ?? null;
  }
}

export class LinkStage implements Stage {
  #world: World;
  #check: RawCheck;
  #make: (dial: () => Promise<Connection>) => unknown;
  #serve: Serve;
  #failures: LinkFailures;
  #now: Run | null = null;

  constructor(world: World, check: RawCheck, learner: LearnerFunction, find: FindExport) {
    const { server } = sceneOf(check, 'link');
    world.asker = 'learner';
    this.#world = world;
    this.#check = check;
    this.#make = learner as (dial: () => Promise<Connection>) => unknown;
    this.#serve = find(server.file, server.export) as Serve;
    this.#failures = new LinkFailures(world, check);
  }

  fresh(): void {
    this.#now = null;
  }

  async play(step: Step): Promise<void> {
    switch (step.do) {
      case 'expectEachOwn':
        return this.#steady(roughPlan(step.requests, step.seed));
      case 'expectThrough':
        return this.#steady(narrowPlan(step.requests, step.room));
      case 'expectRecovery':
        return this.#broken(shortPlan(), step.breaks);
      default:
        throw foreignStep(step, 'link');
    }
  }

  async send(): Promise<void> {
    throw new Error('A link carries what the programs say to each other: everyCut belongs to a scene with a stream');
  }

  /** The link holds: every answer comes, and is the right one. */
  async #steady(plan: Plan): Promise<void> {
    const run = new Run(plan);
    const client = this.#begin(run, []);
    for (const burst of plan.bursts) {
      const asks = burst.map((planned) => this.#ask(run, client, planned));
      await this.#world.until(() => asks.every(isOver) || asks.some(isWrong));
      this.#faults(run);
      for (const { ask, planned } of run.asks.slice(-burst.length)) this.#mustBe(run, ask, planned);
      await this.#world.watch(() => false, PAUSE);
      this.#faults(run);
    }
    this.#handledOnce(run);
  }

  /** Connections break as planned. Whoever was left with half an answer asks again, once. */
  async #broken(plan: Plan, breaks: readonly Break[]): Promise<void> {
    const run = new Run(plan);
    const client = this.#begin(run, breaks);
    const first = plan.bursts.flat();
    let asks = first.map((planned) => this.#ask(run, client, planned));
    for (let round = 0; ; round++) {
      await this.#world.until(() => asks.every(isOver));
      await this.#world.watch(() => false, PAUSE);
      this.#faults(run);
      const again = this.#unanswered(run, asks.length);
      this.#handledOnce(run);
      if (again.length === 0) return;
      // A break can hit the second attempt as well, and no more than that: each one is asked for as often as links break.
      if (round === breaks.length) throw new Error(`${breaksText(breaks)}: ${again.length} answers are still broken`);
      asks = again.map((planned) => this.#ask(run, client, planned));
    }
  }

  /** Of those asked last, the GETs whose answer broke off; anything else must be answered, or be a POST that may be lost. */
  #unanswered(run: Run, count: number): Planned[] {
    const again: Planned[] = [];
    for (const { ask, planned } of run.asks.slice(-count)) {
      const { request } = planned;
      const isPost = request.startsWith('POST');
      const progress = progressOf(run.carried, request);
      if (isFailed(ask)) {
        if (progress === 'whole') throw this.#failures.lostThoughAnswered(run, ask);
        if (isPost ? progress === 'never sent' : !HALF.has(progress)) throw this.#failures.lost(run, ask, progress);
        if (!isPost) again.push(planned);
        continue;
      }
      if (progress === 'half' && ask.body === 'done') throw this.#failures.cutTakenForWhole(run, ask);
      this.#mustBe(run, ask, planned);
    }
    return again;
  }

  #begin(run: Run, breaks: readonly Break[]): Client {
    this.#now = run;
    let made: unknown;
    try {
      made = this.#make(() => this.#dial(run, breaks));
    } catch (error) {
      throw this.#failures.threw(error);
    }
    if (typeof made !== 'function') throw this.#failures.noClient(made);
    return made as Client;
  }

  async #dial(run: Run, breaks: readonly Break[]): Promise<Connection> {
    const trace = new Error('dial');
    // A call out of an earlier run: nobody waits for it any more.
    if (run !== this.#now) return new Promise(() => {});
    const n = run.carried.length;
    this.#world.touch();
    if (n >= MOST_DIALS) {
      this.#world.blame(this.#failures.dialsOn(MOST_DIALS, trace).failure);
      return new Promise(() => {});
    }
    const client = this.#world.open(`c${n + 1}`);
    const server = this.#world.open(`c${n + 1}`, false);
    const link = new Link(this.#world, { client, server }, run.plan.shape, breaks[n] ?? null);
    const carried: Carried = { conn: new Dialled(client, ''), link, serveFailed: null };
    run.carried.push(carried);
    const { maxInFlight } = sceneOf(this.#check, 'link').server;
    const options = maxInFlight === undefined ? {} : { maxInFlight };
    new Promise((resolve) => resolve(this.#serve(server.connection, this.#handler(run), options))).catch(
      (error: unknown) => {
        carried.serveFailed = error;
        // As every host does with a connection whose code has failed.
        client.reset();
        this.#world.touch();
      },
    );
    return client.connection;
  }

  #handler(run: Run): unknown {
    const world = this.#world;
    const blame = (what: string, trace: Error): void =>
      world.blame(engineFailure('contract', `${what}.`, [this.#failures.place(trace, 'called the handler')]));
    return makeHandler(
      run.plan.bursts.flat().map(({ rule }) => rule),
      {
        called: (request) => {
          const times = (run.calls.get(request) ?? 0) + 1;
          run.calls.set(request, times);
          return times;
        },
        read: () => {},
        bodyDone: () => {},
        answered: () => {},
        unknown: (request, _, trace) => {
          if (run === this.#now) world.blame(this.#failures.unknownRequest(request, trace).failure);
        },
        contract: blame,
        wait: (ms) => new Promise((resolve) => world.clock.set(resolve, ms)),
      },
    );
  }

  #ask(run: Run, client: Client, planned: Planned): Ask {
    const { request, body, isLast } = planned;
    const ask = new Ask({ do: 'ask', request, ...(body === null ? {} : { body }) });
    run.asks.push({ ask, planned });
    const [method = '', target = ''] = request.split(' ');
    const headers = new Headers(isLast ? [['connection', 'close']] : []);
    const more = body === null ? {} : { body: new TextEncoder().encode(body) };
    new Promise((resolve) => resolve(client({ origin: ask.origin, method, target, headers, ...more }))).then(
      (value) => {
        ask.settled = { how: 'answered', value };
        // Whoever asked reads at once.
        ask.readUntil(Number.POSITIVE_INFINITY, this.#world);
        this.#world.touch();
      },
      (error: unknown) => {
        ask.settled = { how: 'rejected', error };
        this.#world.touch();
      },
    );
    return ask;
  }

  #mustBe(run: Run, ask: Ask, { request, answer }: Planned): void {
    const conn = run.carrier(request)?.conn ?? null;
    if (!isOver(ask)) throw this.#failures.stuck(run, ask);
    if (ask.response === null) throw this.#failures.writtenTooLate(run, ask) ?? this.#failures.noAnswer(conn, ask);
    const got = latin1(ask.bytes);
    if (ask.body === 'done' && got !== answer) {
      const other = run.plan.bursts.flat().find((one) => one.answer === got);
      if (other !== undefined) throw this.#failures.answerOf(conn, ask, other.request);
    }
    if (ask.body !== 'done' || got !== answer) throw this.#failures.body(conn, ask, new TextEncoder().encode(answer));
    if (ask.response.status !== 200) throw this.#failures.status(conn, ask, ask.response.status, 200);
  }

  #handledOnce(run: Run): void {
    for (const [request, times] of run.calls)
      if (times > 1 && request.startsWith('POST')) throw this.#failures.handledAgain(run, request, times);
  }

  #faults(run: Run): void {
    const { fault } = this.#world;
    if (fault !== null) throw new StepFailed(this.#failures.withWire(fault, run.carried.at(-1)?.conn ?? null));
    for (const { conn } of run.carried) {
      conn.readOn();
      if (conn.fault !== null) throw this.#failures.unreadable(conn, conn.fault);
    }
  }
}

/** Nothing more will come of it. */
function isOver(ask: Ask): boolean {
  if (ask.settled === null) return false;
  return ask.settled.how === 'rejected' || ask.response === null || ask.over;
}

function isFailed(ask: Ask): boolean {
  return ask.settled?.how === 'rejected' || typeof ask.body === 'object';
}

/** Over, and not answered: to wait for the others would tell nothing new. */
function isWrong(ask: Ask): boolean {
  return isOver(ask) && (ask.response === null || typeof ask.body === 'object');
}
