import type { Connection, Fields, Given, Handler, Options } from 'contract';

// A pump for each reply, and one turnstile before the connection: whoever has a frame waits there, one goes through at a time.

type Stream = {
  id: number;
  peerDone: boolean;
  weDone: boolean;
  gone: boolean;
  into: WritableStreamDefaultWriter<Uint8Array> | null;
  from: ReadableStream<Uint8Array> | null;
  left: number | null;
  stop: AbortController;
  urgency: number;
  shares: boolean;
  /** How many bytes it has sent: among equals the one with the fewest is next. */
  sent: number;
};

type Waiting = { stream: Stream; go: () => void };

/** Lets one through; the next one is chosen when that one has passed. */
class Turnstile {
  #waiting: Waiting[] = [];
  #isTaken = false;

  enter(stream: Stream): Promise<void> {
    return new Promise((go) => {
      this.#waiting.push({ stream, go });
      this.#turn();
    });
  }

  leave(): void {
    this.#isTaken = false;
    this.#turn();
  }

  #turn(): void {
    if (this.#isTaken || this.#waiting.length === 0) return;
    const [next] = this.#waiting.toSorted((a, b) => before(a.stream, b.stream));
    if (next === undefined) return;
    this.#waiting = this.#waiting.filter((one) => one !== next);
    this.#isTaken = true;
    next.go();
  }
}

function before(a: Stream, b: Stream): number {
  if (a.urgency !== b.urgency) return a.urgency - b.urgency;
  if (!a.shares && !b.shares) return a.id - b.id;
  return a.sent - b.sent;
}

class Fatal {
  code: number;
  constructor(code: number) {
    this.code = code;
  }
}

const MAGIC = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';
const FIXED: Record<number, number> = { 3: 4, 6: 8, 8: 4 };
const number = (bytes: Uint8Array, at: number, size = 4): number => {
  let sum = 0;
  for (let i = 0; i < size; i++) sum = sum * 256 + (bytes[at + i] ?? 0);
  return sum;
};
const digits = (value: number, size: number): number[] =>
  Array.from({ length: size }, (_, i) => Math.floor(value / 256 ** (size - 1 - i)) % 256);
const make = (type: number, flags: number, id: number, payload: ArrayLike<number> = []): Uint8Array => {
  const bytes = new Uint8Array(9 + payload.length);
  bytes.set([...digits(payload.length, 3), type, flags, ...digits(id, 4)]);
  bytes.set(payload, 9);
  return bytes;
};

