/** What runs in the page when Chromium judges an HTTP/2 client. The page loads this very file, with its types taken out. */
import { GIVE_UP, type PageAnswer, type PageError, type PageResult } from './client-page.ts';
import { connectionOver } from './web-socket-connection.ts';

/** `file`: where the learner’s file is served; `hpack`: where the given coder is. */
export type Http2PageTask = {
  readonly file: string;
  readonly name: string;
  readonly hpack: string;
  readonly socket: string;
  readonly origin: string;
  readonly requests: { request: string; body: number[] | null }[];
};

type Ask = (request: object) => Promise<Response>;

/** Runs in the page: connects once, asks for everything at once, and reads each body to its end. */
export async function askOverHttp2(task: Http2PageTask): Promise<PageResult> {
  const told = (error: unknown): PageError =>
    error instanceof Error
      ? { name: error.name, message: error.message, stack: error.stack ?? '' }
      : { name: 'Error', message: String(error), stack: '' };
  Reflect.deleteProperty(ReadableStream, 'from');
  // The judge says when: it sees whether anything still moves, which here nobody does.
  const late = new Promise<{ waits: true }>((resolve) => {
    Object.assign(globalThis, { [GIVE_UP]: () => resolve({ waits: true }) });
  });
  let learner: Record<string, unknown>;
  try {
    const loaded = await Promise.race([import(task.file), late]);
    if ('waits' in loaded && loaded.waits === true) return { waits: 'to load' };
    learner = loaded;
  } catch (error) {
    return { load: told(error) };
  }
  const connect = learner[task.name];
  if (typeof connect !== 'function') return { missing: task.name };
  const { makeHpack } = await import(task.hpack);
  const one = async (ask: Ask, { request, body }: Http2PageTask['requests'][number]): Promise<PageAnswer> => {
    try {
      const [method, target] = request.split(' ');
      const more = body === null ? {} : { body: Uint8Array.from(body) };
      const response = await ask({ origin: task.origin, method, target, headers: new Headers(), ...more });
      const bytes = new Uint8Array(await response.arrayBuffer());
      return { status: response.status, body: Array.from(bytes, (byte) => String.fromCharCode(byte)).join('') };
    } catch (error) {
      return { error: told(error) };
    }
  };
  try {
    const ask = await Promise.race([connect(await connectionOver(task.socket), { hpack: makeHpack }), late]);
    if (typeof ask !== 'function') return { answers: task.requests.map(() => ({ waits: true })) };
    // All in one turn: the streams are for that.
    const asked = task.requests.map((request) => one(ask as Ask, request));
    return { answers: await Promise.all(asked.map((answer) => Promise.race([answer, late]))) };
  } catch (error) {
    return { answers: task.requests.map(() => ({ error: told(error) })) };
  }
}
