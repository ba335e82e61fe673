import { type ConnTiming, parseConn } from '@interleave/trace';
import type { Asked } from '../src/why/finding.ts';
import { entryOf, measure } from './timing.ts';

/** What to ask, where it is not the account of the request itself. */
export interface Question {
  readonly origin?: string;
  readonly path?: string;
  readonly method?: string;
  readonly body?: string;
  readonly credentials?: RequestCredentials;
  readonly signal?: AbortSignal;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Answer {
  readonly asked: Asked;
  readonly conn: ConnTiming | null;
  readonly status: number;
  readonly text: string;
  readonly entry: PerformanceResourceTiming | null;
}

/**
 * Fetches, and joins what the response says about its connection with what the browser measured. The request carries its own id in
 * `?r=`, by which the two are one.
 *
 * @throws when nothing comes back.
 */
export async function ask(question: Question = {}): Promise<Answer> {
  const { origin = location.origin, path = '/api/v1/request', method = 'GET', credentials, body, signal } = question;
  const id = freshId();
  const url = new URL(path, origin);
  url.searchParams.set('r', id);
  const response = await fetch(url, {
    method,
    cache: 'no-store',
    ...(body !== undefined && { body, headers: { 'content-type': 'application/json' } }),
    ...(credentials && { credentials }),
    ...(signal && { signal }),
  });
  const text = await response.text();
  const entry = await entryOf(url.href);
  const timing = entry ? measure(entry) : { phases: [], handshake: null };
  const conn = parseConn(response.headers.get('x-conn') ?? '');
  const asked: Asked = {
    id,
    label: `${method} ${url.pathname}`,
    origin,
    credentials: credentials !== 'omit',
    webSocket: false,
    connection: conn?.connection ?? null,
    protocol: conn?.protocol ?? null,
    nth: conn?.nth ?? null,
    streamId: conn?.streamId ?? null,
    resumed: conn?.resumed ?? null,
    ...timing,
    goodbye: false,
    leftOver: 0,
    arrivals: [],
  };
  return { asked, conn, status: response.status, text, entry };
}

/** An order to the lab, which is an exchange as any other. @throws with what the lab said when it refuses. */
export async function order(what: string, body?: object): Promise<Answer & { readonly said: unknown }> {
  const answer = await ask({ path: `/.lab/${what}`, method: 'POST', ...(body && { body: JSON.stringify(body) }) });
  const said: unknown = JSON.parse(answer.text);
  if (answer.status !== 200)
    throw new Error(String((said as { error?: unknown }).error ?? `the lab answered ${answer.status}`));
  return { ...answer, said };
}

export const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

export function freshId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(5)), (b) => b.toString(36).padStart(2, '0')).join('');
}
