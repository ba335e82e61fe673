/** A fetch as the page makes it: what it is told, what it does, what it tells. */
import type { BrowserStep, Bytes } from '../exercise.ts';
import { bytesOf, latin1 } from '../raw/bytes.ts';

export type FetchStep = Omit<Extract<BrowserStep, { do: 'fetch' }>, 'do'>;

/** Bytes for a page to make: one character a byte, so many times. Megabytes are slow to bring there. */
type PageBody = { readonly once: string; readonly times: number };

/** Plain data, for the page. `want`: one character a byte. */
export type PageFetched = {
  readonly request: string;
  readonly method: string;
  readonly path: string;
  readonly fields: [string, string][];
  readonly body: PageBody | null;
  readonly want: { readonly status?: number; readonly body?: string };
};
export type PageGot = { status: number; body: string } | { error: string };

export function pageFetch({ method, path, fields = [], body, expect }: FetchStep): PageFetched {
  return {
    request: `${method} ${path}`,
    method,
    path,
    fields: fields.map(([name, value]) => [name, value]),
    body: body === undefined ? null : pageBody(body),
    want: {
      ...(expect.status === undefined ? {} : { status: expect.status }),
      ...(expect.body === undefined ? {} : { body: latin1(bytesOf(expect.body)) }),
    },
  };
}

function pageBody(bytes: Bytes): PageBody {
  if (typeof bytes === 'object' && 'repeat' in bytes)
    return { once: latin1(bytesOf(bytes.repeat)), times: bytes.times };
  return { once: latin1(bytesOf(bytes)), times: 1 };
}

/** Runs in the page: one after another, up to the first that is not as it should be. Bytes travel as one character each. */
export async function fetchInPage(row: readonly PageFetched[]): Promise<PageGot[]> {
  const all: PageGot[] = [];
  for (const { method, path, fields, body, want } of row) {
    try {
      const once = Uint8Array.from(body?.once ?? '', (character) => character.charCodeAt(0));
      const sent = new Uint8Array(once.length * (body?.times ?? 0));
      for (let at = 0; at < sent.length; at += once.length) sent.set(once, at);
      // A Blob: of an array, DevTools copies every byte to whoever listens, seconds for an upload of megabytes.
      const init = {
        method,
        headers: fields,
        cache: 'no-store' as const,
        body: body === null ? null : new Blob([sent]),
      };
      const response = await fetch(path, init);
      const bytes = new Uint8Array(await response.arrayBuffer());
      let text = '';
      for (const byte of bytes) text += String.fromCharCode(byte);
      all.push({ status: response.status, body: text });
      if ((want.status ?? response.status) !== response.status || (want.body ?? text) !== text) break;
    } catch (error) {
      all.push({ error: String(error) });
      break;
    }
  }
  return all;
}
