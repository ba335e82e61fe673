/**
 * The lab's own API, on every listener, under `/.lab/`. Pages use it when `request.cf.lab` is present.
 *
 * | request | answer |
 * | --- | --- |
 * | `GET /.lab/state` | `LabState` |
 * | `POST /.lab/close` with `{"on": boolean}` | `LabState`. While on, every response of this listener ends its connection (`Connection: close`; in HTTP/2, GOAWAY), this answer included |
 * | `POST /.lab/end-connections` | `{"ended": number}`. Ends the listener's idle connections now and the one that carries this request after the answer. The next request needs a new connection, which may resume the TLS session |
 * | `POST /.lab/idle` with `{"ms": 2000}` | `{"ms": number}`. The connection that carries this ends as idle once nothing came for so long |
 * | `POST /.lab/left-over` | `{"sent": number}`. HTTP/1.1: that many bytes follow that belong to no response |
 * | `POST /.lab/cut?r=<id>` | `CutState`. HTTP/1.1: on a connection that has carried others, ended without a reply the first time; the answer to the same id when it comes again tells both times |
 * | `GET /.lab/link` | `LinkState`: what happens to the datagrams of this listener's HTTP/3; 409 where it has none |
 * | `POST /.lab/link` with `{"seed": 7, "outbound": {"drop": 0.02}}` | `LinkState`. Datagrams are lost, late or out of order by that seed from now on: `inbound` and `outbound` take `drop`, `reorder` (shares), `delay`, `jitter` (milliseconds) and `dropOnce` (`{"after": 3, "minBytes": 1000}`); `{}` ends it |
 * | `GET /.lab/hold` | `HoldState`: which bytes of this listener's TCP connections are held back |
 * | `POST /.lab/hold` with `{"after": 30000, "ms": 500}` | `HoldState`. The first connection that sends so many bytes from now on is held back for so long, once, and with it everything behind; `{}` ends it |
 * | `…/link`, `…/hold`, `…/end-connections` with `?listener=h2` | the same on another listener, whose pages need not be open |
 * | `GET /.lab/connections` | `LabConnections`: of all listeners, open ones and the latest closed ones |
 * | `GET /.lab/connections/<id>` | `ConnectionRecord`, or 404 |
 *
 * All of it is JSON, with `X-Conn` as on every response of the pages, and for pages of the same origin only: a request whose Host is not this machine, whose Origin is
 * another one, or that the browser marks as cross-site gets 403. Errors are `{"error": string}`.
 */
import { formatConn, isId } from '@interleave/trace';
import type { Exchange } from '@interleave/transport/node';
import { aboutListener } from './about-listener.ts';
import type { ConnectionRecord, ConnectionRegistry } from './connections.ts';
import { LEFT_OVER, notHere } from './endings.ts';
import { holdRule } from './hold-api.ts';
import { linkSettings, linkState } from './link-api.ts';
import type { Listener, ListenerId, ListenerPlan } from './listeners.ts';

/** A listener, and the connection that asks. */
export interface LabState {
  readonly v: 1;
  readonly listener: ListenerState;
  readonly listeners: readonly ListenerState[];
  /** Listeners that did not start, and why. */
  readonly off: readonly { readonly id: ListenerId; readonly reason: string }[];
  /** The connection that carried this request, and its place there. */
  readonly connection: { readonly id: string; readonly nth: number; readonly streamId: number | null };
}

export interface ListenerState {
  readonly id: ListenerId;
  readonly origin: string;
  /** What it speaks now; `h3` is on the UDP port of the same number. */
  readonly protocols: readonly string[];
  /** Why HTTP/3 is off where it should be on, else null. */
  readonly quicOff: string | null;
  readonly closing: boolean;
  readonly connections: number;
}

export interface LabConnections {
  readonly v: 1;
  readonly open: readonly ConnectionRecord[];
  readonly closed: readonly ConnectionRecord[];
}

/** What the API works on. */
export interface LabApiContext {
  readonly registry: ConnectionRegistry;
  readonly listeners: () => readonly Listener[];
  readonly failed: () => readonly { readonly plan: ListenerPlan; readonly reason: string }[];
}

const MAX_BODY = 4_096;
const PREFIX = '/.lab/';
/** What changes something, so that a link cannot do it. */
const ORDERS: ReadonlySet<string> = new Set(['close', 'end-connections', 'idle', 'left-over', 'cut']);

