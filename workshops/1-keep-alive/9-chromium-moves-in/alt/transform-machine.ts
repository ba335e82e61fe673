// Another design that is right: the second one of KA2, carried to the end. A state machine in a TransformStream makes events of bytes.
import type { Connection, Handler, Incoming, Options } from 'contract';

type Head = Omit<Incoming, 'body'>;
type Event = { head: Head } | { broken: true } | { piece: Uint8Array } | { over: true };
type State = 'head' | 'counted' | 'size' | 'chunk' | 'line end' | 'trailers' | 'lost';
type Plan = { fields: string[]; way: 'none' | 'counted' | 'chunked' | 'to the end'; length: number; ends: boolean };

const ENOUGH = 300_000;
const utf8 = new TextEncoder();

export async function serve(connection: Connection, handler: Handler, { idle, signal }: Options = {}): Promise<void> {
  const events = connection.readable.pipeThrough(new TransformStream(machine())).getReader();
  const writer = connection.writable.getWriter();
  const over = new AbortController();
  const quit = new Promise<null>((resolve) => {
    if (signal?.aborted === true) resolve(null);
    signal?.addEventListener('abort', () => resolve(null), { signal: over.signal });
  });
  try {
    for (let goesOn = true; goesOn && signal?.aborted !== true; ) {
      const event = await nextHead(events, idle, quit);
      if (event === null) break;
      goesOn = 'head' in event && (await exchange(event.head, events, writer, handler, signal));
      if (!('head' in event)) await writer.write(utf8.encode(refusal(400)));
    }
  } catch {
    // Whoever was there is gone, or must not be told that all is well.
  }
  over.abort();
  await Promise.allSettled([writer.close(), events.cancel()]);
}

/** Null when nobody asks any more, or not in time. */
async function nextHead(
  events: ReadableStreamDefaultReader<Event>,
  idle: number | undefined,
  quit: Promise<null>,
): Promise<Event | null> {
  let clock: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<null>((resolve) => {
    if (idle !== undefined) clock = setTimeout(() => resolve(null), idle);
  });
  const next = events.read().then(
    ({ value }) => value ?? null,
    () => null,
  );
  const event = await Promise.race([next, late, quit]);
  clearTimeout(clock);
  return event;
}

async function exchange(
  head: Head,
  events: ReadableStreamDefaultReader<Event>,
  writer: WritableStreamDefaultWriter<Uint8Array>,
  handler: Handler,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  let isOver = false;
  let turn: Promise<unknown> = Promise.resolve();
  const piece = (): Promise<Uint8Array | null> => {
    const taken = turn.then(async () => {
      const { value } = isOver ? { value: undefined } : await events.read();
      if (value === undefined && !isOver) throw new Error('The peer left in the middle of a body');
      if (value !== undefined && 'piece' in value) return value.piece;
      if (value !== undefined && 'broken' in value) throw new Error('The chunks cannot be read');
      isOver = true;
      return null;
    });
    turn = taken.catch(() => {});
    return taken;
  };
  const body = new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        const bytes = await piece();
        if (bytes !== null) controller.enqueue(bytes);
        else controller.close();
      },
    },
    { highWaterMark: 0 },
  );
  let response: Response;
  try {
    response = await handler({ ...head, body });
  } catch {
    response = new Response(null, { status: 500 });
  }
  const plan = planOf(head, response, signal?.aborted === true);
  const line = `HTTP/1.1 ${response.status} ${response.statusText}`;
  await writer.write(utf8.encode(`${[line, ...plan.fields].join('\r\n')}\r\n\r\n`));
  if (plan.way === 'none') await response.body?.cancel();
  else await sendBody(response, plan, writer);
  for (let much = 0; ; ) {
    const bytes = await piece();
    if (bytes === null) return !plan.ends;
    much += bytes.length;
    if (much > ENOUGH) return false;
  }
}

async function sendBody(
  response: Response,
  { way, length }: Plan,
  writer: WritableStreamDefaultWriter<Uint8Array>,
): Promise<void> {
  let much = 0;
  const pieces = (response.body ?? new Blob([]).stream()).getReader();
  for (let next = await pieces.read(); !next.done; next = await pieces.read()) {
    const bytes = next.value;
    much += bytes.length;
    if (way === 'counted' && much > length) throw new RangeError('The body is longer than it says');
    if (way === 'chunked' && bytes.length > 0) {
      await writer.write(utf8.encode(`${bytes.length.toString(16).toUpperCase()}\r\n`));
      await writer.write(bytes);
      await writer.write(utf8.encode('\r\n'));
    } else if (bytes.length > 0) await writer.write(bytes);
  }
  if (way === 'counted' && much < length) throw new RangeError('The body is shorter than it says');
  if (way === 'chunked') await writer.write(utf8.encode('0\r\n\r\n'));
}

