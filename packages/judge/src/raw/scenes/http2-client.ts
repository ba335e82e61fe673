/** The learner is an HTTP/2 client, the judge is the server at the other end and whoever asks. `http2-client-failures.ts` words what went wrong. */
import type { ClientStep, Http2ClientScene, Http2Step, RawCheck, Step } from '../../exercise.ts';
import { makeHpack } from '../../given/hpack.ts';
import { bytesOf, latin1 } from '../bytes.ts';
import { GENEROUS, WINDOW } from '../http2/names.ts';
import { fieldOf, type Stream } from '../http2/received.ts';
import { settings, windowUpdate } from '../http2/write.ts';
import { StepFailed, type World } from '../world.ts';
import { Ask } from './client-asks.ts';
import { ORIGIN } from './client-steps.ts';
import type { Http2Parts } from './http2.ts';
import { Http2Claims } from './http2-claims.ts';
import { Http2ClientFailures } from './http2-client-failures.ts';
import { Http2Conn } from './http2-connection.ts';
import { Http2Failures } from './http2-failures.ts';
import { fillWindow } from './http2-fill.ts';
import { Http2StreamSteps } from './http2-streams.ts';
import { foreignStep, type Stage, sceneOf } from './scene.ts';

type Client = (request: object) => unknown;
type Connect = (connection: object, given: object) => unknown;
type Do<K extends ClientStep['do']> = Extract<ClientStep, { do: K }>;

/** How long "nothing more" is watched on the judge's clock. */
const WATCHED = 500;

type Play = { readonly conn: Http2Conn; readonly asks: Map<string, Ask>; client: Client | null };

export class Http2ClientStage implements Stage {
  #world: World;
  #scene: Http2ClientScene;
  #connect: Connect;
  #failures: Http2ClientFailures;
  #wire: Http2Failures;
  #parts: Http2Parts;
  #streams: Http2StreamSteps;
  #claims: Http2Claims;
  #now: Play | null = null;

  constructor(world: World, check: RawCheck, learner: (...args: never[]) => unknown) {
    this.#world = world;
    world.asker = 'learner';
    world.protocol = 'h2';
    this.#scene = sceneOf(check, 'http2-client');
    this.#connect = learner as Connect;
    const wire = new Http2Failures(world, check);
    this.#failures = new Http2ClientFailures(wire);
    const parts: Http2Parts = {
      clock: world.clock,
      conn: () => this.#play().conn,
      faults: () => this.#faults(),
      settle: () => this.#settle(),
      settleFirmly: async () => {
        await world.settleFirmly();
        await this.#settle();
      },
      until: (_, done) => this.#until(done),
      watch: (_, happened) => this.#watch(happened),
      deliver: (conn, bytes) => this.#deliver(conn, bytes),
    };
    this.#wire = wire;
    this.#parts = parts;
    this.#streams = new Http2StreamSteps(wire, parts);
    this.#claims = new Http2Claims(wire, parts);
  }

  fresh(): void {
    this.#now = null;
  }

