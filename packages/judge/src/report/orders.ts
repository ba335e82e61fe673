/** What arrived and what was passed on, stream by stream: for the picture of a hole and of those who wait behind it. */
import type { CheckResult } from '../result.ts';

/** One thing that came. `step`: how many segments or packets had come before it, of all streams. */
export type Arrived = {
  readonly step: number;
  readonly from: number;
  readonly to: number;
  readonly packet: number | null;
};

export type Order = {
  /** `tcp`, `stream 3`. */
  readonly name: string;
  /** The farthest byte that came. */
  readonly total: number;
  readonly arrived: readonly Arrived[];
  /** How far everything was passed on, behind each arrival of any stream; one more entry than there are arrivals. */
  readonly passedOn: readonly number[];
  /** The arrivals during which bytes of it were here and could not go on: [from, to) steps, the longest such stretch. */
  readonly waited: { readonly from: number; readonly to: number } | null;
};

/** One entry for each stream; empty where nothing arrived in pieces. */
export function ordersOf({ transcript }: Pick<CheckResult, 'transcript'>): Order[] {
  const names: string[] = [];
  const arrivals: { name: string; step: number; from: number; to: number; packet: number | null }[] = [];
  let steps = 0;
  let open: number | null = null;
  const passed: { name: string; to: number; step: number }[] = [];
  for (const entry of transcript) {
    if (entry.what === 'arrived') {
      if (!names.includes(entry.connection)) names.push(entry.connection);
      // The frames of one packet arrive together.
      const packet = entry.packet ?? null;
      if (packet === null || packet !== open) steps += 1;
      open = packet;
      arrivals.push({ name: entry.connection, step: steps - 1, from: entry.from, to: entry.to, packet });
    } else open = null;
    if (entry.what === 'passed on') passed.push({ name: entry.connection, to: entry.to, step: steps });
  }
  // Streams of the same run stand in the order of their ids, not of their first bytes.
  names.sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  return names.map((name): Order => {
    const arrived = arrivals.filter((it) => it.name === name);
    const own = passed.filter((it) => it.name === name);
    const passedOn = Array.from({ length: steps + 1 }, (_, step) =>
      Math.max(0, ...own.filter((it) => it.step <= step).map((it) => it.to)),
    );
    return {
      name,
      total: Math.max(0, ...arrived.map((it) => it.to)),
      arrived: arrived.map(({ step, from, to, packet }) => ({ step, from, to, packet })),
      passedOn,
      waited: longestWait(arrived, passedOn),
    };
  });
}

/** `tcp: from arrival 2 to arrival 4 bytes were here and had to wait`; whoever did not wait is said to flow. */
export function orderTitle(orders: readonly Order[]): string {
  const waiting = orders.filter(({ waited }) => waited !== null).map(({ name }) => name);
  if (orders.length === 1) return waiting.length === 0 ? 'Nothing had to wait' : 'A hole held what followed it';
  if (waiting.length === 0) return 'No stream had to wait';
  const flowing = orders.length - waiting.length;
  const who = waiting.join(' and ');
  const said = `${who.charAt(0).toUpperCase()}${who.slice(1)} waited`;
  return flowing === 0 ? said : `${said}, ${flowing} ${flowing === 1 ? 'other' : 'others'} did not`;
}

/** Behind which arrivals more was here than could be passed on. */
function longestWait(arrived: readonly Arrived[], passedOn: readonly number[]): Order['waited'] {
  let best: { from: number; to: number } | null = null;
  let from: number | null = null;
  for (let step = 0; step <= passedOn.length; step++) {
    const isHere = arrived.some((it) => it.step < step && it.to > (passedOn[step] ?? Number.POSITIVE_INFINITY));
    if (isHere && from === null) from = step;
    if (!isHere && from !== null) {
      if (best === null || step - from > best.to - best.from) best = { from, to: step };
      from = null;
    }
  }
  return best;
}
