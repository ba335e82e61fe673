/** The learner is a client, the judge dials, serves and asks. Plays the steps; `client-failures.ts` words what went wrong. */
import type { ClientScene, ClientStep, RawCheck, Step } from '../../exercise.ts';
import { bytesOf, latin1 } from '../bytes.ts';
import type { Connection } from '../pipe.ts';
import { StepFailed, type World } from '../world.ts';
import { Ask, Dialled } from './client-asks.ts';
import { ClientFailures } from './client-failures.ts';
import { foreignStep, type Stage, sceneOf } from './scene.ts';

type Client = (request: object) => unknown;
type MakeClient = (dial: (origin?: unknown) => Promise<Connection>, limit?: number) => unknown;
type Do<K extends ClientStep['do']> = Extract<ClientStep, { do: K }>;
/** What becomes of dials, and how many of them are left for it. */
type Plan = { readonly will: Do<'dials'>['will']; left: number };

/** How long "nothing more" is watched on the judge's clock. */
const SILENCE = 500;
/** Whoever dials more often in one play goes on for ever. */
const MOST_DIALS = 500;

/** All of one delivery; a late call of an earlier one finds its own, and harms nobody. */
class Play {
  readonly conns: Dialled[] = [];
  readonly asks: Map<string, Ask> = new Map<string, Ask>();
  /** Origins in the order of dialling; refused ones count. */
  readonly dials: string[] = [];
  plan: Plan[] = [];
  client: Client | null = null;
}

export class ClientStage implements Stage {
  #world: World;
  #scene: ClientScene;
  #make: MakeClient;
  #failures: ClientFailures;
  #now: Play = new Play();

  constructor(world: World, check: RawCheck, learner: (...args: never[]) => unknown) {
    this.#world = world;
    world.asker = 'learner';
    this.#scene = sceneOf(check, 'client');
    this.#make = learner as MakeClient;
    this.#failures = new ClientFailures(world, check);
  }

  fresh(): void {
    this.#now = new Play();
  }

