/** From what happened on a connection to its exchanges: the bars of the timeline. Drawing only; no verdict rests on it. */
import type { Entry, ExchangeRecord } from '../result.ts';
import { Fault, parseReply, readChunked } from './replies.ts';

/** `entries` are those of one HTTP/1.1 connection. `asker`: who sends the requests. */
export function exchangesOf(entries: readonly Entry[], asker: Entry['by'] = 'judge'): ExchangeRecord[] {
  const sent = entries.filter((e) => e.what === 'bytes' && e.by === asker);
  const got = entries.filter((e) => e.what === 'bytes' && e.by !== asker);
  const requests = requestsIn(textOf(sent));
  const received = Uint8Array.from(textOf(got), (c) => c.charCodeAt(0));
  const ended = entries.some((e) => e.what === 'ended' && e.by !== asker);
  const handled = ticksOf(entries, 'request');
  const answered = ticksOf(entries, 'response');
  const exchanges: ExchangeRecord[] = [];
  let at = 0;
  for (const [i, { request, to }] of requests.entries()) {
    const n = i + 1;
    const parsed = parseReply(received, at, { method: request.split(' ')[0] ?? '', ended, lenient: true });
    const reply = parsed.kind === 'reply' ? parsed.reply : null;
    exchanges.push({
      n,
      request,
      asked: tickAt(sent, to - 1),
      handled: handled.get(n) ?? null,
      answered: answered.get(n) ?? null,
      first: received.length > at ? tickAt(got, at) : null,
      last: reply === null ? null : tickAt(got, reply.to - 1),
      status: reply?.status ?? null,
    });
    at = reply?.to ?? received.length;
  }
  return exchanges;
}

function textOf(entries: readonly Entry[]): string {
  return entries.map((e) => (e.what === 'bytes' ? e.bytes : '')).join('');
}

/** When each exchange was handled, or answered; the first time counts. */
function ticksOf(entries: readonly Entry[], what: 'request' | 'response'): Map<number, number> {
  const ticks = new Map<number, number>();
  for (const e of entries) if (e.what === what && !ticks.has(e.exchange)) ticks.set(e.exchange, e.tick);
  return ticks;
}

/** `entries` are bytes of one direction, so their offsets rise. */
function tickAt(entries: readonly Entry[], offset: number): number | null {
  let low = 0;
  for (let high = entries.length; low < high; ) {
    const middle = (low + high) >> 1;
    const e = entries[middle];
    if (e?.what === 'bytes' && e.from + e.bytes.length <= offset) low = middle + 1;
    else high = middle;
  }
  const found = entries[low];
  return found?.what === 'bytes' && offset >= found.from ? found.tick : null;
}

/** The judge's own requests: a head, and a body by Content-Length or in chunks. A head with both hides what is behind it: nobody asked for that. */
export function requestsIn(text: string): { request: string; from: number; to: number }[] {
  const requests: { request: string; from: number; to: number }[] = [];
  for (let from = 0; ; ) {
    const headEnd = text.indexOf('\r\n\r\n', from);
    if (headEnd < 0) return requests;
    const head = text.slice(from, headEnd);
    const to = bodyEnd(text, headEnd + 4, head);
    if (to === null || to > text.length) return requests;
    requests.push({ request: head.split(' ').slice(0, 2).join(' '), from, to });
    from = to;
  }
}

/** Where the body ends that begins at `from`; null when it is not whole. */
function bodyEnd(text: string, from: number, head: string): number | null {
  const length = /\r\ncontent-length:[ \t]*(\d+)/i.exec(head)?.[1];
  if (!/\r\ntransfer-encoding:/i.test(head)) return from + Number(length ?? 0);
  if (length !== undefined) return text.length;
  try {
    const bytes = Uint8Array.from(text.slice(from), (c) => c.charCodeAt(0));
    const end = readChunked(bytes, 0, (_framing, _body, to) => ({ kind: 'whole' as const, to }));
    return end.kind === 'whole' ? from + end.to : null;
  } catch (error) {
    if (error instanceof Fault) return null;
    throw error;
  }
}
