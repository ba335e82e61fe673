/**
 * The learner's server on a real port, in the learner's own process: the engine listens and accepts, the learner's `serve`
 * gets each connection as the same two web streams as in memory, with the same watching of reads, writes and ends.
 */
import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, TLSSocket } from 'node:tls';
import type { Check } from '../exercise.ts';
import { givenParts } from '../given/parts.ts';
import { real } from '../hosts/node/inside.ts';
import { latin1 } from '../raw/bytes.ts';
import { VirtualClock } from '../raw/clock.ts';
import { engineFailure, failureOfError } from '../raw/engine.ts';
import { requestsIn } from '../raw/exchanges.ts';
import { makeHandler, rulesOf } from '../raw/handler.ts';
import type { RawHost } from '../raw/host.ts';
import { requestsSent } from '../raw/http2/exchanges.ts';
import { PREFACE } from '../raw/http2/names.ts';
import { handedOptions } from '../raw/options.ts';
import type { Connection, Pipe } from '../raw/pipe.ts';
import { placeIn, type Sources } from '../raw/place.ts';
import type { MakeFrames } from '../raw/scenes/frames.ts';
import type { MakeReader } from '../raw/scenes/reader.ts';
import { World } from '../raw/world.ts';
import type { CodePlace, ConnectionRecord, Entry, Failure } from '../result.ts';
import { type FramesRead, FramesReader } from './frames-read.ts';
import { GivenHttp2 } from './given-http2.ts';
import { givenLoop, type Noted, type Reader } from './given-loop.ts';
import { Released } from './released.ts';
import type { RunningClock } from './running-clock.ts';
import { isSecure } from './secure.ts';
import { Together } from './together.ts';

export type Serve = (connection: Connection, handler: unknown, ...more: unknown[]) => unknown;

/** One call of the handler. `body` is what it read, one character a byte. */
export type TcpCall = {
  readonly connection: string;
  readonly exchange: number;
  readonly request: string;
  readonly body: string;
  readonly done: boolean;
  /** The body of its reply was given up: nobody asks it for more. */
  readonly cancelled?: boolean;
  readonly place: CodePlace | null;
};

/** All that the server's side saw so far. */
export type TcpReport = {
  readonly fault: Failure | null;
  readonly transcript: readonly Entry[];
  readonly connections: readonly ConnectionRecord[];
  readonly calls: readonly TcpCall[];
  /** Where the learner's code ended a connection. */
  readonly ends: Readonly<Record<string, CodePlace | null>>;
  /** Where it waits for bytes of a connection now. */
  readonly waits: Readonly<Record<string, CodePlace | null>>;
  /** Where the learner exports `frames`: what it made of each connection. */
  readonly frames?: readonly FramesRead[];
  readonly output: string;
};

/** Beyond this a browser's request waits in the kernel until the learner reads. */
const AHEAD = 64 * 1024;
/** More than the largest reply that a check asks for. */
const WRITTEN = 32 * 1024 * 1024;

/** A world whose clock is real, and whose connections lead to sockets. */
class TcpWorld extends World {
  readonly #sockets = new Map<string, Socket>();
  readonly #start: number;
  readonly #learners: RunningClock | null;

  constructor(host: RawHost, sources: Sources, learners: RunningClock | null) {
    // The world wants a judge's clock. Nobody sets timers on this one; it is moved to the real time before each entry.
    super(host, new VirtualClock(), sources, { written: WRITTEN });
    this.#start = host.realNow();
    this.#learners = learners;
  }

  /** Told of the first fault at once: nobody needs to wait for a reply that will not come. */
  onFault: (failure: Failure) => void = () => {};

  override blame(failure: Failure): void {
    const isFirst = this.fault === null;
    super.blame(failure);
    if (isFirst) this.onFault(failure);
  }

  carry(id: string, socket: Socket): void {
    this.#sockets.set(id, socket);
  }

  drop(id: string): void {
    this.#sockets.get(id)?.destroy();
  }