  async play(step: Step): Promise<void> {
    switch (step.do) {
      case 'send':
        return this.send(bytesOf(step.bytes), step.on);
      case 'endInput':
      case 'reset':
        this.#stop(this.#byId(step.on), step.do === 'reset' ? 'reset' : 'end');
        return this.#settle();
      case 'advance':
        await this.#world.advance(step.ms);
        return this.#faults();
      case 'dials':
        if (step.times === undefined) this.#now.plan = [];
        this.#now.plan.push({ will: step.will, left: step.times ?? Number.POSITIVE_INFINITY });
        return;
      case 'ask':
        return this.#ask(step);
      case 'answer':
        return this.#answer(step);
      case 'readAnswer': {
        const ask = await this.#answered(step.request);
        ask.readUntil(step.atLeast, this.#world);
        if (step.atOnce === true) return;
        await this.#world.until(() => ask.over || ask.read >= step.atLeast);
        this.#faults();
        if (ask.read < step.atLeast) throw this.#failures.body(this.#last(step.request), ask, null);
        return;
      }
      case 'cancelAnswer':
        (await this.#answered(step.request)).cancel(this.#world);
        return this.#settle();
      case 'expectDials':
        return this.#expectDials(step);
      case 'expectRequest':
        return this.#expectRequest(step);
      case 'expectUnsent': {
        const sent = (): string | undefined => step.requests.find((request) => this.#begun(request));
        await this.#world.watch(() => sent() !== undefined, SILENCE);
        this.#faults();
        const request = sent();
        if (request !== undefined) throw this.#failures.tooEarly(this.#carrier(request), this.#wanted(request));
        return;
      }
      case 'expectSent': {
        const times = (): number => this.#carriers(step.request).length;
        await this.#world.until(() => step.atMost !== true && times() >= step.times);
        await this.#world.watch(() => times() > step.times, SILENCE);
        this.#faults();
        const wrong = step.atMost === true ? times() > step.times : times() !== step.times;
        if (wrong) throw this.#failures.sentTimes(this.#carriers(step.request), this.#wanted(step.request), step.times);
        return;
      }
      case 'expectAnswer':
        return this.#expectAnswer(step);
      case 'expectPending': {
        const ask = this.#wanted(step.request);
        await this.#world.watch(() => ask.settled !== null, SILENCE);
        this.#faults();
        if (ask.settled !== null) throw this.#failures.notPending(this.#last(step.request), ask);
        return;
      }
      case 'expectRejects': {
        const ask = this.#wanted(step.request);
        await this.#world.until(() => ask.settled !== null);
        this.#faults();
        if (ask.settled?.how !== 'rejected') throw this.#failures.notRejected(this.#last(step.request), ask);
        return;
      }
      case 'expectBroken':
        return this.#expectBroken(step);
      case 'expectTakenFor': {
        await this.#world.watch(() => false, SILENCE);
        this.#faults();
        const conn = this.#carrier(step.request);
        if (conn.pipe.taken > step.atMost)
          throw this.#failures.tookTooMuch(conn, this.#wanted(step.request), step.atMost);
        return;
      }
      case 'everyCut':
      case 'each':
        throw new Error(`${step.do} is played by the judge, not by a scene`);
      default:
        throw foreignStep(step, 'client');
    }
  }

  async send(bytes: Uint8Array, on?: string): Promise<void> {
    this.#world.deliver(this.#byId(on).pipe, bytes);
    return this.#settle();
  }

  // Asking and dialling

  async #ask(step: Do<'ask'>): Promise<void> {
    const client = this.#client();
    const ask = new Ask(step);
    if (this.#now.asks.has(step.request))
      throw new Error(`${step.request} is asked for twice: give each ask its own name`);
    this.#now.asks.set(step.request, ask);
    const [method = '', target = ''] = step.request.split(' ');
    const settle = (settled: Ask['settled']): void => {
      ask.settled = settled;
      this.#world.touch();
    };
    const outgoing = {
      origin: ask.origin,
      method,
      target,
      headers: new Headers((step.fields ?? []).map(([name, value]): [string, string] => [name, value])),
      ...(step.body === undefined ? {} : { body: bytesOf(step.body) }),
    };
    // Called in a promise, so that a throw and a rejection are told in the same way.
    new Promise((resolve) => resolve(client(outgoing))).then(
      (value) => settle({ how: 'answered', value }),
      (error: unknown) => settle({ how: 'rejected', error }),
    );
    return step.atOnce === true ? undefined : this.#settle();
  }

  #client(): Client {
    const play = this.#now;
    if (play.client !== null) return play.client;
    const { limit } = this.#scene;
    const dial = (origin?: unknown): Promise<Connection> => this.#dial(play, origin);
    let made: unknown;
    try {
      made = limit === undefined ? this.#make(dial) : this.#make(dial, limit);
    } catch (error) {
      throw this.#failures.threw(error);
    }
    if (typeof made !== 'function') throw this.#failures.noClient(made);
    play.client = made as Client;
    return play.client;
  }

  async #dial(play: Play, origin: unknown): Promise<Connection> {
    const trace = new Error('dial');
    // A call out of an earlier delivery: nobody waits for it any more.
    if (play !== this.#now) return new Promise(() => {});
    const to = typeof origin === 'string' ? origin : '';
    play.dials.push(to);
    this.#world.touch();
    if (play.dials.length > MOST_DIALS) {
      this.#world.blame(this.#failures.dialsOn(MOST_DIALS, trace).failure);
      return new Promise(() => {});
    }
    const known = [...play.asks.values()].some((ask) => ask.origin === to);
    if (to !== '' && !known) this.#world.blame(this.#failures.wrongOrigin(to, trace).failure);
    const plan = play.plan.find(({ left }) => left > 0);
    if (plan !== undefined) plan.left--;
    if (plan?.will === 'be refused') {
      // On the clock, so that whoever asks meanwhile is waiting when it happens.
      await new Promise<void>((resolve) => this.#world.clock.set(resolve, 1));
      throw new Error('The judge refuses this connection');
    }
    const conn = new Dialled(this.#world.open(`c${play.conns.length + 1}`), to);
    play.conns.push(conn);
    conn.pipe.onOutput = () => {
      conn.readOn();
      const how = plan?.will;
      if ((how === 'end' || how === 'reset') && conn.requests.length > 0) this.#stop(conn, how);
    };
    return conn.pipe.connection;
  }

  async #answer(step: Do<'answer'>): Promise<void> {
    const conn = this.#carrier(step.request);
    const bytes = bytesOf(step.bytes);
    const piece = step.pieces ?? bytes.length;
    for (let at = 0; at < bytes.length; at += piece) this.#world.deliver(conn.pipe, bytes.subarray(at, at + piece));
    if (step.ends !== undefined) {
      // The bytes come before the end, also for whoever reads only when asked.
      if (step.ends === 'reset') await this.#world.settle();
      this.#stop(conn, step.ends);
    }
    return this.#settle();
  }

  #stop(conn: Dialled, how: 'end' | 'reset'): void {
    const { pipe } = conn;
    if (pipe.inputEnded === null)
      this.#world.record({ connection: pipe.id, by: 'judge', what: how === 'end' ? 'ended' : 'reset' });
    if (how === 'end') pipe.endInput();
    else pipe.reset();
  }

  // Expectations

  async #expectDials(step: Do<'expectDials'>): Promise<void> {
    const dials = (): number =>
      this.#now.dials.filter((to) => step.origin === undefined || to === step.origin || to === '').length;
    if (step.atMost !== true) await this.#world.until(() => dials() >= step.count);
    await this.#world.watch(() => dials() > step.count, SILENCE);
    this.#faults();
    if (dials() > step.count || (step.atMost !== true && dials() < step.count))
      throw this.#failures.dials(this.#now.conns, dials(), step);
  }

  async #expectRequest(step: Do<'expectRequest'>): Promise<void> {
    const ask = this.#wanted(step.request);
    const carriers = (): Dialled[] => this.#carriers(step.request);
    const time = step.time ?? 1;
    await this.#world.until(() => carriers().length >= time || ask.settled !== null);
    this.#faults();
    const found = carriers();
    const apart = this.#carriers(step.apart ?? step.request).slice(
      0,
      step.apart === step.request ? time - 1 : undefined,
    );
    const again = found.slice(step.apart === step.request ? time - 1 : 0).find((carrier) => apart.includes(carrier));
    if (step.apart !== undefined && again !== undefined) throw this.#failures.sameConnection(again, ask, step.apart);
    const conn = found[time - 1];
    if (conn === undefined) throw this.#failures.notSent(this.#now.conns, ask, time);
    if (found.length > time) throw this.#failures.sentTimes(found, ask, time);
    if (conn.origin !== '' && conn.origin !== ask.origin) throw this.#failures.otherOrigin(conn, ask);
    const request = conn.requests.findLast((r) => r.request === step.request);
    if (request === undefined) return;
    const problem = this.#failures.request(conn, ask, request);
    if (problem !== null) throw problem;
    if (step.with !== undefined && this.#carrier(step.with) !== conn)
      throw this.#failures.otherConnection(conn, ask, this.#carrier(step.with), step.with);
  }

