import { DEFAULT_PRIORITY, type Priority } from './priority.ts';

/**
 * The priority in a Priority field or a PRIORITY_UPDATE frame (RFC 9218 §4): a dictionary of structured fields (RFC 9651)
 * in which `u` is an integer from 0 to 7 and `i` a boolean. Members that are unknown, of another type or out of range are
 * ignored, as the RFC asks. Null when the text is not a dictionary.
 */
export function parsePriority(text: string): Priority | null {
  let { urgency, incremental } = DEFAULT_PRIORITY;
  const rest = text.trim();
  let at = 0;
  while (at < rest.length) {
    MEMBER.lastIndex = at;
    const member = MEMBER.exec(rest);
    if (member === null) return null;
    const [all, key, value] = member;
    at += all.length;
    if (key === 'u') urgency = value !== undefined && /^[0-7]$/.test(value) ? Number(value) : DEFAULT_PRIORITY.urgency;
    else if (key === 'i') incremental = value === undefined || value === '?1';
    if (at === rest.length) break;
    SEPARATOR.lastIndex = at;
    const comma = SEPARATOR.exec(rest);
    if (comma === null || at + comma[0].length === rest.length) return null;
    at += comma[0].length;
  }
  return { urgency, incremental };
}

/** The field value that says this priority; members with their default are left out. */
export function formatPriority({ urgency, incremental }: Priority): string {
  const members: string[] = [];
  if (urgency !== DEFAULT_PRIORITY.urgency) members.push(`u=${urgency}`);
  if (incremental) members.push('i');
  return members.join(', ');
}

// RFC 9651 §3 as expressions: each alternative starts with another character, so none backtracks into another.
const KEY = '[a-z*][a-z0-9_.*-]*';
const BARE = [
  '-?[0-9]{1,12}\\.[0-9]{1,3}',
  '-?[0-9]{1,15}',
  '"(?:[ !#-\\[\\]-~]|\\\\["\\\\])*"',
  "[A-Za-z*][!#$%&'*+.^_`|~0-9A-Za-z:/-]*",
  ':[A-Za-z0-9+/=]*:',
  '\\?[01]',
  '@-?[0-9]{1,15}',
  '%"[ !#-$&-~]*(?:%[0-9a-f]{2}[ !#-$&-~]*)*"',
].join('|');
const PARAMETERS = `(?:; *${KEY}(?:=(?:${BARE}))?)*`;
const INNER_LIST = `\\((?: *(?:${BARE})${PARAMETERS}(?= |\\)))* *\\)`;
const MEMBER = new RegExp(`(${KEY})(?:=(${INNER_LIST}|${BARE}))?${PARAMETERS}`, 'y');
const SEPARATOR = /[ \t]*,[ \t]*/y;
