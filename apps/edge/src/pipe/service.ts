import type { FieldSection, RequestHead } from '@interleave/wire';

/** A request that has come whole. */
export interface Asked {
  readonly head: RequestHead;
  readonly body: Uint8Array;
}

/** What a handler answers when it has finished its work. */
export interface Reply {
  readonly status: number;
  readonly fields: FieldSection;
  readonly body: Uint8Array;
}

export type Service = (asked: Asked) => Reply | Promise<Reply>;

/** Longer work would hold a Worker for nothing. */
export const LONGEST_WORK = 3_000;
/** Larger bodies would teach no more. */
export const LARGEST_BODY = 65_536;

/** Two paths whose answers a server takes for each other. */
export type Swap = readonly [string, string];

const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST']);
const utf8 = new TextEncoder();

/**
 * What answers inside a pipe. The target says how: `/c?after=200&size=1000` works for 200 ms and answers with 1000 bytes that
 * all name `/c`; POST is answered with what was sent. `wait` is the clock: without one nothing takes time. With `swap` it makes
 * the mistake that no client can see.
 */
export function pipeService(wait: ((ms: number) => Promise<void>) | null, swap: Swap | null = null): Service {
  let finished = 0;
  return ({ head, body }) => {
    if (!METHODS.has(head.method)) {
      return plain(405, 'This answers GET, HEAD and POST.\n', [['allow', 'GET, HEAD, POST']]);
    }
    const { path, after, size } = readTarget(head.target);
    const named = swap === null || !swap.includes(path) ? path : swap[0] === path ? swap[1] : swap[0];
    const answer = (): Reply => {
      finished += 1;
      const content = head.method === 'POST' ? body : bodyOf(named, size);
      return plain(200, content, [
        ['x-finished', String(finished)],
        ...(after > 0 && wait !== null ? ([['x-worked-ms', String(after)]] as const) : []),
      ]);
    };
    return after > 0 && wait !== null ? wait(after).then(answer) : answer();
  };
}

export interface PipeTarget {
  readonly path: string;
  readonly after: number;
  readonly size: number;
}

/** Reads what a target asks for; numbers out of range count as the nearest that is in it. */
export function readTarget(target: string): PipeTarget {
  const [path = '/', query = ''] = target.split('?', 2);
  const params = new URLSearchParams(query);
  return {
    path,
    after: within(params.get('after'), LONGEST_WORK),
    size: within(params.get('size'), LARGEST_BODY),
  };
}

function within(text: string | null, most: number): number {
  return text !== null && /^\d{1,9}$/.test(text) ? Math.min(Number(text), most) : 0;
}

/** A body that names what it answers in every part of it, so that it can be told apart however it is cut. */
export function bodyOf(path: string, size: number): Uint8Array {
  const sentence = utf8.encode(`This answers ${path}.\n`);
  if (size <= sentence.length) return sentence;
  const filler = utf8.encode(`${path.slice(1, 2) || '/'}`);
  const body = new Uint8Array(size).fill(filler[0] ?? 0x2f);
  body.set(sentence);
  body[size - 1] = 0x0a;
  return body;
}

function plain(status: number, content: string | Uint8Array, more: FieldSection): Reply {
  const body = typeof content === 'string' ? utf8.encode(content) : content;
  return {
    status,
    fields: [['content-type', 'text/plain; charset=utf-8'], ['content-length', String(body.length)], ...more],
    body,
  };
}