  async #expectAnswer(step: Do<'expectAnswer'>): Promise<void> {
    const ask = await this.#answered(step.request);
    const conn = this.#last(step.request);
    const { response } = ask;
    if (response === null) return;
    if (step.status !== undefined && response.status !== step.status)
      throw this.#failures.status(conn, ask, response.status, step.status);
    for (const [name, value] of step.fields ?? []) {
      const got = response.headers.get(name);
      if (got !== value) throw this.#failures.field(conn, ask, name, got, value);
    }
    if (step.body === undefined) return;
    const want = bytesOf(step.body);
    ask.readUntil(Number.POSITIVE_INFINITY, this.#world);
    await this.#world.until(() => ask.over);
    this.#faults();
    if (ask.body !== 'done' || latin1(ask.bytes) !== latin1(want)) throw this.#failures.body(conn, ask, want);
  }

  async #expectBroken(step: Do<'expectBroken'>): Promise<void> {
    const ask = this.#wanted(step.request);
    await this.#world.until(() => ask.settled !== null);
    this.#faults();
    if (ask.settled?.how === 'rejected') return;
    await this.#answered(step.request);
    ask.readUntil(Number.POSITIVE_INFINITY, this.#world);
    await this.#world.until(() => ask.over);
    this.#faults();
    const conn = this.#last(step.request);
    if (typeof ask.body !== 'object') throw this.#failures.notBroken(conn, ask);
    if (!latin1(bytesOf(step.body)).startsWith(latin1(ask.bytes)))
      throw this.#failures.body(conn, ask, bytesOf(step.body));
  }

