import type { Exchange, HttpProtocol, KeptRequestField, KeptResponseField } from '../model.ts';
import type { RequestState } from './state.ts';

const REQUEST: readonly KeptRequestField[] = [
  'connection',
  'origin',
  'sec-fetch-mode',
  'sec-fetch-dest',
  'early-data',
  'upgrade',
];
const RESPONSE: readonly KeptResponseField[] = [
  'connection',
  'keep-alive',
  'alt-svc',
  'content-length',
  'transfer-encoding',
  'server',
  'server-timing',
  'strict-transport-security',
  'access-control-allow-origin',
];

type Fields = Pick<Exchange, 'requestFields' | 'responseFields' | 'credentials'>;

/** What the header lines of a request and its response tell: `HTTP/1.1 200 OK` first, then `name: value`. */
export function exchangeFields({ requestHeaders, responseHeaders }: RequestState): {
  fields: Fields;
  status: number;
  protocol: HttpProtocol | null;
} {
  const sent = namesOf(requestHeaders);
  const came = namesOf(responseHeaders);
  const first = responseHeaders[0] ?? '';
  const status = Number(/^HTTP\/[\d.]+ (\d{3})/.exec(first)?.[1] ?? came.get(':status') ?? 0);
  const pseudo = sent.has(':path') || came.has(':status');
  const isOld = /^HTTP\/1\.0 /.test(first);
  return {
    fields: {
      requestFields: kept(sent, REQUEST),
      responseFields: kept(came, RESPONSE),
      credentials: sent.size === 0 ? null : sent.has('cookie') || sent.has('authorization'),
    },
    status: Number.isInteger(status) ? status : 0,
    // Chromium writes HTTP/1.1 for every version here; only the old one means what it says.
    protocol: pseudo || first === '' ? null : isOld ? 'http/1.0' : null,
  };
}

function namesOf(lines: readonly string[]): Map<string, string> {
  const fields = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(':', 1);
    if (colon > 0) fields.set(line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim());
  }
  return fields;
}

function kept<Name extends string>(
  fields: ReadonlyMap<string, string>,
  names: readonly Name[],
): Partial<Record<Name, string>> {
  const found: Partial<Record<Name, string>> = {};
  for (const name of names) {
    const value = fields.get(name);
    if (value !== undefined) found[name] = value.slice(0, 1_000);
  }
  return found;
}
