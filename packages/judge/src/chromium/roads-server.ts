/** Sends the packets of a plan to the page, slot by slot, over a WebSocket; the next slot begins when what is due has been told. */
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { stripTypeScriptTypes } from 'node:module';
import type { Duplex } from 'node:stream';
import type { Program } from '../hosts/program.ts';
import { join } from '../raw/bytes.ts';
import { finishOf, letter, type RoadPlan, sentOf } from '../raw/scenes/road-plan.ts';
import type { PagePacket, SlotMessage } from './roads-page.ts';
import { ServerWebSocket } from './web-socket-server.ts';

const PAGE =
  '<!doctype html><html lang="en"><meta charset="utf-8"><link rel="icon" href="data:,"><title>Three roads</title><body></body></html>';
export const ROADS_PAGE = '/given/roads-page.ts';
export const ROADS_SOCKET = '/roads';

export class RoadsServer {
  readonly #server: Server;
  readonly #program: Program;
  readonly #check: string;
  readonly #plans: readonly RoadPlan[];
  readonly #sockets: ServerWebSocket[] = [];

  constructor(check: string, program: Program, plans: readonly RoadPlan[]) {
    this.#check = check;
    this.#program = program;
    this.#plans = plans;
    this.#server = createServer((request, response) => this.#serve(request, response));
    this.#server.on('upgrade', (request: IncomingMessage, duplex: Duplex, head: Buffer) => {
      const i = Number(/^\/roads\?plan=(\d+)$/.exec(request.url ?? '')?.[1] ?? -1);
      const plan = this.#plans[i];
      if (plan === undefined) duplex.destroy();
      else this.#sockets.push(send(plan, request, duplex, head));
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
    for (const socket of this.#sockets) socket.close();
    this.#server.close();
    this.#server.closeAllConnections();
  }

  #serve({ url = '/' }: IncomingMessage, response: ServerResponse): void {
    const file = this.#program.files[decodeURIComponent(url).replace(`/learner~${this.#check}/`, '')];
    const script = url === ROADS_PAGE ? given() : file?.js;
    const type = script === undefined ? 'text/html' : 'text/javascript';
    response.writeHead(script === undefined && url !== '/' ? 404 : 200, {
      'content-type': `${type}; charset=utf-8`,
      'cache-control': 'no-store',
    });
    response.end(script ?? PAGE);
  }
}

/** One plan over one WebSocket. */
function send(plan: RoadPlan, request: IncomingMessage, duplex: Duplex, head: Buffer): ServerWebSocket {
  const sent = packetsOf(plan);
  const due = finishOf(plan);
  const whole = new Set<number>();
  let slot = 0;
  let text = '';
  const next = (): void => {
    // Whatever is whole by now has to be told before time goes on.
    while (slot <= Math.max(...due) && due.every((at, reply) => at >= slot || whole.has(reply))) {
      const packets = sent.filter((packet) => packet.arrives === slot);
      const message: SlotMessage = { slot, packets: packets.map(({ arrives: _, ...packet }) => packet) };
      const bytes = packets.map(({ reply, size }) => new Uint8Array(size).fill(letter(reply).charCodeAt(0)));
      socket.send(join([new TextEncoder().encode(`${JSON.stringify(message)}\n`), ...bytes]));
      slot += 1;
    }
  };
  const socket = new ServerWebSocket(request, duplex, head, {
    bytes: (bytes) => {
      text += new TextDecoder().decode(bytes);
      const lines = text.split('\n');
      text = lines.pop() ?? '';
      for (const line of lines) whole.add((JSON.parse(line) as { reply: number }).reply);
      next();
    },
    ended: () => {},
  });
  next();
  return socket;
}

/** What the page is told of each packet, and when it arrives. */
function packetsOf(plan: RoadPlan): (PagePacket & { arrives: number })[] {
  const sent = sentOf(plan);
  let offset = 0;
  return sent.map(({ reply, from, to, arrives }, index) => {
    const packet = {
      reply,
      index,
      from,
      offset,
      size: to - from,
      isLastOfReply: to === plan.sizes[reply],
      isLastOfAll: index === sent.length - 1,
      arrives,
    };
    offset += to - from;
    return packet;
  });
}

let stripped: string | null = null;

/** The page's own file with its types taken out. */
function given(): string {
  stripped ??= stripTypeScriptTypes(readFileSync(new URL('roads-page.ts', import.meta.url), 'utf8'));
  return stripped;
}
