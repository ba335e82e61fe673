import {
  type AlpnProtocol,
  type Exchange,
  type Observer,
  type Server,
  serveExchanges,
} from '@interleave/transport/node';
import type { LabCertificate } from './certificates.ts';
import { describeOwner, portOwner } from './ports.ts';

/** The lab's listeners, by what they are for; the names of `LabFacts.origins`. */
export type ListenerId = 'plain' | 'h1' | 'h2';

/** What a listener is to be. */
export interface ListenerPlan {
  readonly id: ListenerId;
  readonly port: number;
  readonly scheme: 'http' | 'https';
  readonly protocols: readonly AlpnProtocol[];
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
    speaks: 'HTTP/1.1, cleartext',
    purpose: 'home and workshop',
  },
  {
    id: 'h1',
    port: 4111,
    scheme: 'https',
    protocols: ['http/1.1'],
    speaks: 'HTTP/1.1 over TLS',
    purpose: 'six connections, keep-alive on and off',
  },
  {
    id: 'h2',
    port: 4112,
    scheme: 'https',
    protocols: ['h2', 'http/1.1'],
    speaks: 'HTTP/2 over TLS',
    purpose: 'many exchanges at once',
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
  /** True while every response ends its connection. */
  closing: boolean;
  /** Open connections. */
  readonly connections: number;
  /** Ends connections that have nothing under way; returns how many. */
  endIdle(): number;
  close(grace: number): Promise<void>;
}

export interface ListenContext {
  readonly certificate: LabCertificate;
  readonly observer: Observer;
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
  for (let candidate = port, attempt = 0; attempt < ATTEMPTS; candidate++) {
    if (candidate !== port && RESERVED.has(candidate)) continue;
    attempt++;
    try {
      return await listenOn(plan, candidate, port, context);
    } catch (error) {
      if (!isTaken(error)) throw error;
    }
  }
  const owner = describeOwner(await portOwner(port));
  throw new Error(
    `Port ${port} is taken by ${owner}, and so are the next ${ATTEMPTS - 1}. Stop it, or choose another with --port.`,
  );
}

async function listenOn(plan: ListenerPlan, port: number, wanted: number, context: ListenContext): Promise<Listener> {
  const listener = new RunningListener(plan, port, wanted);
  try {
    for (const host of LOOPBACK) {
      try {
        const server = await serveExchanges(
          {
            host,
            port: listener.port,
            protocols: plan.protocols,
            observer: context.observer,
            onError: context.onError,
            tls: plan.scheme === 'https' ? { cert: context.certificate.chain, key: context.certificate.key } : null,
          },
          (exchange) => context.handler(exchange, listener),
        );
        listener.add(server);
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
  if (listener.port !== wanted && wanted !== 0) listener.takenBy = describeOwner(await portOwner(wanted));
  return listener;
}

class RunningListener implements Listener {
  readonly plan: ListenerPlan;
  port: number;
  readonly wanted: number;
  takenBy: string | null = null;
  readonly #servers: Server[] = [];

  constructor(plan: ListenerPlan, port: number, wanted: number) {
    this.plan = plan;
    this.port = port;
    this.wanted = wanted;
  }

  /** A further address of the same port. */
  add(server: Server): void {
    this.port = server.address.port;
    this.#servers.push(server);
  }

  get origin(): string {
    return `${this.plan.scheme}://localhost:${this.port}`;
  }

  get addresses(): readonly string[] {
    return this.#servers.map((server) => server.address.address);
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
