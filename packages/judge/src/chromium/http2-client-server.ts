/**
 * What a learner’s HTTP/2 client in a page talks to: a port that serves the page, the learner’s files and the given coder, and
 * carries the bytes of each WebSocket to the learner's own server and back.
 */
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { stripTypeScriptTypes } from 'node:module';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { bundled } from '../hosts/bundle.ts';
import type { Program } from '../hosts/program.ts';
import { latin1 } from '../raw/bytes.ts';
import { http2ExchangesOf } from '../raw/http2/exchanges.ts';
import type { ConnectionRecord, Entry } from '../result.ts';
import { ServerWebSocket } from './web-socket-server.ts';

const PAGE =
  '<!doctype html><html lang="en"><meta charset="utf-8"><link rel="icon" href="data:,"><title>Your client</title></html>';
export const SOCKET = '/socket';
/** Below it stand the judge’s own files for the page. */
export const GIVEN = '/given/';
const HPACK = 'hpack.js';
const GIVEN_FILES: readonly string[] = ['http2-client-page.ts', 'client-page.ts', 'web-socket-connection.ts'];

type Said = Pick<Entry, 'connection' | 'by'> &
  ({ what: 'opened' | 'ended' } | { what: 'bytes'; from: number; bytes: string });
type Carried = { readonly id: string; toLearner: number; fromLearner: number; webSocket: ServerWebSocket | null };

export class Http2ClientServer {
  readonly transcript: Entry[] = [];
  readonly #server: Server;
  readonly #check: string;
  readonly #program: Program;
  readonly #behind: number;
  readonly #carried: Carried[] = [];
  readonly #began: number = performance.now();

  /** `behind`: the port of the learner's server, in cleartext; each WebSocket leads to a connection of its own there. */
  constructor(check: string, program: Program, behind: number) {
    this.#check = check;
    this.#program = program;
    this.#behind = behind;
    this.#server = createServer((request, response) => void this.#serve(request, response));
    this.#server.on('upgrade', (request: IncomingMessage, duplex: Duplex, head: Buffer) => {
      if (request.url?.startsWith(SOCKET)) this.#carry(request, duplex, head);
      else duplex.destroy();
    });
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
    for (const { webSocket } of this.#carried) webSocket?.close();
    this.#server.close();
    this.#server.closeAllConnections();
  }

  /** How many WebSockets were opened. */
  get count(): number {
    return this.#carried.length;
  }

  connections(): ConnectionRecord[] {
    return this.#carried.map(({ id, toLearner, fromLearner }) => {
      const own = this.transcript.filter((entry) => entry.connection === id);
      const end = own.find((entry) => entry.what === 'ended');
      return {
        id,
        protocol: 'h2',
        opened: own[0]?.tick ?? 0,
        ended: end === undefined ? null : { tick: end.tick, by: end.by, how: 'end' },
        bytes: { toLearner, taken: toLearner, fromLearner },
        exchanges: http2ExchangesOf(own, 'learner'),
      };
    });
  }

  #note(said: Said): void {
    const at = Math.round(performance.now() - this.#began);
    this.transcript.push({ ...said, tick: this.transcript.length, at });
  }

  async #serve({ url = '/' }: IncomingMessage, response: ServerResponse): Promise<void> {
    const file = this.#program.files[decodeURIComponent(url).replace(`/learner~${this.#check}/`, '')];
    const script = (await given(url)) ?? file?.js;
    const type = script === undefined ? 'text/html' : 'text/javascript';
    response.writeHead(script === undefined && url !== '/' ? 404 : 200, {
      'content-type': `${type}; charset=utf-8`,
      'cache-control': 'no-store',
    });
    response.end(script ?? PAGE);
  }

  #carry(request: IncomingMessage, duplex: Duplex, head: Buffer): void {
    const it: Carried = { id: `c${this.#carried.length + 1}`, toLearner: 0, fromLearner: 0, webSocket: null };
    this.#carried.push(it);
    const connection = it.id;
    this.#note({ connection, by: 'judge', what: 'opened' });
    const server = connect({ port: this.#behind, host: '127.0.0.1', noDelay: true });
    it.webSocket = new ServerWebSocket(request, duplex, head, {
      bytes: (bytes) => {
        this.#note({ connection, by: 'learner', what: 'bytes', from: it.fromLearner, bytes: latin1(bytes) });
        it.fromLearner += bytes.length;
        server.write(bytes);
      },
      ended: () => {
        server.end();
        this.#note({ connection, by: 'learner', what: 'ended' });
      },
    });
    server.on('data', (chunk: Buffer) => {
      const bytes = Uint8Array.from(chunk);
      this.#note({ connection, by: 'judge', what: 'bytes', from: it.toLearner, bytes: latin1(bytes) });
      it.toLearner += bytes.length;
      it.webSocket?.send(bytes);
    });
    // Over a WebSocket both directions end together.
    const over = (): void => it.webSocket?.close();
    server.on('end', over).on('close', over).on('error', over);
  }
}

const stripped = new Map<string, string>();

/** One of the judge’s own files, ready for a page; undefined when the address is not one of them. */
async function given(url: string): Promise<string | undefined> {
  if (url === `${GIVEN}${HPACK}`) return bundled('../given/hpack.ts');
  const name = GIVEN_FILES.find((file) => url === `${GIVEN}${file}`);
  if (name === undefined) return undefined;
  const script = stripped.get(name) ?? stripTypeScriptTypes(readFileSync(new URL(name, import.meta.url), 'utf8'));
  stripped.set(name, script);
  return script;
}
