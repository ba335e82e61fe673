/** The learner is a server, the judge is its peer and its handler. Plays the steps; `server-failures.ts` words what went wrong. */
import type {
  ExpectEndStep,
  ExpectHandlerCallsStep,
  ExpectReplyStep,
  ExpectSilenceStep,
  RawCheck,
  ServerScene,
  Step,
} from '../../exercise.ts';
import { bytesOf, latin1 } from '../bytes.ts';
import { engineFailure } from '../engine.ts';
import { makeHandler } from '../handler.ts';
import { handedOptions } from '../options.ts';
import type { Connection } from '../pipe.ts';
import { type Parsed, parseReply } from '../replies.ts';
import { StepFailed, type World } from '../world.ts';
import { claimFailure, unannounced } from './reply-claims.ts';
import { foreignStep, type Stage, sceneOf } from './scene.ts';
import { BodySteps, type ServerParts } from './server-body.ts';
import { BodyFailures } from './server-body-failures.ts';
import { CallFailures } from './server-call-failures.ts';
import { type Call, Conn } from './server-connection.ts';
import { CrowdSteps } from './server-crowd.ts';
import { CrowdFailures } from './server-crowd-failures.ts';
import { ServerFailures } from './server-failures.ts';
import { IdleSteps } from './server-idle.ts';
import { IdleFailures } from './server-idle-failures.ts';
import { OrderSteps } from './server-order.ts';
import { OrderFailures } from './server-order-failures.ts';
import { QueueSteps } from './server-queue.ts';
import { QueueFailures } from './server-queue-failures.ts';
import { StreamSteps } from './server-stream.ts';
import { StreamFailures } from './server-stream-failures.ts';

type Serve = (connection: Connection, handler: unknown, options?: unknown) => unknown;

/** How long "nothing more" is watched on the judge's clock unless the step says otherwise: less than any idle timeout in use. */
const SILENCE = 500;

export class ServerStage implements Stage {
  #world: World;
  #scene: ServerScene;
  #serve: Serve;
  #conns: Map<string, Conn> = new Map<string, Conn>();
  #failures: ServerFailures;
  #calls: CallFailures;
  #body: BodySteps;
  #stream: StreamSteps;
  #order: OrderSteps;
  #queue: QueueSteps;
  #idle: IdleSteps;
  #crowdFailures: CrowdFailures;
  #crowd: CrowdSteps;

  constructor(world: World, check: RawCheck, learner: (...args: never[]) => unknown) {
    this.#world = world;
    this.#scene = sceneOf(check, 'server');
    this.#serve = learner as Serve;
    this.#failures = new ServerFailures(world, check);
    this.#calls = new CallFailures(this.#failures);
    const parts: ServerParts = {
      conn: (id) => this.#conn(id),
      faults: (conn) => this.#faults(conn),
      play: (step) => this.play(step),
      endsBy: (conn) => {
        const last = conn.replies.at(-1);
        return last === undefined ? null : this.#failures.saysItEnds(last.reply);
      },
    };
    this.#body = new BodySteps(world, new BodyFailures(this.#failures), parts);
    this.#stream = new StreamSteps(world, new StreamFailures(this.#failures), parts);
    this.#order = new OrderSteps(world, new OrderFailures(this.#failures), parts);
    this.#queue = new QueueSteps(world, new QueueFailures(this.#failures), parts);
    this.#idle = new IdleSteps(world, new IdleFailures(world, this.#failures), parts);
    this.#crowdFailures = new CrowdFailures(this.#failures);
    this.#crowd = new CrowdSteps(world, this.#crowdFailures, parts);
  }

  fresh(): void {
    this.#conns = new Map();
    this.#order.fresh();
    this.#idle.fresh();
  }

