import { randomBytes } from 'node:crypto';
import { Agent, type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type Exchange, requestUrl, socketOf } from '@interleave/transport/node';
import type { FieldLine, FieldSection } from '@interleave/wire';
import { asciiJson, type CfContext, cfOf } from './cf.ts';

/** Where exchanges are forwarded to; read anew for each, since workerd may have been started again. */
export interface Upstream {
  readonly address: { readonly host: string; readonly port: number };
}

/** Methods that change nothing (RFC 9110 §9.2.1). */
const SAFE: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE']);

/** Of one hop only (RFC 9110 §7.6.1), or answered by the lab itself. */
const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authorization',
  'transfer-encoding',
  'te',
  'trailer',
  'upgrade',
  'http2-settings',
  'expect',
]);
/** Said by the lab alone: a client that could send them would decide what the pages show about it. */
const OURS = /^(?:mf-|cf-|x-forwarded-|x-real-ip$|true-client-ip$|forwarded$)/;
/** The Fetch standard gives Workers no way to see these. */
const UNSUPPORTED = new Set(['CONNECT', 'TRACE', 'TRACK']);
/** How long a Worker that is being started again is waited for, in milliseconds. */
const RESTART_PATIENCE = 5_000;

/** Hands exchanges to the Worker over HTTP on loopback, both directions streaming, with the truth about the connection. */
export class Forwarder {
  readonly #upstream: Upstream;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 512, maxFreeSockets: 64, scheduling: 'lifo' });

  constructor(upstream: Upstream) {
    this.#upstream = upstream;
  }

  /** Answers `exchange` with what the Worker says. Never throws; a Worker that is away is a 502 or 503. */
  forward(exchange: Exchange, context: CfContext): void {
    const scheme = exchange.connection.tls === null ? 'http' : 'https';
    // An extended CONNECT for WebSocket is what an upgrade is in HTTP/1.1 (RFC 8441 §5).
    if (UNSUPPORTED.has(exchange.head.method) && exchange.head.protocol !== 'websocket') {
      say(exchange, 501, `The lab has nothing for the method ${exchange.head.method}.`);
      return;
    }
    let url: string;
    try {
      url = requestUrl(exchange.head, scheme);
    } catch {
      say(exchange, 400, 'The request target is no URL.');
      return;
    }
    new Forwarded(exchange, this.#agent, this.#upstream, url, requestFields(exchange, url, context)).send();
  }

  close(): void {
    this.#agent.destroy();
  }
}

/** One exchange on its way through. */
class Forwarded {
  readonly #exchange: Exchange;
  readonly #agent: Agent;
  readonly #upstream: Upstream;
  readonly #path: string;
  readonly #headers: readonly string[];
  readonly #since = performance.now();
  #request: ClientRequest | null = null;
  #bodyBegun = false;

  constructor(exchange: Exchange, agent: Agent, upstream: Upstream, url: string, headers: readonly string[]) {
    this.#exchange = exchange;
    this.#agent = agent;
    this.#upstream = upstream;
    const { pathname, search } = new URL(url);
    this.#path = pathname + search;
    this.#headers = headers;
    exchange.onAbort = () => this.#request?.destroy();
  }

