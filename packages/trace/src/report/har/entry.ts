import { addressOf, isHttp, targetOf } from '../address.ts';
import type { Exchange, KeptRequestField, KeptResponseField } from '../model.ts';
import { protocolOf } from '../protocol-name.ts';
import { bytesOf, dateOf, durationOf, type Json, listOf, numberOf, objectOf, textOf } from '../values.ts';
import type { Warnings } from '../warnings.ts';
import { timingsOf } from './timings.ts';

/** An entry of a HAR as the report needs it: an exchange whose times are still epoch milliseconds, and its connection's id. */
export interface HarEntry {
  readonly exchange: Omit<Exchange, 'index' | 'connection'>;
  /** `connection`, as text; null where there is none. */
  readonly connectionId: string | null;
}

const REQUEST_FIELDS: readonly KeptRequestField[] = [
  'connection',
  'origin',
  'sec-fetch-mode',
  'sec-fetch-dest',
  'early-data',
  'upgrade',
];
const RESPONSE_FIELDS: readonly KeptResponseField[] = [
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

/** Reads one entry; null, with a warning, when it holds no request. Bodies, cookies and authorisation are passed over here. */
export function readEntry(value: unknown, index: number, warnings: Warnings): HarEntry | null {
  const place = `log.entries[${index}]`;
  const entry = objectOf(value);
  const request = objectOf(entry?.['request']);
  const url = textOf(request?.['url']);
  if (entry === null || request === null || url === null || url === '') {
    warnings.add(place, 'An entry without a request was passed over.');
    return null;
  }
  const response = objectOf(entry['response']) ?? {};
  const target = targetOf(url);
  const start = dateOf(entry['startedDateTime'] ?? entry['startedDate']);
  if (start === null) warnings.add(`${place}.startedDateTime`, 'This is no date: the entry has no place in time.');
  const timings = timingsOf(objectOf(entry['timings']) ?? {}, numberOf(entry['time']));
  const status = statusOf(response);
  const requestHeaders = headersOf(request['headers']);
  const responseHeaders = headersOf(response['headers']);
  const failure = failureOf(entry, response, status);
  const length = durationOf(entry['time']) ?? 0;
  return {
    connectionId: textOf(entry['connection'] ?? entry['_connectionId'] ?? entry['_connection_id'])?.trim() || null,
    exchange: {
      place,
      page: textOf(entry['pageref']),
      method: (textOf(request['method']) ?? 'GET').slice(0, 40).toUpperCase(),
      ...target,
      resourceType: textOf(entry['_resourceType'])?.toLowerCase() ?? null,
      status,
      protocol:
        protocolOf(textOf(response['httpVersion'])) ??
        protocolOf(textOf(request['httpVersion'])) ??
        protocolOf(textOf(entry['_protocol'])),
      from: !isHttp(target.scheme) ? 'not-http' : answeredBy(entry, response, status, failure),
      failure,
      address: addressOf(textOf(entry['serverIPAddress'])),
      streamId: streamOf(entry),
      start,
      end: start === null ? null : start + Math.max(length, timings.total),
      timings: timings.phases,
      requestFields: kept(requestHeaders, REQUEST_FIELDS),
      responseFields: kept(responseHeaders, RESPONSE_FIELDS),
      credentials: credentialsOf(request, requestHeaders),
      requestBytes: sizeOf(request),
      responseBytes: bytesOf(response['_transferSize']) ?? sizeOf(response),
      redirect: textOf(response['redirectURL']) || null,
    },
  };
}

function statusOf(response: Json): number {
  const status = numberOf(response['status']);
  return status !== null && Number.isInteger(status) && status >= 100 && status <= 999 ? status : 0;
}

function failureOf(entry: Json, response: Json, status: number): string | null {
  const said = textOf(response['_error']) ?? textOf(response['_errorText']) ?? textOf(entry['_error']);
  if (said !== null && said !== '' && said !== '0') return said.slice(0, 200);
  return status === 0 ? 'no response' : null;
}

/** Who answered. Each writer says it in its own way; without a word it was the network. */
function answeredBy(entry: Json, response: Json, status: number, failure: string | null): Exchange['from'] {
  const fetched = textOf(response['_fetchType'] ?? entry['_fetchType'])?.toLowerCase() ?? '';
  if (response['_fetchedViaServiceWorker'] === true || fetched.includes('service worker')) return 'service-worker';
  const cached = entry['_fromCache'] ?? response['_fromCache'] ?? entry['_cached'] ?? response['fromCache'];
  if (cached === true || cached === 1 || cached === '1') return 'cache';
  if (typeof cached === 'string' && /disk|memory|prefetch|true/i.test(cached)) return 'cache';
  if (/cache/.test(fetched)) return 'cache';
  if (entry['_was_pushed'] === 1 || entry['_was_pushed'] === '1' || response['_wasPushed'] === true) return 'push';
  if (status === 0) return failure === 'no response' && isUntouched(entry) ? 'cache' : 'failed';
  return 'network';
}

/** Neither sent nor waited for: an entry that some writers make for what never left the browser. */
function isUntouched(entry: Json): boolean {
  const timings = objectOf(entry['timings']);
  if (timings === null || (numberOf(entry['time']) ?? 0) > 0) return false;
  return ['send', 'wait', 'receive', 'connect'].every((name) => (numberOf(timings[name]) ?? 0) <= 0);
}

type Headers = ReadonlyMap<string, string> | null;

/** Fields by lower-case name; null where the writer left them out. */
function headersOf(value: unknown): Headers {
  const headers = new Map<string, string>();
  const object = objectOf(value);
  const lines = object === null ? listOf(value) : Object.entries(object).map(([name, text]) => ({ name, value: text }));
  for (const line of lines) {
    const { name, value: text } = (objectOf(line) ?? {}) as { name?: unknown; value?: unknown };
    const lower = textOf(name)?.toLowerCase();
    if (lower !== undefined) headers.set(lower, textOf(text) ?? '');
  }
  return headers.size === 0 ? null : headers;
}

function kept<Name extends string>(headers: Headers, names: readonly Name[]): Partial<Record<Name, string>> {
  const fields: Partial<Record<Name, string>> = {};
  for (const name of names) {
    const value = headers?.get(name);
    if (value !== undefined) fields[name] = value.slice(0, 1_000);
  }
  return fields;
}

function credentialsOf(request: Json, headers: Headers): boolean | null {
  if (listOf(request['cookies']).length > 0) return true;
  if (headers === null) return null;
  return headers.has('cookie') || headers.has('authorization') || headers.has('proxy-authorization');
}

function sizeOf(message: Json): number | null {
  const head = bytesOf(message['headersSize']);
  const body = bytesOf(message['bodySize']);
  return head === null && body === null ? null : (head ?? 0) + (body ?? 0);
}

function streamOf(entry: Json): number | null {
  const id = numberOf(entry['_http2_stream_id'] ?? entry['_stream_id'] ?? entry['_http3_stream_id']);
  return id !== null && Number.isInteger(id) && id >= 0 ? id : null;
}