function planOf(head: Head, response: Response, isLast: boolean): Plan {
  const old = head.version === '1.0';
  const given = response.headers.get('content-length');
  const bodiless = head.method === 'HEAD' || response.status === 204 || response.status === 304;
  const length = given ?? (response.body === null && !bodiless ? '0' : null);
  const way = bodiless ? 'none' : length !== null ? 'counted' : old ? 'to the end' : 'chunked';
  const asked = words(head.headers);
  const ends =
    isLast ||
    way === 'to the end' ||
    words(response.headers).includes('close') ||
    (old ? !asked.includes('keep-alive') : asked.includes('close'));
  const own = ['connection', 'content-length', 'transfer-encoding'];
  const fields = [...response.headers]
    .filter(([name]) => !own.includes(name))
    .map(([name, value]) => `${name}: ${value}`);
  const isEmpty = response.status === 204 || (response.status === 304 && given === null);
  if (length !== null && !isEmpty) fields.push(`Content-Length: ${length}`);
  if (way === 'chunked' || (head.method === 'HEAD' && length === null && !old && !isEmpty))
    fields.push('Transfer-Encoding: chunked');
  if (ends) fields.push('Connection: close');
  else if (old) fields.push('Connection: keep-alive');
  return { fields, way, length: Number(length), ends };
}

function words(headers: Headers): string[] {
  return (headers.get('connection') ?? '').split(',').map((word) => word.trim().toLowerCase());
}

function refusal(status: number): string {
  return `HTTP/1.1 ${status} \r\nConnection: close\r\nContent-Length: 0\r\n\r\n`;
}

/** Lines are collected byte by byte, bodies pass in stretches. Behind something that it cannot read nothing more comes. */
function machine(): Transformer<Uint8Array, Event> {
  let state: State = 'head';
  let text = '';
  let left = 0;

  function begin(controller: TransformStreamDefaultController<Event>): void {
    const head = parse(text);
    const length = head?.headers.get('content-length') ?? null;
    const coding = head?.headers.get('transfer-encoding')?.toLowerCase() ?? null;
    const isClear = coding === null ? /^\d{0,15}$/.test(length ?? '') : coding === 'chunked' && length === null;
    text = '';
    if (head === null || !isClear) {
      lose(controller);
      return;
    }
    controller.enqueue({ head });
    left = Number(length ?? 0);
    state = coding !== null ? 'size' : left > 0 ? 'counted' : 'head';
    if (state === 'head') controller.enqueue({ over: true });
  }

  function lose(controller: TransformStreamDefaultController<Event>): void {
    state = 'lost';
    controller.enqueue({ broken: true });
  }

  function line(controller: TransformStreamDefaultController<Event>): void {
    const said = text.slice(0, -2);
    text = '';
    if (state === 'size') {
      const hex = /^([\da-f]{1,12})\s*(;|$)/i.exec(said)?.[1];
      if (hex === undefined) {
        lose(controller);
        return;
      }
      left = Number.parseInt(hex, 16);
      state = left === 0 ? 'trailers' : 'chunk';
    } else if (state === 'line end') {
      if (said === '') state = 'size';
      else lose(controller);
    } else if (said === '') {
      state = 'head';
      controller.enqueue({ over: true });
    }
  }

  return {
    transform(chunk, controller) {
      for (let at = 0; at < chunk.length && state !== 'lost'; ) {
        if (state === 'counted' || state === 'chunk') {
          const piece = chunk.slice(at, at + left);
          at += piece.length;
          left -= piece.length;
          controller.enqueue({ piece });
          if (left > 0) continue;
          if (state === 'counted') controller.enqueue({ over: true });
          state = state === 'chunk' ? 'line end' : 'head';
        } else {
          text += String.fromCharCode(chunk[at++] ?? 0);
          if (text.length > 65_536) lose(controller);
          else if (state === 'head' && text.endsWith('\r\n\r\n')) begin(controller);
          else if (state !== 'head' && text.endsWith('\r\n')) line(controller);
        }
      }
    },
    flush() {
      if (state !== 'head' && state !== 'lost') throw new Error('The peer ended inside a message');
    },
  };
}

function parse(text: string): Head | null {
  const [first = '', ...lines] = text.slice(0, -4).split('\r\n');
  const [method = '', target = '', name = '', ...more] = first.split(' ');
  const headers = new Headers();
  try {
    for (const one of lines) {
      const colon = one.indexOf(':');
      headers.append(one.slice(0, colon), one.slice(colon + 1).trim());
    }
  } catch {
    return null;
  }
  const version = name === 'HTTP/1.1' ? '1.1' : name === 'HTTP/1.0' ? '1.0' : null;
  if (version === null || !/^[\w!#$%&'*+.^`|~-]+$/.test(method) || target === '' || more.length > 0) return null;
  return version === '1.1' && !headers.has('host') ? null : { method, target, version, headers };
}