  /** What the learner writes, ends and breaks off goes to the socket in the moment in which it is noted. */
  override record(entry: Parameters<World['record']>[0], bytes: Uint8Array | null = null): number {
    this.clock.fireNext(this.host.realNow() - this.#start + (this.#learners?.ahead ?? 0));
    const tick = super.record(entry, bytes);
    const socket = this.#sockets.get(entry.connection);
    if (socket === undefined || entry.by !== 'learner') return tick;
    if (bytes !== null && socket.writable) socket.write(bytes);
    if (entry.what === 'ended') socket.end();
    if (entry.what === 'reset') breakOff(socket);
    return tick;
  }
}

export class TcpScene {
  readonly world: TcpWorld;
  readonly #check: Check;
  readonly #serve: Serve;
  readonly #http1: Serve | null;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #calls: {
    pipe: Pipe;
    exchange: number;
    request: string;
    parts: string[];
    done: boolean;
    cancelled?: boolean;
    trace: Error;
  }[] = [];
  readonly #pipes: Pipe[] = [];
  readonly #frames: FramesReader[] = [];
  readonly #released = new Released();
  readonly #together = new Together();
  /** Of the connections that are open: aborted once, and then later ones have another. */
  #stop = new AbortController();
  readonly #clock: RunningClock | null;

  /**
   * @param clock - the learner's, where the judge puts it forward
   * @param tls - PEM, for checks that are secure
   * @param http1 - the learner's server for connections that ask for HTTP/1.1 by ALPN; null where only `h2` is offered
   */
  constructor(
    check: Check,
    serve: Serve,
    sources: Sources,
    host: RawHost,
    clock: RunningClock | null = null,
    tls: { readonly cert: string; readonly key: string } | null = null,
    http1: Serve | null = null,
  ) {
    this.#check = check;
    this.#serve = serve;
    this.#http1 = http1;
    this.#clock = clock;
    this.world = new TcpWorld(host, sources, clock);
    const accept = (socket: Socket): void => this.#accept(socket);
    const options = { allowHalfOpen: true, noDelay: true };
    if (isSecure(check) && tls === null) throw new Error(`${check.id} is judged over TLS, and there is no certificate`);
    this.#server =
      tls !== null && isSecure(check)
        ? createTlsServer(
            { ...options, cert: tls.cert, key: tls.key, ALPNProtocols: http1 === null ? ['h2'] : ['h2', 'http/1.1'] },
            accept,
          )
        : createServer(options, accept);
    if (isSecure(check) || check.scene.kind === 'http2-client') this.world.protocol = 'h2';
  }