/** True for targets that this API answers. */
export function isApiTarget(path: string): boolean {
  return path.startsWith(PREFIX);
}

/** Answers one request to the API. */
export function handleApi(exchange: Exchange, path: string, listener: Listener, context: LabApiContext): void {
  const refusal = crossOrigin(exchange, listener);
  if (refusal !== null) {
    answer(exchange, 403, { error: refusal });
    return;
  }
  const route = path.slice(PREFIX.length).split('?')[0] ?? '';
  const { method } = exchange.head;
  const id = /^connections\/([a-z0-9]+)$/.exec(route)?.[1];
  const isOrder = ORDERS.has(route);
  const expected = isOrder ? 'POST' : 'GET';
  const about = aboutListener(path, listener, context.listeners());
  if (about === null) {
    const names = context.listeners().map(({ plan }) => plan.id);
    answer(exchange, 404, { error: `listener is one of ${names.join(', ')}.` });
  } else if (route === 'link') {
    handleSetting(
      exchange,
      route,
      () => linkState(about),
      (body) => about.disturb(linkSettings(body)),
    );
  } else if (route === 'hold') {
    handleSetting(
      exchange,
      route,
      () => about.holds.state(about),
      (body) => about.hold(holdRule(body)),
    );
  } else if (!isOrder && route !== 'state' && route !== 'connections' && id === undefined) {
    answer(exchange, 404, { error: `The lab has no ${path}.` });
  } else if (method !== expected && !(expected === 'GET' && method === 'HEAD')) {
    answer(exchange, 405, { error: `${PREFIX}${route} takes ${expected}.` }, [['allow', expected]]);
  } else if (route === 'state') {
    answer(exchange, 200, state(exchange, listener, context));
  } else if (route === 'connections') {
    answer(exchange, 200, {
      v: 1,
      open: context.registry.open(),
      closed: context.registry.closed(),
    } satisfies LabConnections);
  } else if (route === 'end-connections') {
    const isOwn = about === listener;
    const ended = about.endIdle() + (isOwn ? 1 : 0);
    if (isOwn) exchange.endConnection();
    answer(exchange, 200, { ended });
  } else if (route === 'idle' || route === 'left-over' || route === 'cut') {
    endThis(exchange, route, listener);
  } else if (id !== undefined) {
    const record = context.registry.find(id);
    if (record === null) answer(exchange, 404, { error: `The lab knows no connection ${id}, or has forgotten it.` });
    else answer(exchange, 200, record);
  } else {
    readJson(exchange, (body) => {
      const on = (body as { on?: unknown } | null)?.on;
      if (typeof on !== 'boolean') {
        answer(exchange, 400, { error: 'Say {"on": true} or {"on": false}, as application/json.' });
        return;
      }
      listener.closing = on;
      if (on) exchange.endConnection();
      answer(exchange, 200, state(exchange, listener, context));
    });
  }
}

function state(exchange: Exchange, listener: Listener, context: LabApiContext): LabState {
  return {
    v: 1,
    listener: describe(listener),
    listeners: context.listeners().map(describe),
    off: context.failed().map(({ plan, reason }) => ({ id: plan.id, reason })),
    connection: { id: exchange.connection.id, nth: exchange.nth, streamId: exchange.streamId },
  };
}

function describe(listener: Listener): ListenerState {
  const { plan, origin, quic, closing, connections } = listener;
  const protocols = quic?.on ? [...plan.protocols, 'h3'] : plan.protocols;
  return { id: plan.id, origin, protocols, quicOff: quic?.on === false ? quic.reason : null, closing, connections };
}

/** Ends the connection that carries this, in the way that was asked for. */
function endThis(exchange: Exchange, how: 'idle' | 'left-over' | 'cut', listener: Listener): void {
  const connection = listener.connection(exchange.connection.id);
  const refusal = notHere(exchange, connection, how, listener);
  if (connection === null || refusal !== null) {
    answer(exchange, 409, { error: refusal });
  } else if (how === 'left-over') {
    listener.endings.leaveOver(exchange, connection, () => answer(exchange, 200, { sent: LEFT_OVER.length }));
  } else if (how === 'cut') {
    const id = new URLSearchParams(exchange.head.target.split('?')[1]).get('r') ?? '';
    if (isId(id)) listener.endings.cut(exchange, id, (state) => answer(exchange, 200, state));
    else answer(exchange, 400, { error: 'Name the request: /.lab/cut?r= with 1 to 64 letters, digits, - or _.' });
  } else {
    readJson(exchange, (body) => {
      try {
        answer(exchange, 200, { ms: listener.endings.idle(connection, (body as { ms?: unknown } | null)?.ms) });
      } catch (error) {
        answer(exchange, 400, { error: error instanceof Error ? error.message : String(error) });
      }
    });
  }
}

