import { factsOf } from '../facts.ts';
import type { Finding, Rule } from '../finding.ts';
import type { Recording } from '../model.ts';

/** What one rule says of a recording: nothing where it cannot tell. */
export function findings(rule: Rule, recording: Recording): Finding[] {
  const facts = factsOf(recording);
  return rule.cannotTell(recording, facts) === null ? rule.find(recording, facts) : [];
}
