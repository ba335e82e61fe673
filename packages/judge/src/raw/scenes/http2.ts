/** The learner is an HTTP/2 server, the judge is its peer and its handler. Plays the steps; the `http2-*` files beside this one claim and word. */
import type { HandlerRule, Http2Scene, RawCheck, Step } from '../../exercise.ts';
import { givenParts } from '../../given/parts.ts';
import { bytesOf } from '../bytes.ts';
import type { VirtualClock } from '../clock.ts';
import { engineFailure } from '../engine.ts';
import { type HandlerHooks, makeHandler } from '../handler.ts';
import { greeting } from '../http2/write.ts';
import { handedOptions } from '../options.ts';
import type { Connection } from '../pipe.ts';
import { StepFailed, type World } from '../world.ts';
import { Http2CallSteps } from './http2-calls.ts';
import { Http2Claims } from './http2-claims.ts';
import { type Http2Call, Http2Conn } from './http2-connection.ts';
import { Http2Failures } from './http2-failures.ts';
import { fillWindow } from './http2-fill.ts';
import { Exchanges, expectForgotten } from './http2-forgotten.ts';
import { watchedGiven } from './http2-given.ts';
import { Http2StreamSteps } from './http2-streams.ts';
import { foreignStep, type Stage, sceneOf } from './scene.ts';
import { Releases } from './server-order.ts';

type Serve = (connection: Connection, handler: unknown, given: unknown, options?: unknown) => unknown;

/** What the scene lends to its parts. */
export type Http2Parts = {
  readonly clock: VirtualClock;
  conn(id?: string): Http2Conn;
  /** Throws what is wrong whatever the step. */
  faults(conn: Http2Conn): void;
  /** Runs until nothing moves, and acknowledges the learner's SETTINGS and PINGs where that may be. */
  settle(conn: Http2Conn): Promise<void>;
  /** The same, and with short rests on hosts that cannot know whether something is still on its way. */
  settleFirmly(conn: Http2Conn): Promise<void>;
  /** Runs until `done`, reading all that comes. */
  until(conn: Http2Conn, done: () => boolean): Promise<void>;
  /** Watches for something that should not happen. */
  watch(conn: Http2Conn, happened: () => boolean): Promise<void>;
  deliver(conn: Http2Conn, bytes: Uint8Array): void;
};

/** How long "nothing more" is watched on the judge's clock: less than any idle timeout in use. */
const WATCHED = 500;

export class Http2Stage implements Stage {
  #world: World;
  #scene: Http2Scene;
  #serve: Serve;
  #conns: Map<string, Http2Conn> = new Map();
  #failures: Http2Failures;
  #parts: Http2Parts;
  #streams: Http2StreamSteps;
  #claims: Http2Claims;
  #calls: Http2CallSteps;
  #releases: Releases = new Releases();
  #stop: AbortController = new AbortController();
  /** Only where the check asks what is left of them. */
  #exchanges: Exchanges | null;