  async play(step: Step): Promise<void> {
    switch (step.do) {
      case 'send':
        return this.send(bytesOf(step.bytes), step.on);
      case 'endInput': {
        const conn = this.#conn(step.on);
        await this.#world.settle();
        if (conn.pipe.inputEnded === null) this.#world.record({ connection: conn.pipe.id, by: 'judge', what: 'ended' });
        conn.pipe.endInput();
        await this.#world.settle();
        return this.#faults(conn);
      }
      case 'reset': {
        const conn = this.#conn(step.on);
        // What was begun before is told from what is begun after.
        await this.#world.settleFirmly();
        this.#world.record({ connection: conn.pipe.id, by: 'judge', what: 'reset' });
        conn.callsAtReset = conn.calls.length;
        conn.pipe.reset();
        await this.#world.settle();
        return this.#faults(conn);
      }
      case 'advance':
        await this.#world.advance(step.ms);
        return this.#faults(null);
      case 'expectReply':
        return this.#expectReply(step);
      case 'expectSilence':
        return this.#expectSilence(step);
      case 'expectEnd':
        return this.#expectEnd(step);
      case 'expectSettled': {
        const conn = this.#conn(step.on);
        await this.#world.until(() => conn.settled !== null);
        this.#faults(conn);
        if (conn.settled === null) throw this.#failures.neverSettled(conn);
        return;
      }
      case 'expectHandlerCalls':
        return this.#expectCalls(step);
      case 'everyCut':
      case 'each':
        throw new Error(`${step.do} is played by the judge, not by a scene`);
      case 'upload':
      case 'expectBegun':
      case 'expectAppetite':
      case 'expectBodyError':
      case 'expectNextOrEnd':
        return this.#body.play(step);
      case 'expectPiece':
      case 'expectCutReply':
      case 'expectRefusalOr':
        return this.#stream.play(step);
      case 'release':
      case 'expectTogether':
      case 'expectAlone':
      case 'expectHeld':
        return this.#order.play(step);
      case 'stopReading':
      case 'sendNumbered':
      case 'expectInFlight':
      case 'expectTakenAhead':
      case 'expectNumbered':
      case 'expectPulled':
      case 'expectNoneBegun':
      case 'expectBodiesOver':
        return this.#queue.play(step);
      case 'expectOpen':
      case 'expectIdleEnd':
      case 'expectSlowHeadEnds':
      case 'abort':
      case 'expectNothingLeft':
        return this.#idle.play(step);
      case 'sendTogether':
      case 'openSilent':
      case 'expectOwn':
      case 'expectResolved':
        return this.#crowd.play(step, () => [...this.#conns.values()]);
      default:
        throw foreignStep(step, 'server');
    }
  }

  async send(bytes: Uint8Array, on?: string): Promise<void> {
    const conn = this.#conn(on);
    conn.sendFrom = conn.pipe.offered;
    this.#world.deliver(conn.pipe, bytes);
    // What the learner does at once happens before the next step, as it would on a wire.
    await this.#world.settle();
    this.#faults(conn);
  }

