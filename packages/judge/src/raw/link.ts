/**
 * A link between two pipes, in memory: what one end writes goes over in pieces, waits on the judge's clock, and stops where nobody
 * takes it. It has room for so many bytes; beyond them a writer waits, as on a full socket. It can break behind any byte.
 */
import { join } from './bytes.ts';
import type { Pipe } from './pipe.ts';
import { parseReply } from './replies.ts';
import type { World } from './world.ts';

const NEVER = Number.POSITIVE_INFINITY;

export type LinkShape = {
  /** Bytes that it holds each way before a writer waits. */
  readonly room: number;
  /** Bytes that may lie at the far end before somebody reads them. */
  readonly window: number;
  /** Bytes of the next piece, at least 1. */
  piece(): number;
  /** How long the next piece waits, in milliseconds; 0: not at all. */
  wait(): number;
};

/** The link breaks when so many bytes have gone over in that direction. `end`: as if both sides had ended it; `reset`: torn. */
export type Break = {
  readonly toward: 'server' | 'client';
  readonly at: number;
  readonly how: 'end' | 'reset';
  /** Toward the client: counted from the end of the first whole reply, so that the connection has brought something. */
  readonly behindReply?: true;
};

type Ends = { readonly client: Pipe; readonly server: Pipe };

export class Link {
  /** Set once the planned break has happened. */
  broken = false;
  /** How much the client had written when its reading end was over; null while it is not. */
  writtenAtEnd: number | null = null;
  #world: World;
  #ends: Ends;
  #ways: readonly Way[];
  #over = false;

  constructor(world: World, ends: Ends, shape: LinkShape, plan: Break | null = null) {
    const { client, server } = ends;
    this.#world = world;
    this.#ends = ends;
    const way = (from: Pipe, to: Pipe, toward: Break['toward']): Way =>
      new Way(world, from, to, shape, {
        limit: () => (plan?.toward === toward ? plan.at + (plan.behindReply === true ? firstReply(client) : 0) : NEVER),
        deliver: (bytes) => (to === client ? world.deliver(client, bytes) : server.deliver(bytes)),
        reached: () => this.#breakSoon(plan?.how ?? 'end'),
        ended: () => this.#stop(to, 'end'),
        reset: () => this.#close('reset'),
      });
    this.#ways = [way(client, server, 'server'), way(server, client, 'client')];
  }

  /** How many bytes wait in the link, and whether a writer waits behind them: toward the server, toward the client. */
  get waiting(): readonly { readonly bytes: number; readonly isFull: boolean }[] {
    return this.#ways.map(({ bytes, isFull }) => ({ bytes, isFull }));
  }

  /** What is under way to a reader arrives first. */
  #breakSoon(how: Break['how']): void {
    if (this.broken) return;
    this.broken = true;
    for (const way of this.#ways) way.stall();
    this.#world.clock.set(() => this.#close(how), 1);
  }

  /** Both directions are over; what somebody still writes goes nowhere. */
  #close(how: Break['how']): void {
    if (this.#over) return;
    this.#over = true;
    for (const way of this.#ways) way.close();
    this.#stop(this.#ends.client, how);
    this.#stop(this.#ends.server, how);
  }

  #stop(pipe: Pipe, how: Break['how']): void {
    if (pipe === this.#ends.client && pipe.inputEnded === null) {
      this.writtenAtEnd = pipe.written;
      this.#world.record({ connection: pipe.id, by: 'judge', what: how === 'end' ? 'ended' : 'reset' });
    }
    if (how === 'end') pipe.endInput();
    else pipe.reset();
  }
}

/** How many bytes the first whole reply takes; `NEVER` before it is there. */
function firstReply({ sent }: Pipe): number {
  const parsed = parseReply(sent, 0, { method: 'GET', ended: false, lenient: true });
  return parsed.kind === 'reply' ? parsed.reply.to : NEVER;
}

type Told = {
  /** How far this direction may go by now. */
  limit(): number;
  deliver(bytes: Uint8Array): void;
  /** So many bytes have gone over as were planned. */
  reached(): void;
  ended(): void;
  reset(): void;
};

/** One direction. */
class Way {
  #world: World;
  #from: Pipe;
  #to: Pipe;
  #shape: LinkShape;
  #told: Told;
  #buffer: Uint8Array = new Uint8Array(0);
  #passed = 0;
  #ended = false;
  #state: 'open' | 'stalled' | 'over' = 'open';
  #waits = false;
  #hasWaited = false;
  #isPumping = false;

  constructor(world: World, from: Pipe, to: Pipe, shape: LinkShape, told: Told) {
    this.#world = world;
    this.#from = from;
    this.#to = to;
    this.#shape = shape;
    this.#told = told;
    from.peer.read(shape.room);
    from.onOutput = (bytes) => {
      if (this.#state === 'over') return;
      this.#buffer = join([this.#buffer, bytes]);
      this.#pump();
    };
    from.onEnded = (how) => {
      this.#ended = true;
      if (how === 'reset') told.reset();
      else this.#pump();
    };
    to.onAppetite = () => this.#pump();
  }

  get bytes(): number {
    return this.#buffer.length;
  }

  get isFull(): boolean {
    return !this.#from.peer.takes;
  }

  stall(): void {
    this.#state = 'stalled';
  }

  close(): void {
    this.#state = 'over';
    this.#buffer = new Uint8Array(0);
    this.#from.peer.read();
  }

  #pump(): void {
    if (this.#isPumping || this.#state !== 'open') return;
    this.#isPumping = true;
    while (this.#step());
    this.#isPumping = false;
    if (this.#state !== 'open') return;
    const room = this.#shape.room - this.#buffer.length;
    if (room > 0) this.#from.peer.read(room);
    else this.#from.peer.stop();
  }

  /** Hands one piece over. False when there is none, or it has to wait. */
  #step(): boolean {
    // Whoever reads no more is sent no more, and nobody waits for them.
    if (this.#to.stoppedReading !== null) this.#buffer = new Uint8Array(0);
    if (this.#buffer.length === 0) {
      if (this.#ended) {
        this.#state = 'over';
        this.#told.ended();
      }
      return false;
    }
    if (this.#passed >= this.#told.limit()) {
      this.#told.reached();
      return false;
    }
    if (this.#waits || this.#to.untaken >= this.#shape.window) return false;
    const wait = this.#hasWaited ? 0 : this.#shape.wait();
    if (wait > 0) {
      this.#waits = true;
      this.#world.clock.set(() => {
        this.#waits = false;
        this.#hasWaited = true;
        this.#pump();
      }, wait);
      return false;
    }
    this.#hasWaited = false;
    const size = Math.min(this.#shape.piece(), this.#told.limit() - this.#passed);
    const piece = this.#buffer.slice(0, size);
    this.#buffer = this.#buffer.slice(piece.length);
    this.#passed += piece.length;
    this.#told.deliver(piece);
    if (this.#passed < this.#told.limit()) return true;
    this.#told.reached();
    return false;
  }
}