  send(): void {
    if (this.#exchange.ended) return;
    const { host, port } = this.#upstream.address;
    const request = httpRequest({
      host,
      port,
      agent: this.#agent,
      method: this.#exchange.head.protocol === null ? this.#exchange.head.method : 'GET',
      path: this.#path,
      headers: this.#headers,
      setHost: false,
    });
    this.#request = request;
    request.on('response', (response) => this.#respond(response));
    request.on('upgrade', (response, socket, head) => this.#upgrade(response, socket, head));
    request.on('error', (error) => this.#failed(request, error));
    // What follows an extended CONNECT is no content: it waits until the Worker has agreed.
    if (!this.#exchange.hasBody || this.#exchange.head.protocol !== null) {
      request.end();
      return;
    }
    // The body is asked for only once there is a connection, so that a Worker that is away can be tried again.
    request.once('socket', (socket) => {
      if (socket.connecting) socket.once('connect', () => this.#sendBody(request));
      else this.#sendBody(request);
    });
  }

  #sendBody(request: ClientRequest): void {
    this.#bodyBegun = true;
    const exchange = this.#exchange;
    exchange.read({
      data(chunk) {
        if (request.destroyed) exchange.cancel();
        else if (request.write(chunk)) exchange.pull();
        else request.once('drain', () => exchange.pull());
      },
      end: () => request.end(),
      abort: () => request.destroy(),
    });
    exchange.pull();
  }

  #respond(response: IncomingMessage): void {
    const exchange = this.#exchange;
    exchange.respond({
      status: response.statusCode ?? 502,
      fields: responseFields(response, exchange.streamId !== null),
    });
    exchange.onWritable = () => response.resume();
    response.on('data', (chunk: Uint8Array) => {
      if (!exchange.write(chunk)) response.pause();
    });
    response.on('end', () => {
      exchange.end();
      exchange.cancel();
      if (this.#request?.writableFinished === false) this.#request.destroy();
    });
    // The Worker's answer broke off: the client must not take it for the whole.
    response.on('close', () => {
      if (!response.complete) exchange.fail();
    });
    response.on('error', () => exchange.fail());
  }

  #upgrade(response: IncomingMessage, socket: Duplex, head: Uint8Array): void {
    const stream = this.#exchange.head.protocol !== null;
    const fields: FieldLine[] = stream ? [] : [['Connection', 'Upgrade']];
    for (const [name, value] of pairs(response.rawHeaders)) {
      const lower = name.toLowerCase();
      if (lower === 'upgrade' ? stream : HOP_BY_HOP.has(lower)) continue;
      if (stream && lower === 'sec-websocket-accept') continue;
      fields.push([name, value]);
    }
    this.#exchange.upgrade({ status: stream ? 200 : 101, fields }, (channel) => {
      const client = socketOf(channel);
      if (head.length > 0) client.write(head);
      if (channel.rest.length > 0) socket.write(channel.rest);
      for (const [from, to] of [
        [client, socket],
        [socket, client],
      ] as const) {
        from.on('error', () => to.destroy());
        from.on('close', () => to.destroy());
        from.pipe(to);
      }
    });
  }

  #failed(request: ClientRequest, error: NodeJS.ErrnoException): void {
    const exchange = this.#exchange;
    if (exchange.ended) return;
    if (exchange.responded) {
      exchange.fail();
      return;
    }
    const waited = performance.now() - this.#since;
    // Nothing has reached the Worker: it is being started again, or it closed an idle connection as we took it up.
    const away = error.code === 'ECONNREFUSED' && waited < RESTART_PATIENCE;
    // A connection that a dying Worker still took up is as good as none, for a method that may be sent twice (RFC 9110 §9.2.1).
    const repeatable = request.reusedSocket || SAFE.has(exchange.head.method);
    const stale = repeatable && error.code === 'ECONNRESET' && waited < RESTART_PATIENCE;
    if (!this.#bodyBegun && (away || (stale && !exchange.hasBody))) {
      setTimeout(() => this.send(), away || !request.reusedSocket ? 100 : 0);
      return;
    }
    if (error.code === 'ECONNREFUSED')
      say(exchange, 503, 'The Worker is not running. The terminal of the lab says why.');
    else say(exchange, 502, `The Worker did not answer: ${error.message}.`);
  }
}

/** What the Worker is told, as a flat list of names and values. */
function requestFields(exchange: Exchange, url: string, context: CfContext): string[] {
  const { head, connection } = exchange;
  const nominated = nominatedFields(head.fields);
  const upgrade = head.fields.find(([name]) => name.toLowerCase() === 'upgrade')?.[1];
  const scheme = connection.tls === null ? 'http' : 'https';
  const headers: string[] = ['host', head.authority ?? 'localhost'];
  let lengthKnown = false;
  for (const [name, value] of head.fields) {
    const lower = name.toLowerCase();
    if (lower === 'host' || lower === 'accept-encoding' || HOP_BY_HOP.has(lower) || nominated.has(lower)) continue;
    if (OURS.test(lower)) continue;
    if (lower === 'content-length') lengthKnown = true;
    headers.push(name, value);
  }
  if (exchange.hasBody && !lengthKnown && head.protocol === null) headers.push('transfer-encoding', 'chunked');
  if (upgrade !== undefined && head.version === '1.1') headers.push('connection', 'upgrade', 'upgrade', upgrade);
  if (head.protocol !== null) {
    headers.push('connection', 'upgrade', 'upgrade', head.protocol, 'sec-websocket-key', webSocketKey());
  }
  headers.push(
    // Compression belongs to the edge, and here it would hide lengths; the client's own list travels in `cf`.
    'accept-encoding',
    'identity',
    'cf-connecting-ip',
    connection.remote.address,
    'cf-visitor',
    `{"scheme":"${scheme}"}`,
    'x-forwarded-proto',
    scheme,
    'MF-Original-URL',
    url,
    'MF-CF-Blob',
    asciiJson(cfOf(exchange, context)),
    // An exception in the Worker is a plain 500, as in production.
    'MF-Disable-Pretty-Error',
    'true',
  );
  return headers;
}

/** HTTP/2 needs none (RFC 8441 §5); the Worker's HTTP/1.1 does. */
function webSocketKey(): string {
  return randomBytes(16).toString('base64');
}

function responseFields(response: IncomingMessage, lowerCase: boolean): FieldSection {
  const fields: FieldLine[] = [];
  const all = pairs(response.rawHeaders);
  const nominated = nominatedFields(all);
  for (const [name, value] of all) {
    const lower = name.toLowerCase();
    if (HOP_BY_HOP.has(lower) || nominated.has(lower) || lower.startsWith('mf-')) continue;
    fields.push([lowerCase ? lower : name, value]);
  }
  return fields;
}

/** Fields that Connection names are of this hop as well. */
function nominatedFields(fields: FieldSection): ReadonlySet<string> {
  const names = new Set<string>();
  for (const [name, value] of fields) {
    if (name.toLowerCase() !== 'connection') continue;
    for (const option of value.split(',')) names.add(option.trim().toLowerCase());
  }
  return names;
}

function pairs(raw: readonly string[]): FieldLine[] {
  const lines: FieldLine[] = [];
  for (let index = 0; index + 1 < raw.length; index += 2) lines.push([raw[index] as string, raw[index + 1] as string]);
  return lines;
}

function say(exchange: Exchange, status: number, message: string): void {
  exchange.reply(
    {
      status,
      fields: [
        ['content-type', 'text/plain; charset=utf-8'],
        ['cache-control', 'no-store'],
      ],
    },
    new TextEncoder().encode(`${message}\n`),
  );
  exchange.cancel();
}
