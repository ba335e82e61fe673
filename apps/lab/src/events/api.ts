/**
 * `/api/v1/connection/…` as the lab answers it, on every listener, before the Worker is asked: only the lab sees the frames. The
 * contract is `ConnectionReport` and `WatchMessage` of `@interleave/trace/events`. For pages of the same origin and for
 * programs of this machine, as with `/.lab/`.
 */
import { isId } from '@interleave/trace';
import {
  type ApiProblem,
  type ConnectionReport,
  qlogForQvis,
  qlogSequence,
  WATCH_LIMITS,
  type WatchMessage,
} from '@interleave/trace/events';
import { FrameModel, framesText } from '@interleave/trace/frames';
import { visibleText } from '@interleave/trace/look';
import { type Exchange, socketOf } from '@interleave/transport/node';
import type { FieldLine } from '@interleave/wire';
import { crossOrigin } from '../api.ts';
import type { ConnectionRegistry } from '../connections.ts';
import type { Listener } from '../listeners.ts';
import type { ConnectionLogs } from './logs.ts';
import { reportOf } from './report.ts';
import { acceptKey, CloseCode, ServerWebSocket } from './server-web-socket.ts';
import { type Watchable, Watcher } from './watcher.ts';

export interface ConnectionApiContext {
  readonly registry: ConnectionRegistry;
  readonly logs: ConnectionLogs;
  readonly listeners: () => readonly Listener[];
}

const PREFIX = '/api/v1/connection/';
/** In place of an id: the connection that carries the request. A terminal learns its id too late to ask for it. */
const OWN = 'this';

/** True for targets that this API answers. */
export function isConnectionTarget(path: string): boolean {
  return path.startsWith(PREFIX);
}

/** Answers one request to the API. */
export function handleConnectionApi(
  exchange: Exchange,
  path: string,
  listener: Listener,
  context: ConnectionApiContext,
): void {
  const refusal = crossOrigin(exchange, listener);
  if (refusal !== null) {
    refuse(
      exchange,
      problem(403, 'Not for other origins', refusal, 'Ask from a page of this origin, or from a terminal.'),
    );
    return;
  }
  const [route = '', query = ''] = path.slice(PREFIX.length).split('?', 2);
  const { method, protocol } = exchange.head;
  const isTunnel = method === 'CONNECT' && protocol === 'websocket';
  if (method !== 'GET' && method !== 'HEAD' && !isTunnel) {
    const detail = `${PREFIX}… takes GET, not ${visibleText(method.slice(0, 40))}.`;
    refuse(exchange, problem(405, 'Method not allowed', detail, 'Send GET.'), [['allow', 'GET']]);
    return;
  }
  const events = /^(.*)\/events$/s.exec(route)?.[1];
  const [, named, form] = /^(.*)\.(qlog|txt)$/s.exec(route) ?? [];
  const asked = events ?? named ?? route;
  const id = asked === OWN ? exchange.connection.id : asked;
  const found = find(id, context);
  if ('status' in found) refuse(exchange, found);
  else if (events !== undefined) watch(exchange, id, new URLSearchParams(query), context);
  else if (isTunnel)
    refuse(
      exchange,
      problem(404, 'No WebSocket here', `${PREFIX}${id} is not a WebSocket.`, `Open ${PREFIX}${id}/events.`, id),
    );
  else if (form === 'qlog') sendQlog(exchange, id, new URLSearchParams(query), found);
  else if (form === 'txt') sendText(exchange, found);
  else json(exchange, 200, found.report());
}

/** The connection with this id, or why there is none. */
function find(id: string, { registry, logs, listeners }: ConnectionApiContext): Watchable | ApiProblem {
  const shown = visibleText(id.slice(0, 100));
  if (!isId(id)) {
    const detail = `“${shown}” is no connection id: those have 1 to 64 of A–Z a–z 0–9 _ -.`;
    return problem(404, 'No such connection', detail, REMEDY, shown);
  }
  const record = registry.find(id);
  const log = logs.get(id);
  if (record === null || log === null) {
    const detail = `The lab knows no connection ${shown}: it never had it, or it is closed and the lab has forgotten it.`;
    return problem(404, 'No such connection', detail, REMEDY, shown);
  }
  const report = (): ConnectionReport => {
    const listener = listeners().find(({ plan }) => plan.id === record.listener);
    return reportOf(registry.find(id) ?? record, listener?.origin ?? null, log);
  };
  return { log, startedAt: record.facts.openedAt, report };
}

const REMEDY = 'Take the id from Server-Timing (`c=…`), from /api/v1/request or from the ribbon of a page.';

function sendQlog(exchange: Exchange, id: string, query: URLSearchParams, { log }: Watchable): void {
  const format = query.get('format');
  if (format !== null && format !== 'qvis') {
    const detail = `There is no format “${visibleText(format.slice(0, 40))}”.`;
    refuse(
      exchange,
      problem(400, 'No such format', detail, 'Leave it out for JSON Text Sequences, or say ?format=qvis.', id),
    );
    return;
  }
  const snapshot = log.snapshot('share');
  const isQvis = format === 'qvis';
  reply(
    exchange,
    200,
    isQvis ? 'application/json' : 'application/qlog+json-seq',
    isQvis ? qlogForQvis(snapshot) : qlogSequence(snapshot),
    [['content-disposition', `attachment; filename="${id}${isQvis ? '.qvis.qlog' : '.sqlog'}"`]],
  );
}