/** Something that GET tells and POST sets. */
function handleSetting(exchange: Exchange, route: string, state: () => object, set: (body: unknown) => void): void {
  const { method } = exchange.head;
  const tell = (): void => {
    const now = state();
    answer(exchange, 'error' in now ? 409 : 200, now);
  };
  if (method === 'GET' || method === 'HEAD') {
    tell();
  } else if (method !== 'POST') {
    answer(exchange, 405, { error: `${PREFIX}${route} takes GET and POST.` }, [['allow', 'GET, POST']]);
  } else {
    readJson(exchange, (body) => {
      try {
        set(body);
        tell();
      } catch (error) {
        answer(exchange, 400, { error: error instanceof Error ? error.message : String(error) });
      }
    });
  }
}

/** Why a request does not come to this machine by its own name, or null. A foreign name that points here shows in Host. */
export function foreignHost(exchange: Exchange): string | null {
  const host = exchange.head.authority ?? '';
  return isLoopbackName(host) ? null : `The lab answers to localhost, not to ${host.slice(0, 100)}.`;
}

/** Why a request is not of this listener's own origin, or null. */
export function crossOrigin(exchange: Exchange, listener: Listener): string | null {
  const own = `${listener.plan.scheme}://${exchange.head.authority ?? ''}`;
  for (const [name, value] of exchange.head.fields) {
    const lower = name.toLowerCase();
    const foreign =
      (lower === 'origin' && value !== own) ||
      (lower === 'sec-fetch-site' && value !== 'same-origin' && value !== 'none');
    if (foreign) return 'Only pages of this origin may do that.';
  }
  return foreignHost(exchange);
}

function isLoopbackName(authority: string): boolean {
  return /^(?:(?:[a-z0-9-]+\.)*localhost|127\.0\.0\.1|\[::1\])(?::\d+)?$/i.test(authority);
}

function readJson(exchange: Exchange, done: (value: unknown) => void): void {
  const type = exchange.head.fields.find(([name]) => name.toLowerCase() === 'content-type')?.[1] ?? '';
  if (!exchange.hasBody || !/^application\/json\b/i.test(type)) {
    done(null);
    return;
  }
  const chunks: Uint8Array[] = [];
  let size = 0;
  exchange.read({
    data(chunk) {
      size += chunk.length;
      if (size > MAX_BODY) {
        answer(exchange, 413, { error: `At most ${MAX_BODY} bytes are taken here.` });
        exchange.cancel();
        return;
      }
      chunks.push(chunk);
      exchange.pull();
    },
    end() {
      let value: unknown = null;
      try {
        value = JSON.parse(Buffer.concat(chunks).toString('utf8'));
      } catch {
        // Not JSON: told like any other content that is not what was asked for.
      }
      done(value);
    },
    abort() {},
  });
  exchange.pull();
}

function answer(
  exchange: Exchange,
  status: number,
  body: unknown,
  more: readonly (readonly [string, string])[] = [],
): void {
  const fields = [
    ['content-type', 'application/json'],
    ['cache-control', 'no-store'],
    ['x-conn', connOf(exchange)],
    ...more,
  ] as const;
  exchange.reply({ status, fields }, new TextEncoder().encode(`${JSON.stringify(body)}\n`));
}

/** What the Worker says with each of its responses, said with these as well: an order is an exchange too. */
function connOf({ connection, nth, streamId, at, head }: Exchange): string {
  const id = new URLSearchParams(head.target.split('?')[1]).get('r');
  return formatConn({
    protocol: connection.protocol,
    connection: connection.id,
    nth,
    streamId,
    state: nth === 1 ? 'new' : 'reused',
    resumed: connection.tls?.resumed ?? null,
    earlyData: connection.tls?.earlyData ?? null,
    ageMs: Math.max(0, at - connection.openedAt),
    requestId: id !== null && isId(id) ? id : null,
  });
}
