import {
  type AlpnProtocol,
  type Exchange,
  type HoldRule,
  type Observer,
  type ServeOptions,
  type Server,
  type ServerConnection,
  serveExchanges,
} from '@interleave/transport/node';
import { type Link, type LinkSettings, loadQuiche, PERFECT, serveQuicExchanges } from '@interleave/transport/quic';
import type { LabCertificate } from './certificates.ts';
import { Endings } from './endings.ts';
import { Holds } from './hold-api.ts';
import { describeOwner, portOwner } from './ports.ts';

/** The lab's listeners, by what they are for; the names of `LabFacts.origins`. */
export type ListenerId = 'plain' | 'h1' | 'h2' | 'altSvc' | 'h3';

/** What a listener is to be. */
export interface ListenerPlan {
  readonly id: ListenerId;
  readonly port: number;
  readonly scheme: 'http' | 'https';
  /** Spoken over TCP; empty where it does not listen on TCP. */
  readonly protocols: readonly AlpnProtocol[];
  /** HTTP/3 on the UDP port of the same number, named in Alt-Svc by what answers on TCP. */
  readonly quic: boolean;
  /** What it speaks, for people. */
  readonly speaks: string;
  /** What it is for, for people. */
  readonly purpose: string;
}

/** Every listener of the lab, in the order of DESIGN: add one here, and it is served, shown and linked. */
export const LISTENERS: readonly ListenerPlan[] = [
  {
    id: 'plain',
    port: 4100,
    scheme: 'http',
    protocols: ['http/1.1'],
    quic: false,
    speaks: 'HTTP/1.1, cleartext',
    purpose: 'home and workshop',
  },
  {
    id: 'h1',
    port: 4111,
    scheme: 'https',
    protocols: ['http/1.1'],
    quic: false,
    speaks: 'HTTP/1.1 over TLS',
    purpose: 'six connections, keep-alive on and off',
  },
  {
    id: 'h2',
    port: 4112,
    scheme: 'https',
    protocols: ['h2', 'http/1.1'],
    quic: false,
    speaks: 'HTTP/2 over TLS',
    purpose: 'many exchanges at once',
  },
  {
    id: 'altSvc',
    port: 4113,
    scheme: 'https',
    protocols: ['h2', 'http/1.1'],
    quic: true,
    speaks: 'HTTP/2, and HTTP/3 by Alt-Svc',
    purpose: 'watching the upgrade happen',
  },
  {
    id: 'h3',
    port: 4114,
    scheme: 'https',
    protocols: [],
    quic: true,
    speaks: 'HTTP/3 alone, over QUIC',
    purpose: 'streams that do not wait for each other',
  },
];

/** Ports that the lab's addresses promise, whether their listeners are there yet or not. */
const RESERVED = new Set([4100, 4111, 4112, 4113, 4114]);

/** A listener that runs. */
export interface Listener {
  readonly plan: ListenerPlan;
  readonly port: number;
  /** As a browser writes it: `https://localhost:4111`. */
  readonly origin: string;
  /** The addresses that it listens on. */
  readonly addresses: readonly string[];
  /** The port that was asked for. */
  readonly wanted: number;
  /** Set when the port that was asked for was taken: who has it. */
  readonly takenBy: string | null;
  /** Whether HTTP/3 is spoken; null where the plan has none. */
  readonly quic: { readonly on: true } | { readonly on: false; readonly reason: string } | null;
  /** What HTTP/3's datagrams pass, one link for each address; empty without HTTP/3. */
  readonly links: readonly Link[];
  /** Lets datagrams be lost, late or out of order from now on, on every address; null makes the links perfect. */
  disturb(settings: LinkSettings | null): void;
  /** Bytes of one TCP connection that are held back; see `hold`. */
  readonly holds: Holds;
  /** Holds back what the next connection sends that gets so far, on whichever address it came; null ends that. */
  hold(rule: HoldRule | null): void;
  /** Ways in which one connection can be ended. */
  readonly endings: Endings;
  /** An open connection over TCP; null for one over QUIC, or none. */
  connection(id: string): ServerConnection | null;
  /** True while every response ends its connection. */
  closing: boolean;
  /** Open connections. */
  readonly connections: number;
  /** Ends connections that have nothing under way; returns how many. */
  endIdle(): number;
  close(grace: number): Promise<void>;
}

/** What a server is observed with, down to its bytes. */
type Taps = Pick<ServeOptions, 'observeWire' | 'observeBytes'>;

export interface ListenContext {
  readonly certificate: LabCertificate;
  readonly observer: (listener: Listener) => Observer;
  /** Who sees frames and bytes. */
  readonly taps: (quic: boolean) => Taps;
  readonly handler: (exchange: Exchange, listener: Listener) => void | Promise<void>;
  readonly onError: (error: Error) => void;
}

const LOOPBACK = ['127.0.0.1', '::1'] as const;
/** Ports that are tried after the planned one. */
const ATTEMPTS = 50;

/**
 * Starts a listener on the IPv4 and IPv6 loopback addresses. When the planned port is taken, the next one that is free and
 * planned for no other listener is used. `port` replaces the planned port; 0 lets the system choose.
 *
 * @throws when no port can be had, with the owner of the planned one.
 */
export async function listen(plan: ListenerPlan, context: ListenContext, port: number = plan.port): Promise<Listener> {
  // With 0 the system chooses anew each time: the port that it gives for TCP may be taken on UDP.
  for (let candidate = port, attempt = 0; attempt < ATTEMPTS; candidate += port === 0 ? 0 : 1) {
    if (candidate !== port && RESERVED.has(candidate)) continue;
    attempt++;
    try {
      return await listenOn(plan, candidate, port, context);
    } catch (error) {
      if (!isTaken(error)) throw error;
    }
  }
  const owner = await ownerOf(plan, port);
  throw new Error(
    `Port ${port} is taken by ${owner}, and so are the next ${ATTEMPTS - 1}. Stop it, or choose another with --port.`,
  );
}

