/**
 * What of a connection may be shown. A trace is made to be looked at and passed on, so credentials never leave, and a file that
 * is meant to be sent to somebody holds only values that tell of framing and of the connection, never of a person.
 */

/** `own`: for the visitor whose connection it is; credentials are masked. `share`: for a file; only harmless values stay. */
export type ValuePolicy = 'own' | 'share';

/** Fields whose values say who somebody is to a server. */
const CREDENTIALS: ReadonlySet<string> = new Set([
  'cookie',
  'set-cookie',
  'authorization',
  'proxy-authorization',
  'authentication-info',
  'proxy-authentication-info',
]);
/** Names that people give to secrets of their own, in fields and in queries. */
const SECRET_NAME = /auth(?!or)|authoriz|token|secret|passw|api-?_?key|session|signature|csrf|xsrf|credential/i;

/** Fields whose values tell of framing and of the connection, never of a person. */
const HARMLESS: ReadonlySet<string> = new Set([
  ':status',
  ':method',
  ':scheme',
  ':protocol',
  'accept-ranges',
  'age',
  'alt-svc',
  'cache-control',
  'connection',
  'content-encoding',
  'content-length',
  'content-type',
  'date',
  'early-data',
  'expect',
  'keep-alive',
  'priority',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'vary',
]);

/** Fields that hold an address, whose query can hold anything. */
const ADDRESSES: ReadonlySet<string> = new Set([':path', 'referer', 'location', 'content-location']);

/** The value of a field as it may be shown; null when it is masked as a whole. `whole`: it is what was sent. */
export function shownValue(
  name: string,
  value: string,
  policy: ValuePolicy,
): { readonly value: string | null; readonly whole: boolean } {
  const lower = name.toLowerCase();
  if (CREDENTIALS.has(lower) || SECRET_NAME.test(lower)) return MASKED;
  if (ADDRESSES.has(lower)) {
    if (policy === 'share' && lower !== ':path') return MASKED;
    const shown = shownTarget(value, policy);
    return { value: shown, whole: shown === value };
  }
  return policy === 'own' || HARMLESS.has(lower) ? { value, whole: true } : MASKED;
}

const MASKED = { value: null, whole: false } as const;

/** A path, target or start line: without its query where that goes to others, or names a secret. */
export function shownTarget(text: string, policy: ValuePolicy): string {
  const query = /\?[^ ]*/.exec(text)?.[0];
  if (query === undefined || (policy === 'own' && !SECRET_NAME.test(query))) return text;
  return text.replace(query, '?…');
}
