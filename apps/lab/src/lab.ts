import type { LabFacts } from '@interleave/trace';
import { type Exchange, type ExchangeHandler, toExchangeHandler } from '@interleave/transport/node';
import { crossOrigin, foreignHost, handleApi, isApiTarget } from './api.ts';
import type { LabCertificate } from './certificates.ts';
import { ConnectionRegistry } from './connections.ts';
import { handleConnectionApi, isConnectionTarget } from './events/api.ts';
import { ConnectionLogs } from './events/logs.ts';
import { Forwarder, type Upstream } from './forward.ts';
import { LISTENERS, type Listener, type ListenerId, type ListenerPlan, listen } from './listeners.ts';

/** Answers `/workshop` and what is below it. */
export interface WorkshopHandler {
  fetch(request: Request): Response | Promise<Response>;
}

export interface LabOptions {
  readonly certificate: LabCertificate;
  readonly upstream: Upstream;
  /** Other ports than the planned ones; 0 lets the system choose. */
  readonly ports?: Partial<Record<ListenerId, number>>;
  /** Told of what went wrong without an answer to put it in. Default: nothing. */
  readonly onError?: (error: unknown) => void;
}

/** A listener that could not be started, and why. */
export interface FailedListener {
  readonly plan: ListenerPlan;
  readonly reason: string;
}

/** The local edge: real listeners in front of the Worker. */
export interface Lab {
  readonly listeners: readonly Listener[];
  readonly failed: readonly FailedListener[];
  readonly registry: ConnectionRegistry;
  /** The origin of the home page. */
  readonly home: string;
  /** Hosts and ports that speak HTTP/3 alone: a browser has to be told. */
  readonly quicOnly: readonly string[];
  /** Answers the workshop's pages from now on. */
  mount(workshop: WorkshopHandler): void;
  /** Lets exchanges finish for up to `grace` milliseconds, then ends. */
  close(grace?: number): Promise<void>;
}

/**
 * Starts every listener of `LISTENERS` and answers: the lab's API and that of connections itself, the workshop where it is mounted, everything
 * else from the Worker.
 *
 * @throws when not even the home listener can be started.
 */
export async function startLab(options: LabOptions): Promise<Lab> {
  const registry = new ConnectionRegistry();
  const logs = new ConnectionLogs();
  const forwarder = new Forwarder(options.upstream);
  const listeners: Listener[] = [];
  const failed: FailedListener[] = [];
  let workshop: { readonly http: ExchangeHandler; readonly https: ExchangeHandler } | null = null;
  let origins: LabFacts['origins'] = {};

  const handler = (exchange: Exchange, listener: Listener): void | Promise<void> => {
    const path = pathOf(exchange);
    if (isApiTarget(path))
      return handleApi(exchange, path, listener, { registry, listeners: () => listeners, failed: () => failed });
    if (isConnectionTarget(path))
      return handleConnectionApi(exchange, path, listener, { registry, logs, listeners: () => listeners });
    if (workshop !== null && isWorkshopTarget(path)) {
      // The workshop runs code on this machine: links from other pages are fine, orders from them are not.
      const reads = exchange.head.method === 'GET' || exchange.head.method === 'HEAD';
      const refusal = reads ? foreignHost(exchange) : crossOrigin(exchange, listener);
      if (refusal === null) return workshop[listener.plan.scheme](exchange);
      exchange.reply(
        { status: 403, fields: [['content-type', 'text/plain']] },
        new TextEncoder().encode(`${refusal}\n`),
      );
      return;
    }
    forwarder.forward(exchange, { origins, closing: listener.closing });
  };

  for (const plan of LISTENERS) {
    const context = {
      certificate: options.certificate,
      observer: (listener: Listener) => ({
        ...logs.observer(() => listener.origin, registry.observer(plan.id)),
        handlerError: (_: Exchange, error: unknown) => options.onError?.(error),
      }),
      taps: (quic: boolean) => logs.taps(quic),
      handler,
      onError: (error: Error) => options.onError?.(error),
    };
    try {
      listeners.push(await listen(plan, context, options.ports?.[plan.id] ?? plan.port));
    } catch (error) {
      failed.push({ plan, reason: error instanceof Error ? error.message : String(error) });
    }
  }
  origins = Object.fromEntries(listeners.map((listener) => [listener.plan.id, listener.origin]));
  const home = listeners.find((listener) => listener.plan.id === 'plain');
  const close = async (grace = 3_000): Promise<void> => {
    await Promise.all(listeners.map((listener) => listener.close(grace)));
    forwarder.close();
  };
  if (home === undefined) {
    await close(0);
    throw new Error(failed.find(({ plan }) => plan.id === 'plain')?.reason ?? 'The home listener did not start.');
  }
  return {
    listeners,
    failed,
    registry,
    home: home.origin,
    quicOnly: listeners.filter(({ plan }) => plan.protocols.length === 0).map(({ origin }) => new URL(origin).host),
    mount(handlers) {
      const fetch = (request: Request): Response | Promise<Response> => handlers.fetch(request);
      workshop = { http: toExchangeHandler(fetch, 'http'), https: toExchangeHandler(fetch, 'https') };
    },
    close,
  };
}

function isWorkshopTarget(path: string): boolean {
  return /^\/workshop(?:[/?]|$)/.test(path);
}

/** Path and query of the target, whatever its form (RFC 9112 §3.2). */
function pathOf(exchange: Exchange): string {
  const { target } = exchange.head;
  if (target.startsWith('/')) return target;
  if (!URL.canParse(target)) return target;
  const { pathname, search } = new URL(target);
  return pathname + search;
}
