/**
 * What a learner’s client in a page talks to: a port that serves the page and the learner’s files, and an HTTP/1.1 server of the
 * judge’s behind each WebSocket. Requests are read by the same strict parser as in memory.
 */
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { stripTypeScriptTypes } from 'node:module';
import { connect, type Socket as TcpSocket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { HandlerRule } from '../exercise.ts';
import type { Program } from '../hosts/program.ts';
import { bytesOf, join, latin1 } from '../raw/bytes.ts';
import { exchangesOf } from '../raw/exchanges.ts';
import type { Fault } from '../raw/replies.ts';
import { type ParsedRequest, parseRequest } from '../raw/requests.ts';
import { fitOf, wholeBody } from '../raw/rules.ts';
import type { ConnectionRecord, Entry } from '../result.ts';
import { ServerWebSocket } from './web-socket-server.ts';

const PAGE =
  '<!doctype html><html lang="en"><meta charset="utf-8"><link rel="icon" href="data:,"><title>Your client</title></html>';
export const SOCKET = '/socket';
/** Below it stand the judge’s own files for the page. */
export const GIVEN = '/given/';
const GIVEN_FILES = ['client-page.ts', 'web-socket-connection.ts'];

/** One WebSocket, seen from the server. */
export type Carrier = {
  readonly id: string;
  readonly requests: readonly ParsedRequest[];
  readonly received: Uint8Array;
  readonly fault: Fault | null;
  readonly unknown: ParsedRequest | null;
};

type Socket = {
  id: string;
  parts: Uint8Array[];
  at: number;
  requests: ParsedRequest[];
  fault: Fault | null;
  unknown: ParsedRequest | null;
  replies: Promise<void>;
  sent: number;
  webSocket: ServerWebSocket | null;
};

export class ClientServer {
  readonly #server: Server;
  readonly #program: Program;
  readonly #check: string;
  readonly #rules: readonly HandlerRule[];
  readonly #behind: number | null;
  readonly #sockets: Socket[] = [];
  readonly #entries: Entry[] = [];
  readonly #began: number = performance.now();

  /** `behind`: the port of a server that answers instead of the rules; each WebSocket leads to a connection of its own there. */
  constructor(check: string, program: Program, rules: readonly HandlerRule[], behind: number | null = null) {
    this.#check = check;
    this.#program = program;
    this.#rules = rules;
    this.#behind = behind;
    this.#server = createServer((request, response) => this.#serve(request, response));
    this.#server.on('upgrade', (request: IncomingMessage, duplex: Duplex, head: Buffer) =>
      this.#accept(request, duplex, head),
    );
  }

  /** Listens on a free port of the loopback address, and resolves with it. */
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

  close(): void {
    for (const { webSocket } of this.#sockets) webSocket?.close();
    this.#server.close();
    this.#server.closeAllConnections();
  }

  get carriers(): Carrier[] {
    return this.#sockets.map(({ id, parts, requests, fault, unknown }) => ({
      id,
      requests,
      received: join(parts),
      fault,
      unknown,
    }));
  }

  get transcript(): readonly Entry[] {
    return this.#entries;
  }

  connections(): ConnectionRecord[] {
    return this.#sockets.map(({ id, parts, sent }) => {
      const own = this.#entries.filter((entry) => entry.connection === id);
      const end = own.find((entry) => entry.what === 'ended');
      return {
        id,
        opened: own[0]?.tick ?? 0,
        ended: end === undefined ? null : { tick: end.tick, by: 'learner', how: 'end' },
        bytes: { toLearner: sent, taken: sent, fromLearner: join(parts).length },
        exchanges: exchangesOf(own, 'learner'),
      };
    });
  }

  #note(
    entry: Pick<Entry, 'connection' | 'by'> &
      ({ what: 'opened' | 'ended' } | { what: 'bytes'; from: number; bytes: string }),
  ): void {
    const at = Math.round(performance.now() - this.#began);
    this.#entries.push({ ...entry, tick: this.#entries.length, at });
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    const { method, url = '/' } = request;
    const fit = fitOf(this.#rules, `${method} ${url}`);
    if (fit !== null) return void this.#answer(fit.rule, request, response);
    const file = this.#program.files[decodeURIComponent(url).replace(`/learner~${this.#check}/`, '')];
    const script = given(url) ?? file?.js;
    const type = script === undefined ? 'text/html' : 'text/javascript';
    response.writeHead(script === undefined && url !== '/' ? 404 : 200, {
      'content-type': `${type}; charset=utf-8`,
      'cache-control': 'no-store',
    });
    response.end(script ?? PAGE);
  }

  /** The same answers, where a browser asks for them itself. */
  async #answer(rule: HandlerRule, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const brought: Uint8Array[] = [];
    for await (const chunk of request) brought.push(Uint8Array.from(chunk as Uint8Array));
    if (rule.after !== undefined) await new Promise((resolve) => setTimeout(resolve, rule.after));
    const { body } = rule.reply;
    const isEcho = typeof body === 'object' && 'echo' in body;
    response.writeHead(rule.reply.status ?? 200, { 'cache-control': 'no-store' });
    response.end(isEcho ? join(brought) : bytesOf(wholeBody(body) ?? ''));
  }

  #accept(request: IncomingMessage, duplex: Duplex, head: Buffer): void {
    if (!request.url?.startsWith(SOCKET)) {
      duplex.destroy();
      return;
    }
    const id = `c${this.#sockets.length + 1}`;
    const socket: Socket = {
      id,
      parts: [],
      at: 0,
      requests: [],
      fault: null,
      unknown: null,
      replies: Promise.resolve(),
      sent: 0,
      webSocket: null,
    };
    this.#sockets.push(socket);
    this.#note({ connection: id, by: 'judge', what: 'opened' });
    const server = this.#behind === null ? null : this.#connect(socket, this.#behind);
    socket.webSocket = new ServerWebSocket(request, duplex, head, {
      bytes: (bytes) => {
        server?.write(bytes);
        this.#take(socket, bytes);
      },
      ended: () => {
        server?.end();
        this.#note({ connection: id, by: 'learner', what: 'ended' });
      },
    });
  }

  /** One connection to the server behind. Over a WebSocket both directions end together. */
  #connect(socket: Socket, port: number): TcpSocket {
    const server = connect({ port, host: '127.0.0.1', noDelay: true });
    const over = (): void => socket.webSocket?.close();
    server.on('data', (chunk: Buffer) => this.#send(socket, Uint8Array.from(chunk)));
    server.on('end', over).on('close', over).on('error', over);
    return server;
  }

  #send(socket: Socket, bytes: Uint8Array): void {
    this.#note({ connection: socket.id, by: 'judge', what: 'bytes', from: socket.sent, bytes: latin1(bytes) });
    socket.sent += bytes.length;
    socket.webSocket?.send(bytes);
  }

  #take(socket: Socket, bytes: Uint8Array): void {
    const from = join(socket.parts).length;
    socket.parts = [join([...socket.parts, bytes])];
    this.#note({ connection: socket.id, by: 'learner', what: 'bytes', from, bytes: latin1(bytes) });
    while (socket.fault === null) {
      const parsed = parseRequest(join(socket.parts), socket.at);
      if (parsed.kind === 'more') return;
      if (parsed.kind === 'fault') {
        socket.fault = parsed.fault;
        return;
      }
      socket.at = parsed.request.to;
      socket.requests.push(parsed.request);
      const rule = fitOf(this.#rules, parsed.request.request)?.rule;
      if (rule === undefined) socket.unknown ??= parsed.request;
      else if (this.#behind !== null) continue;
      // Replies go out in the order of the requests, each after its own wait.
      else socket.replies = socket.replies.then(() => this.#reply(socket, rule, parsed.request));
    }
  }

  async #reply(socket: Socket, { after, reply }: HandlerRule, request: ParsedRequest): Promise<void> {
    if (after !== undefined) await new Promise((resolve) => setTimeout(resolve, after));
    const { body = '' } = reply;
    if (typeof body === 'object' && 'pieces' in body)
      throw new Error(`${request.request}: a reply over a WebSocket has no pieces`);
    const bytes =
      typeof body === 'object' && 'echo' in body
        ? request.body
        : bytesOf(wholeBody(body, fitOf(this.#rules, request.request)?.star) ?? '');
    const fields = [...(reply.fields ?? []), ['Content-Length', String(bytes.length)]];
    const lines = [`HTTP/1.1 ${reply.status ?? 200} OK`, ...fields.map(([name, value]) => `${name}: ${value}`)];
    const all = join([bytesOf(`${lines.join('\r\n')}\r\n\r\n`), bytes]);
    this.#send(socket, all);
  }
}

const stripped = new Map<string, string>();

/** One of the judge’s own files with its types taken out; undefined when the address is not one of them. */
function given(url: string): string | undefined {
  const name = GIVEN_FILES.find((file) => url === `${GIVEN}${file}`);
  if (name === undefined) return undefined;
  const script = stripped.get(name) ?? stripTypeScriptTypes(readFileSync(new URL(name, import.meta.url), 'utf8'));
  stripped.set(name, script);
  return script;
}
