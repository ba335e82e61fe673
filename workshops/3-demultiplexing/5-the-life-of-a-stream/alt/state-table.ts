import type { Connection, Fields, Frame, Given, Handler, Options } from 'contract';
import { reader } from '../http1/bytes.ts';
import {
  behindPreface,
  ConnectionError,
  checkSettings,
  frame,
  frames,
  headers,
  headOf,
  replyFields,
  StreamError,
  settings,
  uint32,
  wholeBlocks,
  withoutPadding,
} from './frames.ts';

// RFC 9113 §5.1 as data: a state, an event, the next state. What the table does not hold is a fault.

type State = 'open' | 'half-closed (remote)' | 'half-closed (local)' | 'closed';
type Event = 'they end' | 'we end' | 'they send' | 'reset';

const NEXT: Record<State, Partial<Record<Event, State>>> = {
  open: {
    'they send': 'open',
    'they end': 'half-closed (remote)',
    'we end': 'half-closed (local)',
    reset: 'closed',
  },
  'half-closed (remote)': { 'we end': 'closed', reset: 'closed' },
  'half-closed (local)': { 'they send': 'half-closed (local)', 'they end': 'closed', reset: 'closed' },
  closed: {},
};

type Stream = {
  readonly id: number;
  state: State;
  /** How it was closed: frames that cross a reset are passed over, frames behind an end are not. */
  wasReset: boolean;
  body: ReadableStreamDefaultController<Uint8Array> | null;
  missing: number | null;
  stop: ((why: Error) => void) | null;
};

const isOver = ({ state }: Stream): boolean => state === 'closed';

