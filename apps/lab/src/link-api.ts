import { type Link, type LinkCounts, type LinkRules, type LinkSettings, PERFECT } from '@interleave/transport/quic';
import type { Listener } from './listeners.ts';

/** What happens to the datagrams of a listener's HTTP/3. */
export interface LinkState {
  readonly v: 1;
  readonly listener: string;
  readonly settings: LinkSettings;
  /** Since the settings were made, over all addresses of the listener. */
  readonly counts: { readonly inbound: LinkCounts; readonly outbound: LinkCounts };
}

/** More than this, and the visitor might not get through to undo it. */
const MOST = 0.5;
const LONGEST = 2_000;

/** The state of a listener's links, or why it has none. */
export function linkState(listener: Listener): LinkState | { readonly error: string } {
  const [first] = listener.links;
  if (first === undefined) return { error: whyNoLink(listener) };
  const sum = (direction: 'inbound' | 'outbound'): LinkCounts =>
    listener.links.map((link: Link) => link[direction].counts).reduce(add);
  return {
    v: 1,
    listener: listener.plan.id,
    settings: first.settings,
    counts: { inbound: sum('inbound'), outbound: sum('outbound') },
  };
}

/**
 * Settings from JSON, such as `{"seed": 7, "outbound": {"drop": 0.02}}`: what is left out is perfect, and `{}` makes all of it so.
 *
 * @throws {RangeError} naming the member and what it may be.
 */
export function linkSettings(body: unknown): LinkSettings {
  const { seed = 1, inbound, outbound } = members(body, 'The body', ['seed', 'inbound', 'outbound']);
  if (typeof seed !== 'number' || !Number.isInteger(seed)) throw new RangeError('seed is a whole number.');
  return { seed, inbound: rules(inbound, 'inbound'), outbound: rules(outbound, 'outbound') };
}

function rules(value: unknown, name: string): LinkRules {
  const known = ['drop', 'reorder', 'delay', 'jitter', 'dropOnce'];
  const given = members(value ?? {}, name, known);
  const number = (member: string, most: number): number => {
    const found = given[member] ?? 0;
    if (typeof found === 'number' && found >= 0 && found <= most) return found;
    throw new RangeError(`${name}.${member} is a number from 0 to ${most}.`);
  };
  return {
    ...PERFECT,
    drop: number('drop', MOST),
    reorder: number('reorder', MOST),
    delay: number('delay', LONGEST),
    jitter: number('jitter', LONGEST),
    dropOnce: given.dropOnce === undefined || given.dropOnce === null ? null : once(given.dropOnce, `${name}.dropOnce`),
  };
}

function once(value: unknown, name: string): { after: number; minBytes: number } {
  const { after = 0, minBytes = 0 } = members(value, name, ['after', 'minBytes']);
  for (const found of [after, minBytes]) {
    if (typeof found === 'number' && Number.isInteger(found) && found >= 0) continue;
    throw new RangeError(`${name} takes after and minBytes, both whole numbers from 0.`);
  }
  return { after: after as number, minBytes: minBytes as number };
}

function members(value: unknown, name: string, known: readonly string[]): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new RangeError(`${name} is an object with some of ${known.join(', ')}.`);
  }
  const unknown = Object.keys(value).find((key) => !known.includes(key));
  if (unknown === undefined) return value as Record<string, unknown>;
  throw new RangeError(`${name} has no member ${unknown.slice(0, 40)}: it takes ${known.join(', ')}.`);
}

function whyNoLink({ plan, quic }: Listener): string {
  if (quic?.on === false) return `HTTP/3 is off. ${quic.reason}`;
  return `Listener ${plan.id} has no HTTP/3: datagrams can be lost on altSvc and h3 alone.`;
}

function add(a: LinkCounts, b: LinkCounts): LinkCounts {
  return {
    passed: a.passed + b.passed,
    dropped: a.dropped + b.dropped,
    reordered: a.reordered + b.reordered,
    delayed: a.delayed + b.delayed,
  };
}
