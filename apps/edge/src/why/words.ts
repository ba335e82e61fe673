import { count, duration, type Protocol, protocolLook } from '@interleave/trace/look';
import { type Asked, type Finding, findingOf, isMultiplexed, type Standings } from './finding.ts';
import type { ReasonId } from './reasons.ts';

export type Letter = (connection: string) => string;

/** What came of a run, in one or two sentences, for the reason that it was to cause. */
export function runWords(all: readonly Asked[], standings: Standings, letter: Letter, wanted: ReasonId): string {
  const findings = all.map((_, index) => findingOf(all, index, standings));
  const named = all.flatMap((asked, index) => {
    const finding = findings[index];
    return finding === undefined || asked.connection === null
      ? []
      : [{ asked, finding, letter: letter(asked.connection) }];
  });
  if (named.length === 0) return 'No response named its connection, so nothing can be said about it here.';
  const caused = named.filter(({ finding }) => finding.kind === 'new' && finding.reason === wanted);
  const [first] = caused;
  if (first !== undefined && first.finding.kind === 'new') {
    const instead = first.finding.instead === null ? null : letter(first.finding.instead);
    return newWords(wanted, caused, instead, standings, all);
  }
  const lanes = new Set(named.map(({ asked }) => asked.connection));
  const last = named.at(-1);
  if (lanes.size === 1 && last !== undefined) return sameWords(wanted, last.letter, last.asked.protocol, all);
  const other = named.find(({ finding }) => finding.kind === 'new' && finding.reason !== 'first');
  const found = other?.finding.kind === 'new' ? other.finding.reason : 'unknown';
  return found === 'unknown'
    ? `${other?.letter ?? last?.letter} is another connection, and nobody here says why: your browser may have had it ready, or opened one more of its own accord.`
    : `It came out differently here. ${other?.letter} is new for another reason: ${SHORT[found]}.`;
}

interface Named {
  readonly asked: Asked;
  readonly finding: Finding;
  readonly letter: string;
}

function newWords(
  reason: ReasonId,
  caused: readonly Named[],
  instead: string | null,
  standings: Standings,
  all: readonly Asked[],
): string {
  const own = caused[0]?.letter ?? '?';
  const asked = caused[0]?.asked;
  const old = instead ?? 'none';
  switch (reason) {
    case 'first':
      return `${own} is new: ${hostOf(asked)} had never been asked. The second request found ${own} open and opened nothing.`;
    case 'idle': {
      const idle =
        standings.get(all.find(({ connection }) => connection !== asked?.connection)?.connection ?? '')?.idleMs ?? null;
      return `${own} is new: ${old} carried nothing for ${idle === null ? 'too long' : duration(idle)}, and the server ended it as idle.`;
    }
    case 'goodbye':
      return `${own} is new: with its last response on ${old} the server said that it ends it, with ${isMultiplexed(asked?.protocol ?? null) ? 'GOAWAY' : 'Connection: close'}.`;
    case 'six': {
      const lanes = new Set(all.map(({ connection }) => connection)).size;
      const waited = all.filter(
        ({ phases }) => phases[0]?.phase === 'waiting' && phases[0].to - phases[0].from > 100,
      ).length;
      return `${count(all.length, 'request')} at once, ${count(lanes, 'connection')}: all that were open were busy, so ${caused.length} were opened. ${waited === 0 ? 'None waited' : waited === 1 ? 'One waited for a free one' : `${waited} waited for a free one`}.`;
    }
    case 'credentials':
      return `${own} is new, though ${old} was open to the same host and idle: ${old} carries your cookies, and this request must not.`;
    case 'origin':
      return `${own} is new, though ${old} leads to the same machine: ${hostOf(asked)} is another origin.`;
    case 'protocol':
      return `${own} is new: the response on ${old} said that HTTP/3 is there as well, and your browser went on with it, over QUIC.`;
    case 'died':
      return `One fetch, two requests: the first went out on ${old}, which ended without a reply, and your browser sent it again on ${own}. It did not ask you.`;
    case 'left-over':
      return `${own} is new: behind the response on ${old} came ${count(all.find(({ leftOver }) => leftOver > 0)?.leftOver ?? 0, 'byte')} that belong to none, so your browser gave ${old} up. The page saw nothing of it.`;
    case 'websocket':
      return `${own} is new: the WebSocket took it away from HTTP, while ${old} goes on with exchanges.`;
  }
}

function sameWords(wanted: ReasonId, letter: string, protocol: Protocol | null, all: readonly Asked[]): string {
  const asked = all.length;
  const extra = all.reduce((sum, { leftOver }) => sum + leftOver, 0);
  if (extra > 0)
    return `No new connection: your browser threw ${count(extra, 'byte')} away that belong to nothing, and used ${letter} again. Others give it up, since nobody can say what such bytes are.`;
  const name = protocol === null ? 'this protocol' : protocolLook(protocol).name;
  if (wanted === 'six' && isMultiplexed(protocol))
    return `No new connection: ${letter} carried all ${asked} at a time, each on a stream of its own. Busy is no reason in ${name}.`;
  if (wanted === 'websocket' && isMultiplexed(protocol))
    return `No new connection: the WebSocket is one stream of ${letter}, and exchanges go on beside it.`;
  if (wanted === 'protocol' && protocol === 'h3')
    return `No change to see: your browser went over HTTP/3 at once, on ${letter}. It has read Alt-Svc here before and remembers it for an hour; a private window has not.`;
  if (wanted === 'protocol')
    return `No new connection: your browser stayed with ${name} on ${letter}. It takes HTTP/3 only from a server whose certificate it trusts; \`npm run browser\` opens one that does.`;
  return `No new connection: ${letter} carried ${asked === 1 ? 'it' : `all ${asked}`}. Your browser does not separate these.`;
}

const SHORT: Readonly<Record<ReasonId, string>> = {
  first: 'nothing was open there',
  idle: 'the one before had been idle for too long',
  goodbye: 'the server had said that it ends the one before',
  six: 'all that were open were busy',
  credentials: 'the open one carries cookies',
  origin: 'the open one leads somewhere else',
  protocol: 'HTTP/3 takes another transport',
  died: 'the one before died as it was used',
  'left-over': 'bytes were left over on the one before',
  websocket: 'a WebSocket took it',
};

function hostOf(asked: Asked | undefined): string {
  return asked === undefined ? 'it' : new URL(asked.origin).host;
}