  async play(step: Step): Promise<void> {
    switch (step.do) {
      case 'send':
        return this.send(bytesOf(step.bytes));
      case 'endInput':
      case 'reset': {
        const { pipe } = this.#play().conn;
        await this.#world.settleFirmly();
        this.#world.record({ connection: pipe.id, by: 'judge', what: step.do === 'reset' ? 'reset' : 'ended' });
        if (step.do === 'reset') pipe.reset();
        else pipe.endInput();
        return this.#settle();
      }
      case 'advance':
        await this.#world.advance(step.ms);
        return this.#faults();
      case 'stopReading': {
        const { peer } = this.#play().conn.pipe;
        return step.after === undefined ? peer.stop() : peer.read(step.after);
      }
      case 'readOn':
        this.#play().conn.pipe.peer.read(step.bytes);
        return this.#settle();
      case 'ask':
        return this.#ask(step);
      case 'readAnswer': {
        const ask = await this.#answered(step.request);
        ask.readUntil(step.atLeast, this.#world);
        if (step.atOnce === true) return;
        await this.#until(() => ask.over || ask.read >= step.atLeast);
        if (ask.read < step.atLeast) throw this.#failures.body(this.#play().conn, ask, null);
        return;
      }
      case 'cancelAnswer':
        (await this.#answered(step.request)).cancel(this.#world);
        return this.#settle();
      case 'expectAnswer':
        return this.#expectAnswer(step);
      case 'expectPending': {
        const ask = this.#wanted(step.request);
        await this.#watch(() => ask.settled !== null);
        if (ask.settled !== null) throw this.#failures.notPending(this.#play().conn, ask);
        return;
      }
      case 'expectRejects': {
        const ask = this.#wanted(step.request);
        await this.#until(() => ask.settled !== null);
        if (ask.settled?.how !== 'rejected') throw this.#failures.notRejected(this.#play().conn, ask);
        return;
      }
      case 'expectBroken':
        return this.#expectBroken(step);
      case 'expectUnsent': {
        const sent = (): Stream | undefined => step.requests.flatMap((request) => this.#carriers(request))[0];
        await this.#watch(() => sent() !== undefined);
        const stream = sent();
        if (stream !== undefined) throw this.#failures.tooEarly(this.#play().conn, stream);
        return;
      }
      case 'expectAsked':
        return this.#expectAsked(step);
      case 'expectRetryOrReject': {
        const ask = this.#wanted(step.request);
        const before = this.#carriers(step.request).length;
        await this.#until(() => ask.settled !== null || this.#carriers(step.request).length > before);
        if (ask.settled?.how === 'rejected' || this.#carriers(step.request).length > 1) return;
        throw this.#failures.notRejected(this.#play().conn, ask, 'it is sent again, or it rejects');
      }
      case 'fillWindow':
        return fillWindow(step, this.#wire, this.#parts);
      case 'uploadData':
      case 'expectDataSent':
      case 'expectApart':
      case 'expectSoon':
      case 'expectEndOrder':
        return this.#streams.play(step);
      case 'expectFrame':
      case 'expectNoFrame':
      case 'expectFirstFrame':
      case 'expectGoaway':
      case 'expectReset':
      case 'expectCredit':
      case 'expectQuiet':
      case 'expectEnd':
        return this.#claims.play(step);
      case 'everyCut':
      case 'each':
        throw new Error(`${step.do} is played by the judge, not by a scene`);
      default:
        throw foreignStep(step, 'http2-client');
    }
  }

  async send(bytes: Uint8Array): Promise<void> {
    const { conn } = this.#play();
    await this.#settle();
    conn.sendFrom = conn.pipe.offered;
    conn.mark = conn.pipe.written;
    this.#deliver(conn, bytes);
    await this.#settle();
    this.#faults();
  }

  #deliver(conn: Http2Conn, bytes: Uint8Array): void {
    this.#world.deliver(conn.pipe, bytes);
    conn.read();
  }

  /** The connection is there with the first step; `connect` is called then. */
  #play(): Play {
    if (this.#now !== null) return this.#now;
    const conn = new Http2Conn(this.#world.open('c1'), 'client');
    const play: Play = { conn, asks: new Map(), client: null };
    this.#now = play;
    const { settings: own = {}, connectionWindow = GENEROUS, greets = true } = this.#scene.peer ?? {};
    if (greets) {
      const more = connectionWindow - WINDOW;
      this.#deliver(
        conn,
        bytesOf([settings({ INITIAL_WINDOW_SIZE: GENEROUS, ...own }), ...(more > 0 ? [windowUpdate(0, more)] : [])]),
      );
    }
    // Called in a promise, so that a throw and a rejection are told in the same way.
    new Promise((resolve) => resolve(this.#connect(conn.pipe.connection, { hpack: makeHpack }))).then(
      (made) => {
        if (typeof made === 'function') play.client = made as Client;
        else this.#world.blame(this.#failures.noClient(conn, made));
        this.#world.touch();
      },
      (error: unknown) => {
        conn.settled = { how: 'rejected', error };
        this.#world.touch();
      },
    );
    return play;
  }

  async #ask(step: Do<'ask'>): Promise<void> {
    const play = this.#play();
    if (play.asks.has(step.request)) throw new Error(`${step.request} is asked for twice: give each ask its own name`);
    const ask = new Ask(step);
    play.asks.set(step.request, ask);
    await this.#until(() => play.client !== null || play.conn.settled !== null);
    const { client } = play;
    if (client === null) throw this.#failures.noAsk(play.conn);
    play.conn.mark = play.conn.pipe.written;
    const [method = '', target = ''] = step.request.split(' ');
    const outgoing = {
      origin: step.origin ?? ORIGIN,
      method,
      target,
      headers: new Headers((step.fields ?? []).map(([name, value]): [string, string] => [name, value])),
      ...(step.body === undefined ? {} : { body: bytesOf(step.body) }),
    };
    new Promise((resolve) => resolve(client(outgoing))).then(
      (value) => {
        ask.settled = { how: 'answered', value };
        this.#world.touch();
      },
      (error: unknown) => {
        ask.settled = { how: 'rejected', error };
        this.#world.touch();
      },
    );
    return step.atOnce === true ? undefined : this.#settle();
  }

  #wanted(request: string): Ask {
    const ask = this.#play().asks.get(request);
    if (ask === undefined) throw new Error(`Nobody has asked for ${request}: put an ask step before this one`);
    return ask;
  }

  /** The streams that carried this request, in order. */
  #carriers(request: string): Stream[] {
    return [...this.#play().conn.received.streams.values()].filter(({ head }) => {
      const fields = head?.fields ?? [];
      return `${fieldOf(fields, ':method')} ${fieldOf(fields, ':path')}` === request;
    });
  }

  async #answered(request: string): Promise<Ask> {
    const ask = this.#wanted(request);
    await this.#until(() => ask.settled !== null);
    const failure = this.#failures.notAnswered(this.#play().conn, ask);
    if (failure !== null) throw failure;
    return ask;
  }

