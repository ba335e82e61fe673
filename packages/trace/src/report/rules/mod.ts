import { RULE_IDS, type Rule, type RuleId } from '../finding.ts';
import { credentialsSplit } from './credentials-split.ts';
import { fullHandshakeAgain } from './full-handshake-again.ts';
import { idleTooShort } from './idle-too-short.ts';
import { leftOverBytes } from './left-over-bytes.ts';
import { manyHostsOneServer } from './many-hosts-one-server.ts';
import { neverUsed } from './never-used.ts';
import { oneConnectionFull } from './one-connection-full.ts';
import { sentTwice } from './sent-twice.ts';
import { shortConnections } from './short-connections.ts';
import { sixLimit } from './six-limit.ts';

const BY_ID: Readonly<Record<RuleId, Rule>> = {
  'six-limit': sixLimit,
  'short-connections': shortConnections,
  'idle-too-short': idleTooShort,
  'left-over-bytes': leftOverBytes,
  'credentials-split': credentialsSplit,
  'never-used': neverUsed,
  'many-hosts-one-server': manyHostsOneServer,
  'full-handshake-again': fullHandshakeAgain,
  'one-connection-full': oneConnectionFull,
  'sent-twice': sentTwice,
};

/** All ten, in the order of the report's documentation. */
export const RULES: readonly Rule[] = RULE_IDS.map((id) => BY_ID[id]);

/** The rule of that name. */
export function ruleOf(id: RuleId): Rule {
  return BY_ID[id];
}