async function listenOn(plan: ListenerPlan, port: number, wanted: number, context: ListenContext): Promise<Listener> {
  const listener = new RunningListener(plan, port, wanted);
  const { reason: noQuic } = plan.quic ? await loadQuiche() : { reason: null };
  if (noQuic !== null) listener.quic = { on: false, reason: noQuic };
  if (noQuic !== null && plan.protocols.length === 0) throw new Error(`HTTP/3 is off. ${noQuic}`);
  try {
    for (const host of LOOPBACK) {
      try {
        if (plan.protocols.length > 0) await overTcp(listener, host, context);
        if (plan.quic && listener.quic?.on !== false) await overQuic(listener, host, context);
      } catch (error) {
        // A machine without IPv6 still has a lab.
        if (host === '::1' && !isTaken(error)) break;
        throw error;
      }
    }
  } catch (error) {
    await listener.close(0);
    throw error;
  }
  if (listener.quic?.on) listener.nameAltSvc();
  if (listener.port !== wanted && wanted !== 0) listener.takenBy = await ownerOf(plan, wanted);
  return listener;
}

async function ownerOf(plan: ListenerPlan, port: number): Promise<string> {
  const tcp = plan.protocols.length > 0 ? await portOwner(port) : null;
  return describeOwner(tcp ?? (plan.quic ? await portOwner(port, 'udp') : null));
}

async function overTcp(listener: RunningListener, host: string, context: ListenContext): Promise<void> {
  const { plan, port } = listener;
  const server = await serveExchanges(
    {
      host,
      port,
      protocols: plan.protocols,
      observer: context.observer(listener),
      ...context.taps(false),
      onError: context.onError,
      tls: plan.scheme === 'https' ? { cert: context.certificate.chain, key: context.certificate.key } : null,
    },
    (exchange) => context.handler(exchange, listener),
  );
  listener.addTcp(server);
}

async function overQuic(listener: RunningListener, host: string, context: ListenContext): Promise<void> {
  const { certificate, onError } = context;
  const observer = context.observer(listener);
  const tls = { cert: certificate.chain, key: certificate.key };
  try {
    const server = await serveQuicExchanges(
      { host, port: listener.port, observer, ...context.taps(true), onError, tls },
      (exchange) => context.handler(exchange, listener),
    );
    listener.addQuic(server, server.link);
  } catch (error) {
    // Beside a listener that runs over TCP, QUIC that does not work is a fact to be told; a taken port is one to go round.
    if (host !== LOOPBACK[0] || listener.plan.protocols.length === 0 || isTaken(error)) throw error;
    listener.quic = { on: false, reason: error instanceof Error ? error.message : String(error) };
  }
}

/** What servers over TCP and over QUIC have in common. */
type AnyServer = Pick<Server, 'address' | 'persistent' | 'endIdle' | 'close'> & {
  readonly connections: { readonly size: number };
};

/** How long a browser may remember that HTTP/3 is there, in seconds: a sitting, since the port may be another's tomorrow. */
const ALT_SVC_SECONDS = 3_600;

class RunningListener implements Listener {
  readonly plan: ListenerPlan;
  port: number;
  readonly wanted: number;
  takenBy: string | null = null;
  quic: Listener['quic'] = null;
  readonly links: Link[] = [];
  readonly holds: Holds = new Holds();
  readonly endings: Endings = new Endings();
  readonly #servers: AnyServer[] = [];
  readonly #tcp: Server[] = [];

  constructor(plan: ListenerPlan, port: number, wanted: number) {
    this.plan = plan;
    this.port = port;
    this.wanted = wanted;
  }

  /** A further address of the same port. */
  addTcp(server: Server): void {
    this.port = server.address.port;
    this.#tcp.push(server);
    this.#servers.push(server);
  }

  addQuic(server: AnyServer, link: Link): void {
    this.port = server.address.port;
    this.quic = { on: true };
    this.links.push(link);
    this.#servers.push(server);
  }

  /** Says over TCP that HTTP/3 is there. */
  nameAltSvc(): void {
    for (const server of this.#tcp) server.altSvc = `h3=":${this.port}"; ma=${ALT_SVC_SECONDS}`;
  }

  disturb(settings: LinkSettings | null): void {
    for (const link of this.links) link.set(settings ?? { seed: 0, inbound: PERFECT, outbound: PERFECT });
  }

  hold(rule: HoldRule | null): void {
    const hold = this.holds.set(rule);
    for (const server of this.#tcp) server.hold = hold;
  }

  connection(id: string): ServerConnection | null {
    for (const { connections } of this.#tcp) for (const one of connections) if (one.id === id) return one;
    return null;
  }

  get origin(): string {
    return `${this.plan.scheme}://localhost:${this.port}`;
  }

  get addresses(): readonly string[] {
    return [...new Set(this.#servers.map((server) => server.address.address))];
  }

  get closing(): boolean {
    return this.#servers.some((server) => !server.persistent);
  }

  set closing(on: boolean) {
    for (const server of this.#servers) server.persistent = !on;
  }

  get connections(): number {
    return this.#servers.reduce((sum, server) => sum + server.connections.size, 0);
  }

  endIdle(): number {
    return this.#servers.reduce((sum, server) => sum + server.endIdle(), 0);
  }

  async close(grace: number): Promise<void> {
    await Promise.all(this.#servers.map((server) => server.close({ grace })));
  }
}

function isTaken(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code;
  return code === 'EADDRINUSE' || code === 'EACCES';
}
