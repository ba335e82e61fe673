import { parseConn, type RequestRecord } from '@interleave/trace';
import type { KindId, LivePlan } from '../../src/live/kinds.ts';
import { GIVEN_UP } from '../../src/live/words.ts';
import { freshId, pause } from '../ask.ts';
import { entryOf, epoch, type Measured, measure } from '../timing.ts';
import type { Teller } from './teller.ts';

const SLOW_MS = 2_000;
/** Long enough for the server to have seen that it began. */
const PATIENCE_MS = 500;
const SOCKET_MS = 1_500;

/** What a button does; gives the keys of its exchanges in the order of asking. */
export function press(kind: KindId, plan: LivePlan, teller: Teller, other: string | null): Promise<string[]> {
  const { hold, n } = plan;
  switch (kind) {
    case 'twelve':
      return Promise.all(Array.from({ length: n }, () => one(teller, { hold })));
    case 'one':
      return several(one(teller, { hold }));
    case 'slow':
      return several(one(teller, { drip: SLOW_MS, name: 'GET slow' }));
    case 'content':
      return several(
        one(teller, {
          hold,
          init: { method: 'POST', body: 'Something to carry.', headers: { 'content-type': 'text/plain' } },
        }),
      );
    case 'head':
      return several(one(teller, { hold, init: { method: 'HEAD' } }));
    case 'omit':
      return several(one(teller, { hold, init: { credentials: 'omit' } }));
    case 'other':
      return several(one(teller, { hold, origin: other ?? location.origin }));
    case 'cache':
      return twice(teller);
    case 'socket':
      return several(socket(teller));
    case 'abort':
      return several(givenUp(teller));
  }
}

async function several(key: Promise<string>): Promise<string[]> {
  return [await key];
}

interface Asking {
  readonly hold?: number;
  readonly drip?: number;
  readonly origin?: string;
  readonly name?: string;
  readonly init?: RequestInit;
  readonly signal?: AbortSignal;
}

/** One exchange, told from its beginning to its end. What fails is told as well, and thrown nowhere. */
async function one(
  teller: Teller,
  { hold = 0, drip = 0, origin = location.origin, name, init = {}, signal }: Asking,
): Promise<string> {
  const key = freshId();
  const url = new URL(`/asked/${key}`, origin);
  if (hold > 0) url.searchParams.set('hold', String(hold));
  if (drip > 0) url.searchParams.set('drip', String(drip));
  url.searchParams.set('r', key);
  const where = origin === location.origin ? '' : ` of ${url.host}`;
  teller.asked(key, `${name ?? `${init.method ?? 'GET'} /asked`}${where}`, url.pathname);
  try {
    const response = await fetch(url, { ...init, cache: 'no-store', ...(signal && { signal }) });
    teller.answered(key, parseConn(response.headers.get('x-conn') ?? ''), response.status);
    await response.text();
    teller.finished(key, await timingOf(url.href));
  } catch (error) {
    teller.failed(key, signal?.aborted ? GIVEN_UP : reason(error, origin));
  }
  return key;
}

function reason(error: unknown, origin: string): string {
  const said = (error instanceof Error ? error.message : String(error)).replace(/\.$/, '');
  return origin === location.origin
    ? said
    : `${said}. Your browser does not trust the lab’s certificate there; npm run browser opens one that does`;
}

async function timingOf(url: string): Promise<(Measured & { protocol: string | null }) | null> {
  const entry = await entryOf(url);
  return entry === null ? null : { ...measure(entry), protocol: entry.nextHopProtocol || null };
}

/** The same address twice: once past the cache, then as the cache has it. What its head says gives a stored answer away. */
async function twice(teller: Teller): Promise<string[]> {
  const keys: string[] = [];
  for (const cache of ['reload', 'force-cache'] as const) {
    const key = freshId();
    keys.push(key);
    const url = new URL('/kept', location.href).href;
    teller.asked(key, 'GET /kept', '/kept');
    performance.clearResourceTimings();
    try {
      const response = await fetch(url, { cache });
      teller.answered(key, parseConn(response.headers.get('x-conn') ?? ''), response.status);
      await response.text();
      teller.finished(key, await timingOf(url));
    } catch (error) {
      teller.failed(key, reason(error, location.origin));
    }
  }
  return keys;
}

/** A WebSocket that says one thing, stays for a moment, and goes. */
async function socket(teller: Teller): Promise<string> {
  const key = freshId();
  const url = new URL(`/echo?r=${key}`, location.href);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  teller.asked(key, 'WebSocket /echo', '/echo');
  const from = epoch(performance.now());
  const channel = new WebSocket(url);
  try {
    const hello = await new Promise<string>((resolve, reject) => {
      channel.addEventListener('message', ({ data }) => resolve(String(data)), { once: true });
      channel.addEventListener('error', () => reject(new Error(noSocket())), { once: true });
    });
    const { facts, request } = (JSON.parse(hello) as { record: RequestRecord }).record;
    teller.answered(
      key,
      {
        protocol: facts.protocol.value,
        connection: facts.connectionId.value,
        nth: facts.nth.value,
        streamId: facts.streamId.value,
        state: facts.nth.value === 1 ? 'new' : 'reused',
        resumed: facts.resumed.value,
        earlyData: facts.earlyData.value,
        ageMs: facts.ageMs.value,
        requestId: request.id,
      },
      null,
    );
    const opened = epoch(performance.now());
    channel.send('Hello.');
    await pause(SOCKET_MS);
    const phases = [
      { phase: 'server' as const, from, to: opened },
      { phase: 'response' as const, from: opened, to: epoch(performance.now()) },
    ];
    teller.finished(key, { phases, handshake: null, protocol: null });
  } catch (error) {
    teller.failed(key, reason(error, location.origin));
  }
  channel.close(1000);
  return key;
}

function noSocket(): string {
  const page = performance.getEntriesByType('navigation')[0];
  const isQuic = page instanceof PerformanceNavigationTiming && page.nextHopProtocol === 'h3';
  return `the WebSocket did not open${isQuic ? ': over HTTP/3 no browser opens one yet, and here may be nothing else' : ''}`;
}

/** Its head has come, so that it is known what carries it; then it is given up. */
async function givenUp(teller: Teller): Promise<string> {
  const stop = new AbortController();
  const exchange = one(teller, { drip: SLOW_MS, name: 'GET given up', signal: stop.signal });
  await pause(PATIENCE_MS);
  stop.abort();
  const key = await exchange;
  // The server hears of it a moment later.
  await pause(PATIENCE_MS / 2);
  return key;
}