  /** Waits for an answer that is a `Response`. */
  async #answered(request: string): Promise<Ask> {
    const ask = this.#wanted(request);
    await this.#world.until(() => ask.settled !== null);
    this.#faults();
    if (ask.response === null) throw this.#failures.noAnswer(this.#last(request), ask, this.#overtaking(ask));
    return ask;
  }

  /** Somebody behind it on the same connection who has an answer: perhaps the one that belongs to it. */
  #overtaking(ask: Ask): string | null {
    const conn = this.#last(ask.step.request);
    const behind = conn?.requests.slice(conn.requests.findLastIndex((r) => r.request === ask.step.request) + 1) ?? [];
    const other = behind.map(({ request }) => this.#now.asks.get(request));
    return other.find((late) => late?.response != null && late.body === 'untouched')?.step.request ?? null;
  }

  // Who is who

  #wanted(request: string): Ask {
    const ask = this.#now.asks.get(request);
    if (ask === undefined) throw new Error(`Nobody has asked for ${request}: put an ask step before this one`);
    return ask;
  }

  /** The connections that carried it, one entry for each time, in the order of dialling. */
  #carriers(request: string): Dialled[] {
    return this.#now.conns.flatMap((conn) => conn.requests.filter((r) => r.request === request).map(() => conn));
  }

  #last(request: string): Dialled | null {
    return this.#carriers(request).at(-1) ?? this.#now.conns.findLast((conn) => conn.begins(request)) ?? null;
  }

  #begun(request: string): boolean {
    return this.#last(request) !== null;
  }

  /** @throws the failure that it was never sent, when no connection has it. */
  #carrier(request: string): Dialled {
    const conn = this.#last(request);
    if (conn === null) throw this.#failures.notSent(this.#now.conns, this.#wanted(request), 1);
    return conn;
  }

  #byId(id = 'c1'): Dialled {
    const conn = this.#now.conns.find(({ pipe }) => pipe.id === id);
    if (conn === undefined) throw this.#failures.noConnection(id);
    return conn;
  }

  async #settle(): Promise<void> {
    await this.#world.settle();
    this.#faults();
  }

  /** What no step looks for comes first: bytes that are no request, and requests that nobody asked for. */
  #faults(): void {
    const { fault } = this.#world;
    if (fault !== null) throw new StepFailed(this.#failures.withWire(fault, this.#now.conns.at(-1) ?? null));
    for (const conn of this.#now.conns) {
      if (conn.fault !== null) throw this.#failures.unreadable(conn, conn.fault);
      if (conn.passed !== null) throw this.#failures.passedEnd(conn, conn.passed);
      const stray = conn.requests.find(({ request }) => !this.#now.asks.has(request));
      if (stray !== undefined) throw this.#failures.unasked(conn, stray);
    }
  }
}