  async #expectAnswer(step: Do<'expectAnswer'>): Promise<void> {
    const ask = await this.#answered(step.request);
    const { conn } = this.#play();
    const failure = this.#failures.head(conn, ask, step.status, step.fields ?? []);
    if (failure !== null) throw failure;
    if (step.body === undefined) return;
    const want = bytesOf(step.body);
    ask.readUntil(Number.POSITIVE_INFINITY, this.#world);
    await this.#until(() => ask.over);
    if (ask.body !== 'done' || latin1(ask.bytes) !== latin1(want)) throw this.#failures.body(conn, ask, want);
  }

  async #expectBroken(step: Do<'expectBroken'>): Promise<void> {
    const ask = this.#wanted(step.request);
    await this.#until(() => ask.settled !== null);
    if (ask.settled?.how === 'rejected') return;
    ask.readUntil(Number.POSITIVE_INFINITY, this.#world);
    await this.#until(() => ask.over);
    const isBeginning = latin1(bytesOf(step.body)).startsWith(latin1(ask.bytes));
    if (typeof ask.body !== 'object' || !isBeginning) throw this.#failures.notBroken(this.#play().conn, ask);
  }

  async #expectAsked(step: Extract<Http2Step, { do: 'expectAsked' }>): Promise<void> {
    const { conn } = this.#play();
    const stream = (): Stream | undefined => conn.received.streams.get(step.stream);
    await this.#until(() => stream()?.ended != null || conn.pipe.ended !== null);
    const failure = this.#failures.asked(conn, step, stream() ?? null, this.#carriers(step.request));
    if (failure !== null) throw failure;
  }

  /** Runs until nothing moves; a peer acknowledges SETTINGS and PING, but never inside what it is sending. */
  async #settle(): Promise<void> {
    await this.#world.settle();
    if (this.#now === null) return;
    const { conn } = this.#now;
    conn.read();
    const { received, sent, pipe } = conn;
    if (this.#scene.peer?.greets === false || received.fault !== null) return;
    while (received.due.length > 0 && sent.isBetween && pipe.inputEnded === null) {
      this.#deliver(conn, bytesOf(received.due.shift() ?? ''));
      await this.#world.settle();
      conn.read();
    }
  }

  async #until(done: () => boolean): Promise<void> {
    const { conn } = this.#play();
    await this.#settle();
    await this.#world.until(() => {
      conn.read();
      return conn.received.fault !== null || done();
    });
    await this.#settle();
    this.#faults();
  }

  async #watch(happened: () => boolean): Promise<void> {
    const { conn } = this.#play();
    await this.#settle();
    await this.#world.watch(() => {
      conn.read();
      return conn.received.fault !== null || happened();
    }, WATCHED);
    this.#faults();
  }

  #faults(): void {
    const { fault } = this.#world;
    if (this.#now === null) {
      if (fault !== null) throw new StepFailed(fault);
      return;
    }
    this.#failures.faults(this.#now.conn, fault);
  }
}