  constructor(world: World, check: RawCheck, learner: (...args: never[]) => unknown) {
    this.#world = world;
    world.protocol = 'h2';
    this.#scene = sceneOf(check, 'http2');
    this.#serve = learner as Serve;
    this.#exchanges = check.steps.some((step) => step.do === 'expectForgotten') ? new Exchanges() : null;
    this.#failures = new Http2Failures(world, check);
    this.#parts = {
      clock: world.clock,
      conn: (id) => this.#conn(id),
      faults: (conn) => this.#faults(conn),
      settle: (conn) => this.#settle(conn),
      settleFirmly: async (conn) => {
        await world.settleFirmly();
        await this.#settle(conn);
      },
      until: async (conn, done) => {
        await this.#settle(conn);
        await world.until(() => {
          conn.read();
          return conn.received.fault !== null || done();
        });
        await this.#settle(conn);
        this.#faults(conn);
      },
      watch: async (conn, happened) => {
        await world.watch(() => {
          conn.read();
          return conn.received.fault !== null || happened();
        }, WATCHED);
        this.#faults(conn);
      },
      deliver: (conn, bytes) => this.#deliver(conn, bytes),
    };
    this.#streams = new Http2StreamSteps(this.#failures, this.#parts);
    this.#claims = new Http2Claims(this.#failures, this.#parts);
    this.#calls = new Http2CallSteps(world, this.#failures, this.#parts);
  }

  fresh(): void {
    this.#conns = new Map();
    this.#releases = new Releases();
    this.#stop = new AbortController();
  }

  async play(step: Step): Promise<void> {
    switch (step.do) {
      case 'send':
        return this.send(bytesOf(step.bytes), step.on);
      case 'endInput':
      case 'reset': {
        const conn = this.#conn(step.on);
        await this.#world.settleFirmly();
        this.#world.record({ connection: conn.pipe.id, by: 'judge', what: step.do === 'reset' ? 'reset' : 'ended' });
        if (step.do === 'reset') conn.pipe.reset();
        else conn.pipe.endInput();
        return this.#settle(conn);
      }
      case 'advance':
        await this.#world.advance(step.ms);
        return this.#faultsOnAll();
      case 'release':
        for (const conn of this.#conns.values()) conn.mark = conn.pipe.written;
        this.#releases.open(step.name);
        this.#world.touch();
        await this.#world.settle();
        return this.#faultsOnAll();
      case 'abort':
        this.#stop.abort();
        await this.#world.settle();
        return this.#faultsOnAll();
      case 'stopReading': {
        const { peer } = this.#conn(step.on).pipe;
        return step.after === undefined ? peer.stop() : peer.read(step.after);
      }
      case 'readOn': {
        const conn = this.#conn(step.on);
        // What was asked for meanwhile has its place in line before the line moves.
        await this.#world.settleFirmly();
        for (let before = -1; step.each !== undefined && before !== conn.pipe.written; ) {
          before = conn.pipe.written;
          conn.pipe.peer.read(step.each);
          await this.#settle(conn);
        }
        conn.pipe.peer.read(step.bytes);
        return this.#settle(conn);
      }
      case 'expectStreamReply':
      case 'expectStreamPart':
      case 'expectEndOrder':
      case 'expectSoon':
      case 'expectApart':
      case 'expectDataSent':
      case 'uploadData':
        return this.#streams.play(step);
      case 'expectForgotten':
        if (this.#exchanges === null) throw new Error('expectForgotten stands among the steps of its check');
        return expectForgotten(step, this.#exchanges, this.#failures, this.#parts, this.#world.host);
      case 'fillWindow':
        return fillWindow(step, this.#failures, this.#parts);
      case 'expectFrame':
      case 'expectNoFrame':
      case 'expectFirstFrame':
      case 'expectGoaway':
      case 'expectReset':
      case 'expectFault':
      case 'expectLetGo':
      case 'expectCredit':
      case 'expectQuiet':
      case 'expectEnd':
      case 'expectSettled':
        return this.#claims.play(step);
      case 'expectHandlerCalls':
      case 'expectBegun':
      case 'expectTogether':
      case 'expectBodyError':
      case 'expectPulled':
      case 'expectBodiesOver':
      case 'expectNobodyWaits':
      case 'expectCancelled':
        return this.#calls.play(step);
      case 'everyCut':
      case 'each':
        throw new Error(`${step.do} is played by the judge, not by a scene`);
      default:
        throw foreignStep(step, 'http2');
    }
  }

  async send(bytes: Uint8Array, on?: string): Promise<void> {
    const conn = this.#conn(on);
    await this.#settle(conn);
    conn.sendFrom = conn.pipe.offered;
    conn.mark = conn.pipe.written;
    this.#deliver(conn, bytes);
    await this.#settle(conn);
    this.#faults(conn);
  }

  #deliver(conn: Http2Conn, bytes: Uint8Array): void {
    this.#world.deliver(conn.pipe, bytes);
    conn.read();
  }

  /** Runs until nothing moves; a peer acknowledges SETTINGS and PING, but never inside what it is sending. */
  async #settle(conn: Http2Conn): Promise<void> {
    await this.#world.settle();
    conn.read();
    const { received, sent, pipe } = conn;
    if (this.#scene.peer?.greets === false || received.fault !== null) return;
    while (received.due.length > 0 && sent.isBetween && pipe.inputEnded === null) {
      this.#deliver(conn, bytesOf(received.due.shift() ?? ''));
      await this.#world.settle();
      conn.read();
    }
  }

  #conn(id = 'c1'): Http2Conn {
    const known = this.#conns.get(id);
    if (known !== undefined) return known;
    const conn = new Http2Conn(this.#world.open(id), 'server');
    this.#conns.set(id, conn);
    const { settings, connectionWindow, greets = true } = this.#scene.peer ?? {};
    if (greets) this.#deliver(conn, bytesOf(greeting(settings, connectionWindow)));
    conn.sendFrom = conn.pipe.offered;
    const answers = makeHandler(this.#rules, this.#hooks(conn));
    const handler = this.#exchanges === null ? answers : this.#exchanges.watched(answers);
    const given = watchedGiven(
      givenParts(this.#scene.given),
      this.#scene.given,
      (part) => conn.missed.add(part),
      (block, error) => {
        conn.unread ??= { block, error };
      },
    );
    const options = handedOptions(this.#scene.options, this.#stop.signal);
    const { connection } = conn.pipe;
    // Called in a promise, so that a throw and a rejection are told in the same way.
    new Promise((resolve) =>
      resolve(
        options === undefined
          ? this.#serve(connection, handler, given)
          : this.#serve(connection, handler, given, options),
      ),
    ).then(
      () => this.#settled(conn, { how: 'resolved' }),
      (error: unknown) => this.#settled(conn, { how: 'rejected', error }),
    );
    return conn;
  }

  get #rules(): readonly HandlerRule[] {
    return this.#scene.handler;
  }

  #settled(conn: Http2Conn, how: Http2Conn['settled']): void {
    conn.settled = how;
    if (this.#conns.get(conn.pipe.id) === conn)
      this.#world.record({ connection: conn.pipe.id, by: 'learner', what: 'settled' });
    this.#world.touch();
  }

  #hooks(conn: Http2Conn): HandlerHooks {
    const world = this.#world;
    const current = (run: () => void): void => {
      if (this.#conns.get(conn.pipe.id) === conn) run();
      world.touch();
    };
    const note = (n: number, change: (call: Http2Call) => void): void => {
      const call = conn.calls[n - 1];
      if (call !== undefined) change(call);
      world.touch();
    };
    return {
      called: (request, trace) => {
        const n = conn.calls.push({ request, trace, parts: [], bodyDone: false, status: null });
        current(() => world.record({ connection: conn.pipe.id, by: 'learner', what: 'request', exchange: n, request }));
        return n;
      },
      read: (n, bytes) => note(n, (call) => call.parts.push(bytes.slice())),
      bodyDone: (n) =>
        note(n, (call) => {
          call.bodyDone = true;
        }),
      bodyFailed: (n) =>
        note(n, (call) => {
          call.bodyFailed = true;
        }),
      answered: (n, status) => {
        note(n, (call) => {
          call.status = status;
        });
        current(() => world.record({ connection: conn.pipe.id, by: 'judge', what: 'response', exchange: n, status }));
      },
      threw: (n) =>
        note(n, (call) => {
          call.threw = true;
        }),
      replyBody: (n, what) =>
        note(n, (call) => {
          if (what === 'pulled') call.pulls = (call.pulls ?? 0) + 1;
          else call.reply = what === 'given' ? 'open' : 'over';
          if (what === 'cancelled') call.cancelled = true;
        }),
      unknown: (request, _n, trace) => current(() => world.blame(this.#failures.unknown(conn, request, trace))),
      contract: (what, trace) =>
        world.blame(engineFailure('contract', `${what}.`, [this.#failures.place(trace, 'called the handler')])),
      released: (name) => this.#releases.wait(name),
      wait: (ms) => new Promise((resolve) => world.clock.set(() => resolve(), ms)),
    };
  }

  #faultsOnAll(): void {
    for (const conn of this.#conns.values()) this.#faults(conn);
    if (this.#world.fault !== null) throw new StepFailed(this.#world.fault);
  }

  /** What no step looks for comes first: it is the cause, and a missing reply only its effect. */
  #faults(conn: Http2Conn): void {
    const { fault } = this.#world;
    conn.read();
    const wire = conn.received.fault;
    // Who writes without end has mostly written something wrong before.
    if (fault !== null && (fault.cause !== 'flooded' || wire === null))
      throw new StepFailed(this.#failures.withWire(fault, conn));
    if (wire !== null) throw new StepFailed(this.#failures.wire(conn, wire));
  }
}
