import type { RequestRecord } from '@interleave/trace';
import type { Origins } from '../../src/origins.ts';
import type { Asked } from '../../src/why/finding.ts';
import { freshOrigin, otherOrigin, type ReasonId } from '../../src/why/reasons.ts';
import { ask, freshId, order, pause } from '../ask.ts';
import { epoch } from '../timing.ts';

/** How long the connection is to be silent, and how much longer the page waits for its end to arrive. */
const IDLE_MS = 1_500;
const GRACE_MS = 400;
const AT_ONCE = 7;
const HOLD_MS = 400;
/** A browser tries HTTP/3 on the side before it goes on with it. */
const MOST_TRIES = 6;
const BETWEEN_TRIES = 150;

/** What causes each reason, by requests of this very page. Each returns them in the order of sending. */
export const EXPERIMENTS: Readonly<Record<ReasonId, (origins: Origins) => Promise<Asked[]>>> = {
  async first() {
    const origin = freshOrigin(location.origin, `w${freshId()}`);
    return [(await ask({ origin })).asked, (await ask({ origin })).asked];
  },

  async idle() {
    await alone();
    const before = await ask();
    const silent = await order('idle', { ms: IDLE_MS });
    await pause(IDLE_MS + GRACE_MS);
    return [before.asked, silent.asked, (await ask()).asked];
  },

  async goodbye() {
    const before = await ask();
    const { asked } = await order('end-connections');
    return [before.asked, { ...asked, goodbye: true }, (await ask()).asked];
  },

  async six() {
    const tiles = Array.from({ length: AT_ONCE }, (_, n) => ask({ path: `/tile/${n}?hold=${HOLD_MS}` }));
    return (await Promise.all(tiles)).map(({ asked }) => asked);
  },

  async credentials() {
    const before = await ask();
    const without = await ask({ credentials: 'omit' });
    return [before.asked, without.asked, (await ask()).asked];
  },

  async origin(origins) {
    const before = await ask();
    return [before.asked, (await ask({ origin: otherOrigin({ here: location.origin, origins }) })).asked];
  },

  async protocol({ altSvc: origin = location.origin }) {
    const all: Asked[] = [];
    while (all.length < MOST_TRIES && all.at(-1)?.protocol !== 'h3') {
      if (all.length > 0) await pause(BETWEEN_TRIES);
      all.push((await ask({ origin })).asked);
    }
    return all;
  },

  async died() {
    await alone();
    const before = await ask();
    const { asked, said } = await order('cut');
    const { arrivals } = said as { arrivals: readonly { connection: string }[] };
    return [before.asked, { ...asked, arrivals: arrivals.map(({ connection }) => connection) }];
  },

  async 'left-over'() {
    await alone();
    const before = await ask();
    const { asked, said } = await order('left-over');
    return [before.asked, { ...asked, leftOver: (said as { sent: number }).sent }, (await ask()).asked];
  },

  async websocket() {
    const before = await ask();
    const socket = await openSocket();
    const after = await ask();
    socket.close();
    return [before.asked, socket.asked, after.asked];
  },
};

/** One connection at most is open to this listener afterwards, so that the next request has no other to go to. */
async function alone(): Promise<void> {
  await order('end-connections');
}

/** A WebSocket to this server; its first message names what carries it. */
async function openSocket(): Promise<{ asked: Asked; close: () => void }> {
  const url = new URL('/echo', location.href);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  const from = epoch(performance.now());
  const socket = new WebSocket(url);
  const hello = await new Promise<string>((resolve, reject) => {
    socket.addEventListener('message', ({ data }) => resolve(String(data)), { once: true });
    socket.addEventListener('error', () => reject(new Error('the WebSocket did not open')), { once: true });
  });
  const { facts, request } = (JSON.parse(hello) as { record: RequestRecord }).record;
  return {
    asked: {
      id: request.id,
      label: 'WebSocket /echo',
      origin: location.origin,
      credentials: true,
      webSocket: true,
      connection: facts.connectionId.value,
      protocol: facts.protocol.value,
      nth: facts.nth.value,
      streamId: facts.streamId.value,
      resumed: facts.resumed.value,
      phases: [{ phase: 'server', from, to: epoch(performance.now()) }],
      // No browser tells a page how long the handshake under a WebSocket took.
      handshake: null,
      goodbye: false,
      leftOver: 0,
      arrivals: [],
    },
    close: () => socket.close(1000),
  };
}
