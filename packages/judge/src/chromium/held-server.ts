/** The given page of the held range: twelve images of different sizes, served by the project's own server to whoever asks. */
import { type Server, serve } from '@interleave/transport/node';
import type { Program } from '../hosts/program.ts';

/** Sizes all differ, so that the bytes of a stream say which image it carries; some are small, so that they are over early. */
export function imageSize(n: number): number {
  return n % 3 === 1 ? 3000 + 10 * n : n % 3 === 2 ? 21_000 + 10 * n : 39_000 + 10 * n;
}

export const imagePath = (n: number): string => `/image/${n}.svg`;

/** Every request waits until so many do; then all are answered in one turn. */
class Barrier {
  #waiting: (() => void)[] = [];
  #size: number;
  /** Resolves when they are all there, before any of them goes on. */
  readonly full: Promise<void>;
  #isFull: () => void = () => {};

  constructor(size: number) {
    this.#size = size;
    this.full = new Promise((resolve) => {
      this.#isFull = resolve;
    });
  }

  async pass(): Promise<void> {
    if (this.#size === 0) return;
    await new Promise<void>((resolve) => {
      this.#waiting.push(resolve);
      if (this.#waiting.length === this.#size) this.#isFull();
    });
  }

  open(): void {
    this.#size = 0;
    for (const go of this.#waiting.splice(0)) go();
  }
}

export class HeldServer {
  readonly #program: Program;
  readonly #check: string;
  readonly #images: number;
  readonly barrier: Barrier;
  #server: Server | null = null;

  /** `together`: so many requests for images are under way before the first is answered. */
  constructor(check: string, program: Program, images: number, together: number) {
    this.#check = check;
    this.#program = program;
    this.#images = images;
    this.barrier = new Barrier(together);
  }

  /** Cleartext, HTTP/1.1 and HTTP/2 by prior knowledge: TLS is the relay's. Resolves with the port. */
  async listen(): Promise<number> {
    this.#server = await serve({ host: '127.0.0.1', protocols: ['http/1.1', 'h2'] }, (request) =>
      this.#answer(request),
    );
    return this.#server.address.port;
  }

  async close(): Promise<void> {
    this.barrier.open();
    await this.#server?.close({ grace: 0 });
  }

  async #answer(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    const found = /^\/image\/(\d+)\.svg$/.exec(pathname);
    if (found !== null) {
      await this.barrier.pass();
      return file('image/svg+xml', picture(Number(found[1])));
    }
    const learner = this.#program.files[decodeURIComponent(pathname).replace(`/learner~${this.#check}/`, '')];
    if (learner !== undefined) return file('text/javascript', learner.js);
    return pathname === '/' ? file('text/html', this.#page()) : new Response('not here', { status: 404 });
  }

  /** Images begin when the judge says so, and each that is there says so itself. */
  #page(): string {
    const paths = Array.from({ length: this.#images }, (_, i) => imagePath(i + 1));
    return `<!doctype html><html lang="en"><meta charset="utf-8"><link rel="icon" href="data:,"><title>Twelve images</title>
<script>
const there = [], waiting = [];
function begin() {
  for (const path of ${JSON.stringify(paths)}) {
    const image = new Image();
    image.onload = () => { there.push(path); for (const look of waiting.splice(0)) look(); };
    image.src = path;
    document.body.append(image);
  }
}
async function until(count) {
  while (there.length < count) await new Promise((resolve) => waiting.push(resolve));
}
</script><body></body></html>`;
  }
}

function file(type: string, text: string): Response {
  const bytes = new TextEncoder().encode(text);
  const headers = { 'content-type': type, 'content-length': String(bytes.length), 'cache-control': 'no-store' };
  return new Response(bytes, { headers });
}

/** A square of its own colour, filled up with a comment to its size. */
function picture(n: number): string {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40"><rect width="40" height="40" fill="hsl(${n * 30} 60% 50%)"/><!--`;
  return `${svg}${'x'.repeat(imageSize(n) - svg.length - 9)}--></svg>`;
}
