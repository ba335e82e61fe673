/** What runs in the page when Chromium judges a client. The page loads this very file, with its types taken out. */
import { connectionOver } from './web-socket-connection.ts';

/** Calling this name in the page ends all waiting. */
export const GIVE_UP = 'interleaveGiveUp';

/** `file`: where the learner’s file is served. */
export type PageTask = {
  readonly file: string;
  readonly name: string;
  readonly socket: string;
  readonly origin: string;
  readonly limit: number | null;
  readonly requests: { request: string; body: number[] | null }[];
};
export type PageError = { readonly name: string; readonly message: string; readonly stack: string };
/** What came of one request, in the page. `body`: one character a byte. */
export type PageAnswer =
  | { readonly status: number; readonly body: string }
  | { readonly error: PageError }
  | { readonly waits: true };
export type PageResult =
  | { readonly load: PageError }
  | { readonly missing: string }
  | { readonly waits: 'to load' }
  | { readonly answers: readonly PageAnswer[] };

/** Runs in the page: loads the client, asks for everything at once, and reads each body to its end. */
export async function askInPage(task: PageTask): Promise<PageResult> {
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
  const make = learner[task.name];
  if (typeof make !== 'function') return { missing: task.name };
  const dial = (): unknown => connectionOver(task.socket);
  const ask = async (
    client: (request: object) => Promise<Response>,
    { request, body }: (typeof task.requests)[number],
  ): Promise<PageAnswer> => {
    try {
      const [method, target] = request.split(' ');
      const more = body === null ? {} : { body: Uint8Array.from(body) };
      const response = await client({ origin: task.origin, method, target, headers: new Headers(), ...more });
      const bytes = new Uint8Array(await response.arrayBuffer());
      return { status: response.status, body: Array.from(bytes, (byte) => String.fromCharCode(byte)).join('') };
    } catch (error) {
      return { error: told(error) };
    }
  };
  try {
    const client = task.limit === null ? make(dial) : make(dial, task.limit);
    // All in one turn, so that the client has to choose.
    const asked = task.requests.map((request) => ask(client, request));
    return { answers: await Promise.all(asked.map((answer) => Promise.race([answer, late]))) };
  } catch (error) {
    return { answers: task.requests.map(() => ({ error: told(error) })) };
  }
}