function sendText(exchange: Exchange, { log }: Watchable): void {
  const { events, dropped } = log.snapshot('own');
  const model = new FrameModel();
  model.add(events);
  reply(exchange, 200, 'text/plain; charset=utf-8', framesText(model.frames, model.notes, dropped), []);
}

function watch(exchange: Exchange, id: string, query: URLSearchParams, context: ConnectionApiContext): void {
  const also = (query.get('also') ?? '').split(',').filter((one) => one !== '');
  const ids = [id, ...also].slice(0, WATCH_LIMITS.connections + 1);
  const { head } = exchange;
  const field = (name: string): string | undefined => head.fields.find(([known]) => known.toLowerCase() === name)?.[1];
  const isUpgrade = head.version === '1.1' && /^websocket$/i.test(field('upgrade') ?? '');
  // A watcher that reports the frames that carry its reports would never come to an end. After an upgrade there are none.
  if (!isUpgrade) context.logs.get(exchange.connection.id)?.leaveOut(exchange.id);
  if (head.protocol !== 'websocket' && !isUpgrade) {
    serverSentEvents(exchange, ids, context);
    return;
  }
  const key = field('sec-websocket-key');
  const isKey = key !== undefined && /^[A-Za-z0-9+/]{22}==$/.test(key);
  if (field('sec-websocket-version') !== '13' || (isUpgrade && !isKey)) {
    const detail = 'A WebSocket is asked for with version 13 and, in HTTP/1.1, a key of 16 bytes (RFC 6455 §4.1).';
    refuse(exchange, problem(426, 'Not a WebSocket handshake', detail, 'Let a browser or a library open it.', id), [
      ['sec-websocket-version', '13'],
    ]);
    return;
  }
  const fields: FieldLine[] = isUpgrade
    ? [
        ['Connection', 'Upgrade'],
        ['Upgrade', 'websocket'],
        ['Sec-WebSocket-Accept', acceptKey(key ?? '')],
      ]
    : [];
  exchange.upgrade({ status: isUpgrade ? 101 : 200, fields }, (channel) => {
    const socket: ServerWebSocket = new ServerWebSocket(socketOf(channel), WATCH_LIMITS, {
      message: (text) => more(socket, watcher, text),
      room: () => watcher.room(),
      ended: () => watcher.stop(),
    });
    const watcher = new Watcher((one) => find(one, context), {
      send: (message) => socket.send(JSON.stringify(message)),
      close: (why) => socket.close(CloseCode.POLICY, why),
    });
    for (const one of ids) watcher.watch(one);
    socket.start(channel.rest);
  });
}

/** A message of the watcher: ids of further connections. */
function more(socket: ServerWebSocket, watcher: Watcher, text: string): void {
  let asked: unknown = null;
  try {
    asked = JSON.parse(text);
  } catch {
    // Told like any other message that is not what was asked for.
  }
  const ids = typeof asked === 'object' && asked !== null && 'watch' in asked ? asked.watch : null;
  if (!Array.isArray(ids) || !ids.every((id) => typeof id === 'string')) {
    socket.close(CloseCode.POLICY, 'say {"watch": ["<connection id>", …]}');
    return;
  }
  for (const id of ids) watcher.watch(id);
}

/** The same messages as server-sent events: one connection more for a browser over HTTP/1.1, so pages prefer the WebSocket. */
function serverSentEvents(exchange: Exchange, ids: readonly string[], context: ConnectionApiContext): void {
  const utf8 = new TextEncoder();
  const send = (message: WatchMessage): boolean =>
    !exchange.ended && exchange.write(utf8.encode(`event: ${message.type}\ndata: ${JSON.stringify(message)}\n\n`));
  exchange.respond({
    status: 200,
    fields: [
      ['content-type', 'text/event-stream'],
      ['cache-control', 'no-store'],
    ],
  });
  if (exchange.head.method === 'HEAD') {
    exchange.end();
    return;
  }
  const watcher = new Watcher((id) => find(id, context), {
    send,
    close: (why) => {
      exchange.end(utf8.encode(`event: closed\ndata: ${why}\n\n`));
      exchange.endConnection();
    },
  });
  exchange.onWritable = () => watcher.room();
  exchange.onAbort = () => watcher.stop();
  for (const id of ids) watcher.watch(id);
}

function problem(status: number, title: string, detail: string, remedy: string, id: string | null = null): ApiProblem {
  return { type: 'about:blank', status, title, detail, remedy, id };
}

function refuse(exchange: Exchange, what: ApiProblem, fields: readonly FieldLine[] = []): void {
  reply(exchange, what.status, 'application/problem+json', `${JSON.stringify(what)}\n`, fields);
  exchange.cancel();
}

function json(exchange: Exchange, status: number, body: unknown): void {
  reply(exchange, status, 'application/json', `${JSON.stringify(body)}\n`, []);
}

function reply(exchange: Exchange, status: number, type: string, body: string, more: readonly FieldLine[]): void {
  const fields: FieldLine[] = [['content-type', type], ['cache-control', 'no-store'], ...more];
  exchange.reply({ status, fields }, new TextEncoder().encode(body));
}