  /** Listens on a free port of the loopback address. */
  listen(): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(0, '127.0.0.1', () => {
        const address = this.#server.address();
        if (address === null || typeof address === 'string') reject(new Error('The listener has no port'));
        else resolve(address.port);
      });
    });
  }

  release(name: string): void {
    this.#released.release(name);
  }

  /** As when a network goes away: nobody says goodbye, neither the streams nor the connection. */
  cut(target: string): void {
    const lost = this.#calls.filter(({ request }) => request.split(' ')[1]?.startsWith(target)).map(({ pipe }) => pipe);
    for (const pipe of new Set(lost)) {
      this.world.record({ connection: pipe.id, by: 'judge', what: 'reset' });
      pipe.reset();
      this.world.drop(pipe.id);
    }
  }

  signal(): void {
    this.#stop.abort();
    this.#stop = new AbortController();
  }

  /** Puts the learner's clock forward, until the connection that carried this request has been ended by the learner. */
  async putForward(ms: number, request: string): Promise<void> {
    const carries = (pipe: Pipe): boolean => this.#calls.some((call) => call.pipe === pipe && call.request === request);
    await this.#clock?.putForward(ms, () => this.#pipes.some((pipe) => pipe.ended !== null && carries(pipe)));
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  report(): TcpReport {
    const { world } = this;
    const place = (trace: Error | null | undefined, did: string): CodePlace | null =>
      placeIn(trace?.stack, world.sources, did, this.#check.scene.file);
    return {
      fault: world.fault,
      transcript: world.transcript(),
      connections: world.connections().map((record) => ({ ...record, read: this.#readOn(record.id) })),
      calls: this.#calls.map((call) => ({
        connection: call.pipe.id,
        exchange: call.exchange,
        request: call.request,
        body: call.parts.join(''),
        done: call.done,
        ...(call.cancelled === true ? { cancelled: true } : {}),
        place: place(call.trace, 'called the handler'),
      })),
      ends: Object.fromEntries(this.#pipes.map((pipe) => [pipe.id, place(pipe.ended?.trace, 'ended the connection')])),
      waits: Object.fromEntries(
        this.#pipes.map((pipe) => [pipe.id, place([...pipe.reading].at(-1), 'waits for bytes')]),
      ),
      ...(this.#frames.length === 0
        ? {}
        : {
            frames: this.#frames.map((it) => it.read(place([...it.pipe.reading].at(-1), 'waits for bytes'))),
          }),
      output: world.output,
    };
  }

  #readOn(connection: string): number[] {
    const calls = this.#calls.filter(({ pipe }) => pipe.id === connection);
    return calls.map(({ parts }) => parts.reduce((sum, part) => sum + part.length, 0));
  }

  #accept(socket: Socket): void {
    const { world } = this;
    this.#sockets.add(socket);
    const id = `c${this.#pipes.length + 1}`;
    world.carry(id, socket);
    const pipe = world.open(id);
    this.#pipes.push(pipe);
    let take = (chunk: Uint8Array): void => world.deliver(pipe, chunk);
    const pace = (): void => {
      if (pipe.untaken > AHEAD && pipe.stoppedReading === null) socket.pause();
      else if (socket.isPaused()) socket.resume();
    };
    socket.on('data', (chunk: Buffer) => {
      // Whoever has given up reading lingers: a browser looks at the reply only when its upload has gone somewhere.
      if (pipe.stoppedReading !== null) return;
      take(Uint8Array.from(chunk));
      pace();
      if (socket.isPaused()) {
        const again = real.setInterval(() => {
          pace();
          if (!socket.isPaused() || socket.destroyed) real.clearInterval(again);
        }, 2);
      }
    });
    socket.on('end', () => {
      if (pipe.inputEnded === null) world.record({ connection: pipe.id, by: 'judge', what: 'ended' });
      pipe.endInput();
    });
    socket.on('error', () => {
      // Told by `close`.
    });
    socket.on('close', (hadError) => {
      this.#sockets.delete(socket);
      if (hadError && pipe.inputEnded !== 'reset') world.record({ connection: pipe.id, by: 'judge', what: 'reset' });
      // After a clean end on both sides there is nothing to break off.
      if (hadError || pipe.inputEnded === null) pipe.reset();
    });
    const isPlain = this.#http1 !== null && socket instanceof TLSSocket && socket.alpnProtocol !== 'h2';
    if (isPlain) world.protocols.set(id, 'http/1.1');
    if (this.#check.scene.kind === 'frames') take = this.#besideGiven(pipe);
    else this.#call(pipe, isPlain ? this.#http1 : null);
  }

  /** A given server answers, and the learner's `frames` reads beside it what stands behind the preface. */
  #besideGiven(pipe: Pipe): (chunk: Uint8Array) => void {
    const { world } = this;
    const writer = pipe.connection.writable.getWriter();
    const server = new GivenHttp2(
      (request) => this.#handler(pipe)(request as Parameters<ReturnType<typeof makeHandler>>[0]),
      (bytes) => void writer.write(bytes).catch(() => {}),
    );
    const noted = (nth: number, used: number): void => {
      world.record({
        connection: pipe.id,
        by: 'learner',
        what: 'gave',
        call: `frame ${nth}`,
        outcome: 'was given',
        used,
      });
    };
    this.#frames.push(new FramesReader(pipe, this.#serve as unknown as MakeFrames, noted));
    let left = PREFACE.length;
    return (chunk) => {
      const behind = chunk.subarray(Math.min(left, chunk.length));
      left -= chunk.length - behind.length;
      world.deliver(pipe, behind);
      server.receive(chunk);
    };
  }

  #handler(pipe: Pipe): ReturnType<typeof makeHandler> {
    const { world } = this;
    return makeHandler(rulesOf(this.#check), {
      called: (request, trace) => {
        const exchange = this.#calls.filter((call) => call.pipe === pipe).length + 1;
        this.#calls.push({ pipe, exchange, request, parts: [], done: false, trace });
        world.record({ connection: pipe.id, by: 'learner', what: 'request', exchange, request });
        return exchange;
      },
      read: (exchange, bytes) => this.#find(pipe, exchange)?.parts.push(latin1(bytes)),
      bodyDone: (exchange) => {
        const call = this.#find(pipe, exchange);
        if (call !== undefined) call.done = true;
      },
      answered: (exchange, status) => {
        world.record({ connection: pipe.id, by: 'judge', what: 'response', exchange, status });
      },
      unknown: (request, _exchange, trace) => this.#unknown(pipe, request, trace),
      contract: (what, trace) => {
        const place = placeIn(trace.stack, world.sources, 'called the handler');
        world.blame(engineFailure('contract', `${what[0]?.toUpperCase()}${what.slice(1)}.`, [place]));
      },
      replyBody: (exchange, what) => {
        const call = this.#find(pipe, exchange);
        if (call !== undefined && what === 'cancelled') call.cancelled = true;
      },
      released: (name) => this.#released.wait(name),
      together: (name, size) => this.#together.wait(name, size),
      wait: (ms) => new Promise((resolve) => real.setTimeout(resolve, ms)),
    });
  }

  /** `http1`: the server for this connection, where it is not the one of the scene. */
  #call(pipe: Pipe, http1: Serve | null = null): void {
    const { world } = this;
    const { scene } = this.#check;
    const handler = this.#handler(pipe);
    const options =
      scene.kind === 'server' || scene.kind === 'http2' ? handedOptions(scene.options, this.#stop.signal) : undefined;
    const args: [Connection, unknown, ...unknown[]] = [
      pipe.connection,
      handler,
      // Behind an HTTP/2 client stands the learner's whole server, which needs nothing but HPACK.
      ...(http1 !== null
        ? []
        : scene.kind === 'http2'
          ? [givenParts(scene.given)]
          : scene.kind === 'http2-client'
            ? [givenParts([])]
            : []),
      ...(options === undefined ? [] : [options]),
    ];
    new Promise((resolve) =>
      resolve(scene.kind === 'reader' ? this.#loop(pipe, handler) : (http1 ?? this.#serve)(...args)),
    ).then(
      () => this.#settled(pipe),
      (error: unknown) => {
        // A browser that goes away may make `serve` fail, and that harms nobody; before that it does.
        const who = scene.kind === 'reader' ? 'Your reader failed' : 'serve rejected';
        if (pipe.inputEnded === null) world.blame(failureOfError(error, who, 'crashed', world.sources));
        this.#settled(pipe);
      },
    );
  }

  /** A learner who has only a reader gets a loop around it. */
  #loop(pipe: Pipe, handler: ReturnType<typeof makeHandler>): Promise<void> {
    const input = (this.#serve as unknown as MakeReader)(pipe.connection.readable) as Reader;
    const note: Noted = (call, outcome, used) =>
      this.world.record({ connection: pipe.id, by: 'learner', what: 'gave', call, outcome, used });
    return givenLoop(input, pipe.connection, (request) => handler(request as Parameters<typeof handler>[0]), note);
  }

  #settled(pipe: Pipe): void {
    this.world.record({ connection: pipe.id, by: 'learner', what: 'settled' });
  }

  #find(pipe: Pipe, exchange: number): { parts: string[]; done: boolean; cancelled?: boolean } | undefined {
    return this.#calls.find((call) => call.pipe === pipe && call.exchange === exchange);
  }

  /** A browser may ask for what no rule names (an icon). A request that it never sent is the learner's invention. */
  #unknown(pipe: Pipe, request: string, trace: Error): void {
    const sent =
      (this.world.protocols.get(pipe.id) ?? this.world.protocol) === 'h2'
        ? requestsSent(pipe.sent)
        : requestsIn(latin1(pipe.sent)).map((r) => r.request);
    if (sent.includes(request)) return;
    const headline = `The handler was called for ${request.slice(0, 60)}, which the browser never sent.`;
    this.world.blame({
      ...engineFailure('handler', headline, [placeIn(trace.stack, this.world.sources, 'called the handler')]),
      spec: this.#check.spec,
      idea: this.#check.idea,
    });
  }
}

/** A TLS connection has no reset of its own: it is gone at once, without a farewell. */
function breakOff(socket: Socket): void {
  if (socket instanceof TLSSocket) socket.destroy();
  else socket.resetAndDestroy();
}