  #conn(id = 'c1'): Conn {
    const known = this.#conns.get(id);
    if (known !== undefined) return known;
    const conn = new Conn(this.#world.open(id));
    this.#conns.set(id, conn);
    const handler = makeHandler(this.#scene.handler, this.#hooks(conn));
    const options = handedOptions(this.#scene.options, this.#idle.signal);
    // Called in a promise, so that a throw and a rejection are told in the same way.
    new Promise((resolve) =>
      resolve(
        options === undefined
          ? this.#serve(conn.pipe.connection, handler)
          : this.#serve(conn.pipe.connection, handler, options),
      ),
    ).then(
      () => this.#settled(conn, { how: 'resolved' }),
      (error: unknown) => this.#settled(conn, { how: 'rejected', error }),
    );
    return conn;
  }

  #settled(conn: Conn, how: Conn['settled']): void {
    conn.settled = how;
    if (this.#conns.get(conn.pipe.id) === conn)
      this.#world.record({ connection: conn.pipe.id, by: 'learner', what: 'settled' });
    this.#world.touch();
  }

  #hooks(conn: Conn): Parameters<typeof makeHandler>[1] {
    const world = this.#world;
    const current = (run: () => void): void => {
      if (this.#conns.get(conn.pipe.id) === conn) run();
      world.touch();
    };
    const call = (n: number): Call | undefined => conn.calls[n - 1];
    return {
      called: (request, trace) => {
        const n = conn.calls.push({ request, trace, parts: [], bodyDone: false, status: null });
        current(() => world.record({ connection: conn.pipe.id, by: 'learner', what: 'request', exchange: n, request }));
        return n;
      },
      read: (n, bytes) => {
        call(n)?.parts.push(bytes.slice());
        world.touch();
      },
      bodyDone: (n) => {
        const it = call(n);
        if (it !== undefined) it.bodyDone = true;
        world.touch();
      },
      answered: (n, status) => {
        const it = call(n);
        if (it !== undefined) it.status = status;
        current(() => world.record({ connection: conn.pipe.id, by: 'judge', what: 'response', exchange: n, status }));
      },
      bodyFailed: (n) => {
        const it = call(n);
        if (it !== undefined) it.bodyFailed = true;
        world.touch();
      },
      unknown: (request, _n, trace) =>
        current(() => {
          const mixed = this.#crowdFailures.mixed(conn, request, trace, world.pipes.values());
          world.blame(mixed ?? this.#calls.unknown(conn, request, trace));
        }),
      contract: (what, trace) =>
        world.blame(engineFailure('contract', `${what}.`, [this.#failures.place(trace, 'called the handler')])),
      replyBody: (n, what) => {
        const it = call(n);
        if (it === undefined) return;
        if (what === 'pulled') it.pulls = (it.pulls ?? 0) + 1;
        else it.reply = what === 'given' ? 'open' : 'over';
        world.touch();
      },
      threw: (n) => {
        const it = call(n);
        if (it !== undefined) it.threw = true;
        world.touch();
      },
      released: (name) => this.#order.wait(name),
      wait: (ms) => new Promise((resolve) => world.clock.set(() => resolve(), ms)),
    };
  }

  /** What no step looks for comes first: it is the cause, and a missing reply only its effect. */
  #faults(conn: Conn | null): void {
    const { fault } = this.#world;
    if (fault !== null) throw new StepFailed(conn === null ? fault : this.#failures.withWire(fault, conn));
  }

  async #expectReply(step: ExpectReplyStep): Promise<void> {
    const conn = this.#conn(step.on);
    const method = step.to.split(' ')[0] ?? 'GET';
    const parse = (): Parsed =>
      parseReply(conn.pipe.received, conn.at, {
        method,
        ended: conn.pipe.ended !== null,
        lenient: step.exact !== true,
      });
    // A reply without framing may still turn out to end with the connection.
    const over = (p: Parsed): boolean => p.kind === 'reply' || (p.kind === 'fault' && p.cause !== 'no framing');
    await this.#world.until(() => conn.pipe.ended !== null || over(parse()));
    this.#faults(conn);
    const parsed = parse();
    if (parsed.kind !== 'reply') throw this.#failures.noReply(conn, step, parsed);
    const { reply } = parsed;
    if (step.status !== undefined && reply.status !== step.status) throw this.#failures.wrongStatus(conn, step, reply);
    if (step.body !== undefined && latin1(reply.body) !== latin1(bytesOf(step.body)))
      throw this.#failures.wrongBody(conn, step, reply);
    for (const [name, value] of step.fields ?? []) {
      const has = reply.fields.some(([n, v]) => n.toLowerCase() === name.toLowerCase() && v === value);
      if (!has) throw this.#failures.missingField(conn, step, reply, name, value);
    }
    const claim = claimFailure(this.#failures, conn, step, reply);
    if (claim !== null) throw claim;
    if (step.connection === 'ends') {
      // An end that is on its way is part of what happened.
      await this.#world.settle();
      const silent = unannounced(this.#failures, conn, step.to, reply);
      if (silent !== null) throw silent;
    }
    if (step.connection === 'stays') {
      const ends = this.#failures.saysItEnds(reply);
      if (ends !== null) throw this.#failures.replyEnds(conn, step, reply, ends);
    }
    conn.at = reply.to;
    conn.replies.push({ to: step.to, reply });
  }

  async #expectSilence(step: ExpectSilenceStep): Promise<void> {
    const conn = this.#conn(step.on);
    const { pipe } = conn;
    const more = (): boolean => pipe.written > conn.at;
    await this.#world.watch(() => more() || pipe.ended !== null, step.for ?? SILENCE);
    this.#faults(conn);
    if (more()) throw this.#failures.bytesAfter(conn);
    if (pipe.ended !== null) throw this.#failures.endedWhileIdle(conn);
  }

  async #expectEnd(step: ExpectEndStep): Promise<void> {
    const conn = this.#conn(step.on);
    const { pipe } = conn;
    await this.#world.until(() => pipe.ended !== null);
    this.#faults(conn);
    const rest = latin1(pipe.received.subarray(conn.at)).replace(/^(\r\n)+/, '');
    if (step.anything !== true && rest !== '') throw this.#failures.bytesAfter(conn);
    if (pipe.ended === null) throw this.#failures.neverEnded(conn);
    if (pipe.ended.how === 'reset' && step.anything !== true) throw this.#failures.brokenOff(conn);
  }

  async #expectCalls(step: ExpectHandlerCallsStep): Promise<void> {
    const conn = this.#conn(step.on);
    const enough = (): boolean =>
      conn.calls.length >= step.calls.length && conn.calls.slice(0, step.calls.length).every((call) => call.bodyDone);
    // Also when there are enough already: one call too many may still be on its way.
    if (step.calls.length === 0) await this.#world.watch(() => conn.calls.length > 0, SILENCE);
    else if (step.atMost !== true) await this.#world.until(enough);
    await this.#world.settle();
    this.#faults(conn);
    const failure = this.#calls.calls(conn, step);
    if (failure !== null) throw failure;
  }
}
