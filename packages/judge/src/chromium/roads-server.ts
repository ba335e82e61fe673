/** Sends the packets of a plan to the page, slot by slot, over a WebSocket; the next slot begins when what is due has been told. */
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { stripTypeScriptTypes } from 'node:module';
import type { Duplex } from 'node:stream';
import type { Program } from '../hosts/program.ts';
import { join } from '../raw/bytes.ts';
import { finishOf, letter, plansOf, type RoadPlan, repliesOf, sentOf } from '../raw/scenes/road-plan.ts';
import type { PagePacket, RoadsTask, SlotMessage } from './roads-page.ts';
import { ServerWebSocket } from './web-socket-server.ts';

const ROADS_PAGE = '/given/roads-page.ts';
const ROADS_SOCKET = '/roads';
const PAGE = /^\/(?:\?seed=(\d{1,6}))?$/;

type Export = { readonly file: string; readonly export: string };
/** The learner's programs, and how long nothing may happen in the page. */
export type RoadsRun = {
  readonly tcp: Export;
  readonly quic: Export;
  readonly predict: Export;
  readonly ms: number;
};
export type RoadsOptions = {
  /** How long a slot lasts at least, in milliseconds. Default 0: the next one begins when what is due has been told. */
  readonly slotMs?: number;
  /** The page begins by itself, for somebody who looks on. */
  readonly run?: RoadsRun;
};

const STYLE = [
  ':root{color-scheme:light dark}',
  "body{font:1.06rem/1.5 'Iowan Old Style',Palatino,'URW Palladio L',P052,Georgia,serif;color:#1c1a16;background:#fdfcf8;display:grid;grid-template-columns:repeat(auto-fit,minmax(18rem,1fr));gap:0 2.5rem;max-width:64rem;margin:2.5rem auto;padding:0 1rem}",
  'h1,p{grid-column:1/-1;margin:0 0 .6rem}h1{font-size:1.7rem;font-weight:400}h2{font-size:1rem;margin:1.4rem 0 .3rem}p{max-width:40rem}a{color:inherit}',
  '@media (prefers-color-scheme:dark){body{color:#ebe6da;background:#161512}}',
].join('');

export class RoadsServer {
  readonly #server: Server;
  readonly #program: Program;
  readonly #check: string;
  readonly #plans: readonly RoadPlan[];
  readonly #options: RoadsOptions;
  readonly #sockets: ServerWebSocket[] = [];

  constructor(check: string, program: Program, plans: readonly RoadPlan[], options: RoadsOptions = {}) {
    this.#check = check;
    this.#program = program;
    this.#plans = plans;
    this.#options = options;
    this.#server = createServer((request, response) => this.#serve(request, response));
    this.#server.on('upgrade', (request: IncomingMessage, duplex: Duplex, head: Buffer) => {
      const [, seed, i] = /^\/roads(?:\/(\d{1,6}))?\?plan=(\d+)$/.exec(request.url ?? '') ?? [];
      const plan = this.#plansOf(seed)[Number(i ?? -1)];
      if (plan === undefined) duplex.destroy();
      else this.#sockets.push(send(plan, this.#options.slotMs ?? 0, request, duplex, head));
    });
  }

  /** What runs in the page, as text: tools that rewrite modules, as test runners do, must not touch it. */
  script({ tcp, quic, predict, ms }: RoadsRun, seed?: string): string {
    const at = ({ file, export: name }: Export): { file: string; name: string } => ({
      file: `/learner~${this.#check}/${file}`,
      name,
    });
    const task: Omit<RoadsTask, 'socket'> = {
      tcp: at(tcp),
      quic: at(quic),
      predict: at(predict),
      plans: this.#plansOf(seed),
      ms,
    };
    const socket = `'ws://' + location.host + '${ROADS_SOCKET}${seed === undefined ? '' : `/${seed}`}'`;
    return `import('${ROADS_PAGE}').then(({ runRoads }) => runRoads({ ...${JSON.stringify(task)}, socket: ${socket} }))`;
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

  /** Those of the check, or those of a seed: the same on every machine, so that a number is enough to share them. */
  #plansOf(seed: string | undefined): readonly RoadPlan[] {
    if (seed === undefined) return this.#plans;
    const sizes = repliesOf(Number(seed)).map(({ length }) => length);
    return (['shared', 'in turn'] as const).flatMap((schedule) => plansOf(Number(seed), schedule, sizes));
  }

  #page(seed: string | undefined): string {
    const { run } = this.#options;
    const script =
      run === undefined ? '' : `<script type="module">${this.script(run, seed).replaceAll('<', '\\u003c')}</script>`;
    const text =
      run === undefined
        ? ''
        : '<h1>Three roads by two schedules</h1><p>Each square is a packet that your code has just been given. A thick line: the reply is whole. A triangle: your prediction.</p>';
    const next = Number(seed ?? 0) + 1;
    const which = seed === undefined ? 'This is the loss of the check.' : `This is the loss of seed ${seed}.`;
    const links =
      run === undefined
        ? ''
        : `<p>${which} <a href="/?seed=${next}">Another one: seed ${next}</a>. The number is in the address: a neighbour who puts it behind theirs sees the same loss.</p>`;
    return `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><link rel="icon" href="data:,"><title>Three roads</title><style>${STYLE}</style><body>${text}${links}${script}</body></html>`;
  }

  #serve({ url = '/' }: IncomingMessage, response: ServerResponse): void {
    const file = this.#program.files[pathOf(url).replace(`/learner~${this.#check}/`, '')];
    const script = url === ROADS_PAGE ? given() : file?.js;
    const type = script === undefined ? 'text/html' : 'text/javascript';
    response.writeHead(script === undefined && !PAGE.test(url) ? 404 : 200, {
      'content-type': `${type}; charset=utf-8`,
      'cache-control': 'no-store',
    });
    response.end(script ?? this.#page(PAGE.exec(url)?.[1]));
  }
}

/** A path that is not well escaped names no file. */
function pathOf(url: string): string {
  try {
    return decodeURIComponent(url);
  } catch {
    return '';
  }
}

/** One plan over one WebSocket. */
function send(plan: RoadPlan, slotMs: number, request: IncomingMessage, duplex: Duplex, head: Buffer): ServerWebSocket {
  const sent = packetsOf(plan);
  const due = finishOf(plan);
  const whole = new Set<number>();
  let slot = 0;
  let text = '';
  let isPausing = false;
  const next = (): void => {
    // Whatever is whole by now has to be told before time goes on.
    while (!isPausing && slot <= Math.max(...due) && due.every((at, reply) => at >= slot || whole.has(reply))) {
      const packets = sent.filter((packet) => packet.arrives === slot);
      const message: SlotMessage = { slot, packets: packets.map(({ arrives: _, ...packet }) => packet) };
      const bytes = packets.map(({ reply, size }) => new Uint8Array(size).fill(letter(reply).charCodeAt(0)));
      socket.send(join([new TextEncoder().encode(`${JSON.stringify(message)}\n`), ...bytes]));
      slot += 1;
      if (slotMs === 0) continue;
      isPausing = true;
      setTimeout(() => {
        isPausing = false;
        next();
      }, slotMs);
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
