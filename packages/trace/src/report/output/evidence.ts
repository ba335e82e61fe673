import { duration, visibleText } from '../../look/text.ts';
import type { Report } from '../analyse.ts';
import { hostName } from '../facts.ts';
import type { Evidence, Finding } from '../finding.ts';
import { name, request } from '../rules/say.ts';

/** The places in the file that a finding rests on, one line each; at most `most` of each kind, then how many more. */
export function evidenceLines({ recording }: Report, evidence: Evidence, most = 5): string[] {
  const exchanges = evidence.exchanges.flatMap((index) => {
    const exchange = recording.exchanges[index];
    if (exchange === undefined) return [];
    const { blocked, connect } = exchange.timings;
    const times = [
      ...(exchange.start === null ? [] : [`at ${duration(exchange.start)}`]),
      ...(blocked !== null && blocked > 0 ? [`blocked ${duration(blocked)}`] : []),
      ...(connect !== null && connect > 0 ? [`connect ${duration(connect)}`] : []),
    ];
    const on = recording.connections[exchange.connection ?? -1];
    const where = on === undefined ? '' : ` on connection ${name(on.id, 20)}`;
    return [
      `${visibleText(exchange.place)}: ${request(exchange)}${where}${times.length > 0 ? `, ${times.join(', ')}` : ''}`,
    ];
  });
  const connections = evidence.connections.flatMap((index) => {
    const each = recording.connections[index];
    if (each === undefined) return [];
    const host = name(hostName({ ...each, scheme: each.scheme ?? 'https' }));
    return [
      `connection ${name(each.id, 20)} to ${host}: ${each.exchanges.length} of its exchanges are in the file (${each.sure})`,
    ];
  });
  const incidents = evidence.incidents.flatMap((index) => {
    const each = recording.incidents[index];
    if (each === undefined) return [];
    const reason = each.kind === 'socket-closed-by-pool' ? `, ${name(each.reason)}` : '';
    return [`${visibleText(each.event)} at ${duration(each.at)}${reason}`];
  });
  return [exchanges, connections, incidents].flatMap((lines) =>
    lines.length > most ? [...lines.slice(0, most), `and ${lines.length - most} more`] : lines,
  );
}

/** `inferred: why`. */
export function sureWords({ certainty, whySure }: Finding): string {
  return `${certainty}. ${whySure}`;
}

/** What this file can tell, as short lines. */
export function tellLines({ tells }: Report): string[] {
  const sources = tells.bySource.map(({ from, count }) => `${count} ${SOURCES[from] ?? from}`).join(', ');
  const known = tells.facts.map(({ fact, have, of }) => `${fact} ${have}/${of}`).join(' · ');
  return [
    `${tells.format}, written by ${tells.writer === null ? 'a program that does not say its name' : name(tells.writer)}${tells.complete ? '' : '; it ends in the middle'}`,
    `${tells.exchanges} entries${sources === '' ? '' : `: ${sources}`}`,
    `connections: ${CONNECTIONS[tells.connections]}`,
    `entries that have it: ${known}`,
    ...tells.warnings.map(
      ({ place, message, more }) =>
        `passed over at ${name(place, 100)}: ${name(message, 200)}${more ? ` (and ${more} more)` : ''}`,
    ),
  ];
}

const SOURCES: Readonly<Record<string, string>> = {
  network: 'over the network',
  cache: 'from a cache',
  'service-worker': 'from a service worker',
  push: 'pushed',
  failed: 'failed',
  'not-http': 'not HTTP',
};

const CONNECTIONS: Readonly<Record<Report['tells']['connections'], string>> = {
  measured: 'named by the file',
  inferred: 'inferred from handshakes and overlaps: a lower bound',
  mixed: 'some named by the file, some inferred',
  none: 'none can be told',
};

/** What helps where a file cannot answer. */
export const NETLOG_ADVICE: string =
  'A NetLog answers more: in Chromium, open chrome://net-export, or start it with --log-net-log=FILE.';

/** Rules with the same reason together, since the reason is what a reader can act on. */
export function silentGroups({ cannotTell }: Report): { readonly why: string; readonly rules: readonly string[] }[] {
  const groups = new Map<string, string[]>();
  for (const { why, rule } of cannotTell) groups.set(why, [...(groups.get(why) ?? []), rule]);
  return [...groups].map(([why, rules]) => ({ why, rules }));
}