export async function serve(
  connection: Connection,
  handler: Handler,
  given: Given,
  { signal, maxStreams = 128 }: Options = {},
): Promise<void> {
  const source = reader(connection.readable);
  const sink = connection.writable.getWriter();
  const hpack = given.hpack();
  /** Closed ones stay for a while, oldest first. */
  const streams = new Map<number, Stream>();
  let chain: Promise<void> = Promise.resolve();
  let highest = 0;
  let lastHandled = 0;
  let accepts = true;
  let leaves = false;

  const say = (bytes: Uint8Array): Promise<void> => {
    chain = chain.then(() => sink.write(bytes)).catch(() => {});
    return chain;
  };
  const open = (): Stream[] => [...streams.values()].filter(({ state }) => state !== 'closed');
  const goodbye = (code: number): void => {
    accepts = false;
    void say(frame(7, 0, 0, uint32(lastHandled, code)));
  };
  const leave = () => {
    leaves = true;
    if (open().length === 0) source.cancel().catch(() => {});
  };

  function happen(stream: Stream, event: Event): void {
    const next = NEXT[stream.state][event];
    if (next === undefined) throw new StreamError(stream.id, 5, `${event} in state ${stream.state}`);
    stream.state = next;
    if (event === 'they end') {
      stream.body?.close();
      stream.body = null;
    }
    if (event === 'reset') {
      const why = new Error('the stream was reset');
      stream.wasReset = true;
      stream.body?.error(why);
      stream.body = null;
      stream.stop?.(why);
    }
    if (next !== 'closed') return;
    for (const old of [...streams.values()].slice(0, -1000)) if (old.state === 'closed') streams.delete(old.id);
    if (leaves) leave();
  }

  function reset(id: number, code: number): void {
    void say(frame(3, 0, id, uint32(code)));
    const stream = streams.get(id) ?? remember(id);
    if (stream.state !== 'closed') happen(stream, 'reset');
    stream.wasReset = true;
  }

  function remember(id: number): Stream {
    const stream: Stream = { id, state: 'closed', wasReset: true, body: null, missing: null, stop: null };
    streams.set(id, stream);
    return stream;
  }

  function theyEnd(stream: Stream): void {
    if (stream.missing !== null && stream.missing !== 0) throw new StreamError(stream.id, 1, 'wrong length');
    happen(stream, 'they end');
  }

  async function answer(stream: Stream, fields: ReturnType<typeof headOf>, body: ReadableStream<Uint8Array>) {
    const response = await Promise.resolve({ ...fields, body })
      .then(handler)
      .catch(() => new Response(null, { status: 500 }));
    if (isOver(stream)) return void response.body?.cancel().catch(() => {});
    const isEmpty = response.body === null || fields.method === 'HEAD';
    void say(headers(stream.id, isEmpty ? 1 : 0, hpack.encode(replyFields(response))));
    const pieces = response.body?.getReader();
    stream.stop = (why) => void pieces?.cancel(why).catch(() => {});
    if (isEmpty) pieces?.cancel().catch(() => {});
    while (!isEmpty) {
      const next = await pieces?.read();
      if (isOver(stream)) return;
      if (next?.value === undefined) break;
      for (let rest = next.value; rest.length > 0 && !stream.wasReset; rest = rest.subarray(16_384))
        await say(frame(0, 0, stream.id, rest.subarray(0, 16_384)));
    }
    if (stream.wasReset) return;
    if (!isEmpty) void say(frame(0, 1, stream.id));
    happen(stream, 'we end');
    if (stream.state === 'half-closed (local)') reset(stream.id, 0);
  }

  function begin(id: number, ends: boolean, lines: Fields): void {
    if (id % 2 === 0) throw new ConnectionError(1, 'an even id');
    highest = id;
    if (!accepts) return void remember(id);
    if (open().length >= maxStreams) throw new StreamError(id, 7, 'too many');
    const head = headOf(id, lines);
    const length = head.headers.get('content-length');
    const stream: Stream = { ...remember(id), state: 'open', wasReset: false };
    stream.missing = length === null ? null : Number(length);
    streams.set(id, stream);
    lastHandled = id;
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        stream.body = controller;
      },
      cancel() {
        stream.body = null;
      },
    });
    if (ends) theyEnd(stream);
    answer(stream, head, body).catch(() => {
      if (stream.state !== 'closed') reset(id, 2);
    });
  }

  function take(it: Frame) {
    const { type, flags, streamId: id } = it;
    if (id === 0) {
      if (type === 4 && !(flags & 1)) {
        checkSettings(it);
        void say(frame(4, 1, 0));
      }
      if (type === 6 && !(flags & 1)) void say(frame(6, 1, 0, it.payload));
      if (type === 7) leave();
      return;
    }
    let lines: Fields = [];
    try {
      if (type === 1) lines = hpack.decode(it.payload);
    } catch {
      throw new ConnectionError(9, 'a broken block');
    }
    const stream = streams.get(id);
    const isIdle = id > highest || id % 2 === 0;
    if (isIdle && type === 1) return begin(id, (flags & 1) !== 0, lines);
    if (isIdle && (type === 0 || type === 3 || type === 8)) throw new ConnectionError(1, 'an idle stream');
    if (type === 1 && stream === undefined) throw new ConnectionError(1, 'passed over');
    if (stream === undefined || (stream.wasReset && stream.state === 'closed')) return;
    if (type === 3 && stream.state !== 'closed') happen(stream, 'reset');
    if (type === 0) {
      const bytes = withoutPadding(it);
      if (stream.state === 'closed') throw new ConnectionError(5, 'behind the end');
      happen(stream, 'they send');
      if (stream.missing !== null) stream.missing -= bytes.length;
      if (stream.missing !== null && stream.missing < 0) throw new StreamError(id, 1, 'too long');
      if (bytes.length > 0) stream.body?.enqueue(bytes);
    }
    if (type === 1 && stream.state === 'closed') throw new ConnectionError(1, 'used twice');
    if (type === 1 && !(flags & 1)) throw new StreamError(id, 1, 'trailers without an end');
    if ((type === 0 || type === 1) && flags & 1) theyEnd(stream);
  }

  const stop = (): void => {
    goodbye(0);
    leave();
  };
  void say(settings([3, maxStreams]));
  if (signal?.aborted) stop();
  signal?.addEventListener('abort', stop);
  try {
    for await (const it of wholeBlocks(frames(await behindPreface(source)))) {
      try {
        take(it);
      } catch (error) {
        if (!(error instanceof StreamError)) throw error;
        reset(error.streamId, error.code);
      }
    }
  } catch (error) {
    if (error instanceof ConnectionError) goodbye(error.code);
  }
  signal?.removeEventListener('abort', stop);
  for (const stream of open()) happen(stream, 'reset');
  await chain;
  await sink.close().catch(() => {});
  await source.cancel().catch(() => {});
}