export async function serve(
  connection: Connection,
  handler: Handler,
  given: Given,
  options: Options = {},
): Promise<void> {
  const { decode, encode } = given.hpack();
  const out = connection.writable.getWriter();
  const input = connection.readable.getReader();
  const limit = options.maxStreams ?? 64;
  const streams = new Map<number, Stream>();
  const ghosts: number[] = [];
  let kept = new Uint8Array(0);
  let greeted = 0;
  let hasSettings = false;
  let block: { id: number; ends: boolean; bytes: number[] } | null = null;
  let highest = 0;
  let handled = 0;
  let refusesAll = false;
  let leaves = false;
  let over = false;
  const gate = new Turnstile();

  const put = (...args: Parameters<typeof make>): Promise<void> => out.write(make(...args)).catch(() => {});

  const leaveWhenDone = (): void => {
    if (!leaves || streams.size > 0 || over) return;
    over = true;
    input.cancel().catch(() => {});
  };
  const bye = (code: number): void => {
    refusesAll = true;
    put(7, 0, 0, [...digits(handled, 4), ...digits(code, 4)]);
  };
  const remove = (stream: Stream): void => {
    streams.delete(stream.id);
    leaveWhenDone();
  };
  const ghost = (id: number): void => {
    ghosts.push(id);
    if (ghosts.length > 300) ghosts.shift();
  };
  const kill = (stream: Stream, why: string): void => {
    stream.gone = true;
    ghost(stream.id);
    stream.into?.abort(new Error(why)).catch(() => {});
    stream.stop.abort(new Error(why));
    remove(stream);
  };
  const rst = (id: number, code: number) => {
    put(3, 0, id, digits(code, 4));
    const stream = streams.get(id);
    if (stream === undefined) ghost(id);
    else kill(stream, 'reset');
  };
  const endOfRequest = (stream: Stream) => {
    if (stream.left !== null && stream.left !== 0) return rst(stream.id, 1);
    stream.peerDone = true;
    stream.into?.close().catch(() => {});
    if (stream.weDone) remove(stream);
  };

  async function pour(stream: Stream, source: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
    stream.stop.signal.addEventListener('abort', () => source.cancel().catch(() => {}));
    for (let next = await source.read(); !next.done && !stream.gone; next = await source.read()) {
      for (let at = 0; at < next.value.length && !stream.gone; at += 16_384) {
        await gate.enter(stream);
        const piece = next.value.subarray(at, at + 16_384);
        stream.sent += piece.length;
        if (!stream.gone) await put(0, 0, stream.id, piece);
        gate.leave();
      }
    }
  }

  async function run(stream: Stream, method: string, target: string, headers: Headers): Promise<void> {
    const pipe = new TransformStream<Uint8Array, Uint8Array>(undefined, { highWaterMark: 1e9 }, { highWaterMark: 0 });
    stream.into = pipe.writable.getWriter();
    stream.into.closed.catch(() => {});
    if (stream.peerDone) stream.into.close().catch(() => {});
    let response: Response;
    try {
      response = await handler({ method, target, version: '2', headers, body: pipe.readable });
    } catch {
      response = new Response(null, { status: 500 });
    }
    if (stream.gone) return void response.body?.cancel().catch(() => {});
    const lines: Fields = [[':status', `${response.status}`]];
    for (const line of response.headers)
      if (!/^(connection|keep-alive|proxy-connection|transfer-encoding|upgrade)$/.test(line[0])) lines.push(line);
    const bytes = encode(lines);
    for (let at = 0; at === 0 || at < bytes.length; at += 16_384) {
      const last = at + 16_384 >= bytes.length ? 4 : 0;
      put(at === 0 ? 1 : 9, last, stream.id, bytes.subarray(at, at + 16_384));
    }
    try {
      if (method === 'HEAD') response.body?.cancel().catch(() => {});
      else if (response.body !== null) await pour(stream, response.body.getReader());
      if (stream.gone) return;
      put(0, 1, stream.id);
      stream.weDone = true;
      if (stream.peerDone) remove(stream);
      else rst(stream.id, 0);
    } catch {
      if (!stream.gone) rst(stream.id, 2);
    }
  }

  function request(id: number, ends: boolean, fields: Fields) {
    const known = streams.get(id);
    if (known !== undefined) {
      if (known.peerDone) return rst(id, 5);
      if (!ends) return rst(id, 1);
      return endOfRequest(known);
    }
    if (id <= highest) {
      if (ghosts.includes(id)) return;
      throw new Fatal(1);
    }
    if (id % 2 === 0) throw new Fatal(1);
    highest = id;
    if (refusesAll) return ghost(id);
    if (streams.size >= limit) return rst(id, 7);
    const pseudo: Record<string, string> = {};
    const headers = new Headers();
    let wrong = false;
    let plain = false;
    for (const [name, value] of fields) {
      if (name[0] === ':') {
        if (plain || name in pseudo || ![':method', ':path', ':scheme', ':authority'].includes(name)) wrong = true;
        pseudo[name] = value;
        continue;
      }
      plain = true;
      if (
        /[^!#$%&'*+.^_`|~0-9a-z-]/.test(name) ||
        /^(connection|keep-alive|proxy-connection|transfer-encoding|upgrade)$/.test(name)
      ) {
        wrong = true;
        continue;
      }
      try {
        if (name === 'cookie') headers.set(name, [headers.get(name), value].filter(Boolean).join('; '));
        else headers.append(name, value);
      } catch {
        wrong = true;
      }
    }
    const length = headers.get('content-length');
    if (length !== null && !/^\d+$/.test(length)) wrong = true;
    if (wrong || !pseudo[':method'] || !pseudo[':path'] || !pseudo[':scheme']) return rst(id, 1);
    if (pseudo[':authority'] !== undefined) headers.set('host', pseudo[':authority']);
    const stream: Stream = {
      id,
      peerDone: false,
      weDone: false,
      gone: false,
      into: null,
      from: null,
      left: length === null ? null : Number(length),
      stop: new AbortController(),
      urgency: Number(/(?:^|[,\s])u=([0-7])(?=[,;\s]|$)/.exec(headers.get('priority') ?? '')?.[1] ?? 3),
      shares: /(?:^|,)\s*i(?:=\?1)?\s*(?:[,;]|$)/.test(headers.get('priority') ?? ''),
      sent: 0,
    };
    // One that comes late has missed nothing that it could ask back.
    for (const other of streams.values()) stream.sent = Math.max(stream.sent, other.sent);
    streams.set(id, stream);
    handled = id;
    if (ends) endOfRequest(stream);
    if (!stream.gone) void run(stream, pseudo[':method'], pseudo[':path'], headers);
  }

  function frame(type: number, flags: number, id: number, payload: Uint8Array) {
    if (!hasSettings && type !== 4) throw new Fatal(1);
    hasSettings = true;
    if (block !== null && (type !== 9 || id !== block.id)) throw new Fatal(1);
    if (payload.length !== (FIXED[type] ?? payload.length)) throw new Fatal(6);
    if ([4, 6, 7].includes(type) && id !== 0) throw new Fatal(1);
    if ([0, 1, 2, 3, 9].includes(type) && id === 0) throw new Fatal(1);
    if ((type === 0 || type === 3 || type === 8) && id !== 0 && (id > highest || id % 2 === 0)) throw new Fatal(1);
    let content = payload;
    if ((type === 0 || type === 1) && flags & 8) {
      if ((payload[0] ?? 255) >= payload.length) throw new Fatal(1);
      content = payload.subarray(1, payload.length - (payload[0] ?? 0));
    }
    switch (type) {
      case 0: {
        const stream = streams.get(id);
        if (stream === undefined) {
          if (!ghosts.includes(id)) throw new Fatal(5);
          return;
        }
        if (stream.peerDone) return rst(id, 5);
        if (stream.left !== null) {
          stream.left -= content.length;
          if (stream.left < 0) return rst(id, 1);
        }
        if (content.length > 0) stream.into?.write(content.slice()).catch(() => {});
        if (flags & 1) endOfRequest(stream);
        return;
      }
      case 1: {
        if (flags & 32 && content.length < 5) throw new Fatal(6);
        block = { id, ends: (flags & 1) !== 0, bytes: [...content.subarray(flags & 32 ? 5 : 0)] };
        break;
      }
      case 9:
        if (block === null) throw new Fatal(1);
        block.bytes.push(...content);
        if (block.bytes.length > 100_000) throw new Fatal(11);
        break;
      case 3: {
        const stream = streams.get(id);
        if (stream !== undefined) kill(stream, 'reset by the peer');
        return;
      }
      case 4:
        if (flags & 1) {
          if (payload.length > 0) throw new Fatal(6);
          return;
        }
        if (payload.length % 6 !== 0) throw new Fatal(6);
        for (let at = 0; at < payload.length; at += 6) {
          const value = number(payload, at + 2);
          switch (number(payload, at, 2)) {
            case 2:
              if (value > 1) throw new Fatal(1);
              break;
            case 4:
              if (value >= 2 ** 31) throw new Fatal(3);
              break;
            case 5:
              if (value < 2 ** 14 || value >= 2 ** 24) throw new Fatal(1);
          }
        }
        put(4, 1, 0);
        return;
      case 5:
        throw new Fatal(1);
      case 6:
        if (!(flags & 1)) put(6, 1, 0, payload);
        return;
      case 7:
        if (payload.length < 8) throw new Fatal(6);
        leaves = true;
        return leaveWhenDone();
      default:
        return;
    }
    if (!(flags & 4)) return;
    const { id: owner, ends, bytes } = block;
    block = null;
    let fields: Fields;
    try {
      fields = decode(Uint8Array.from(bytes));
    } catch {
      throw new Fatal(9);
    }
    request(owner, ends, fields);
  }

  function push(chunk: Uint8Array) {
    const all = new Uint8Array(kept.length + chunk.length);
    all.set(kept);
    all.set(chunk, kept.length);
    let at = 0;
    for (; greeted < MAGIC.length && at < all.length; at++)
      if (all[at] !== MAGIC.charCodeAt(greeted++)) throw new Fatal(1);
    while (all.length - at >= 9 && !over) {
      const length = number(all, at, 3);
      if (length > 16_384) throw new Fatal(6);
      if (all.length - at < 9 + length) break;
      const payload = all.slice(at + 9, at + 9 + length);
      const [type = 0, flags = 0] = all.subarray(at + 3, at + 5);
      const id = number(all, at + 5) % 2 ** 31;
      at += 9 + length;
      frame(type, flags, id, payload);
    }
    kept = all.slice(at);
  }

  const abort = (): void => {
    bye(0);
    leaves = true;
    leaveWhenDone();
  };
  put(4, 0, 0, [0, 3, ...digits(limit, 4)]);
  if (options.signal?.aborted) abort();
  options.signal?.addEventListener('abort', abort, { once: true });
  try {
    for (let next = await input.read(); !next.done; next = await input.read()) push(next.value);
  } catch (error) {
    if (error instanceof Fatal) bye(error.code);
  }
  options.signal?.removeEventListener('abort', abort);
  over = true;
  for (const stream of [...streams.values()]) kill(stream, 'the connection is over');
  await out.close().catch(() => {});
  await input.cancel().catch(() => {});
}
