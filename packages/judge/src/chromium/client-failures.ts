/** Says what went wrong with a client in a page: what it sent on its WebSockets, what it got, how many there were. */
import type { BrowserCheck } from '../exercise.ts';
import { latin1, readable } from '../raw/bytes.ts';
import { count } from '../raw/steps.ts';
import type { Excerpt, Failure } from '../result.ts';
import type { Carrier } from './client-server.ts';

/** Bytes that are no request, or a request that no rule of the check knows; null where all is well. */
export function foreignRequest(check: BrowserCheck, carriers: readonly Carrier[]): Failure | null {
  for (const { id, received, fault, unknown } of carriers) {
    if (fault !== null)
      return {
        ...make(check, fault.kind, `What the page wrote on ${id} is no request: ${fault.message}.`),
        received: excerpt(id, received, { at: fault.at, text: 'cannot be read from here' }),
        expected: 'a request: its line, its fields, an empty line, its body',
        spec: fault.spec,
      };
    if (unknown !== null)
      return {
        ...make(check, 'wrong bytes', `The page sent ${readable(unknown.request, 40)}, and nobody asked for that.`),
        received: excerpt(id, received, { at: unknown.from, text: 'nobody asked for this' }),
        expected: 'method and target as they were asked for',
      };
  }
  return null;
}

export function otherSockets(check: BrowserCheck, want: number, got: number, carriers: readonly Carrier[]): Failure {
  // What carries nothing may not have arrived yet: how many there are, Chromium knows.
  const used = carriers.filter(({ requests }) => requests.length > 0);
  const idle = got - used.length;
  const story = [
    ...used.map(({ id, requests }) => `${id}: ${requests.map(({ request }) => request).join(', ')}`),
    ...(idle > 0 ? [`${idle} carried nothing`] : []),
  ];
  const shown = story.length <= 4 ? story.join('; ') : `${story.slice(0, 3).join('; ')}; and ${story.length - 3} more`;
  return {
    ...make(check, 'wrong connection', `Chromium opened ${count(got, 'socket')} for the client, not ${want}.`),
    facts: [shown],
    expected: count(want, 'socket'),
  };
}

export function stillWaiting(
  check: BrowserCheck,
  request: string,
  seconds: number,
  carriers: readonly Carrier[],
): Failure {
  const carrier = carriers.find(({ requests }) => requests.some((r) => r.request === request));
  return {
    ...make(
      check,
      carrier === undefined ? 'silent' : 'never settled',
      `${request} still waits in the page, after ${seconds} s.`,
    ),
    facts: [carrier === undefined ? 'it was never sent' : `it was sent on ${carrier.id}, and answered there`],
    expected: `an answer to ${request}`,
  };
}

export function otherAnswer(
  check: BrowserCheck,
  request: string,
  got: { readonly status: number; readonly body: string },
  want: { readonly status: number; readonly body: string },
  carriers: readonly Carrier[],
): Failure {
  const carrier = carriers.find(({ requests }) => requests.some((r) => r.request === request));
  const isStatus = got.status !== want.status;
  const headline = isStatus
    ? `${request} got status ${got.status} in the page, not ${want.status}.`
    : `${request} got "${readable(got.body, 40)}" in the page.`;
  return {
    ...make(check, 'wrong bytes', headline),
    ...(carrier === undefined ? {} : { facts: [`it was sent on ${carrier.id}`] }),
    expected: isStatus ? `status ${want.status}` : `${count(want.body.length)}: "${readable(want.body, 40)}"`,
  };
}

function make(check: BrowserCheck, cause: Failure['cause'], headline: string): Failure {
  return { cause, headline, spec: check.spec, idea: check.idea, at: [] };
}

function excerpt(connection: string, bytes: Uint8Array, caret: { at: number; text: string }): Excerpt {
  const from = Math.max(0, caret.at - 600);
  return {
    connection,
    bytes: latin1(bytes.subarray(from, from + 1200)),
    from,
    total: bytes.length,
    borders: [],
    caret,
  };
}
