/** Says what went wrong in front of a browser: what it asked, what your code put on the wire, which connection, which line. */
import type { BrowserStep, Check } from '../exercise.ts';
import { bytesOf, latin1, readable } from '../raw/bytes.ts';
import { requestsIn } from '../raw/exchanges.ts';
import { count } from '../raw/steps.ts';
import type { Cause, CodePlace, Entry, Excerpt, Failure } from '../result.ts';
import { http2WireOf } from './http2-wire.ts';
import { blemishOf, type Carried } from './identity.ts';
import type { TcpReport } from './tcp-scene.ts';
import { list, row } from './words.ts';

const WINDOW = 1200;
/** Connections that are told one by one. */
const ROWS = 6;

/**
 * Whose turn it is: the network's, while nobody knows this request; the browser's, while it sends the rest of its body or
 * has the whole reply before it; else the server's.
 */
export function turnOf(request: string, report: TcpReport): 'network' | 'server' | 'browser' {
  const same = report.connections.flatMap((connection) => connection.exchanges.filter((it) => it.request === request));
  const last = same.at(-1);
  if (last === undefined) return report.calls.some((call) => call.request === request) ? 'browser' : 'network';
  return last.last === null ? 'server' : 'browser';
}

/** Nothing came, or not all of it, in the time a check may take. */
export function noAnswer(check: Check, request: string, seconds: number, report: TcpReport): Failure {
  const wire = wireOf(request, report);
  const handled = report.calls.some((call) => call.request === request);
  const call = report.transcript.findLast((entry) => entry.what === 'gave' && entry.connection === wire.connection);
  const facts =
    wire.connection === null
      ? 'no connection has brought this request'
      : handled
        ? 'the handler was called for it'
        : call?.what === 'gave'
          ? `the last call that came back: ${call.call} ${call.outcome}`
          : 'the handler was not called for it';
  const waits = wire.connection === null ? null : (report.waits[wire.connection] ?? null);
  const cause: Cause = wire.got === '' ? 'silent' : 'incomplete';
  return make(check, cause, `Chromium still waits for the end of the reply to ${request}, after ${seconds} s.`, {
    ...wire.excerpts('nothing more came'),
    facts: [facts],
    expected: `a whole reply to ${request}`,
    at: [wire.place, handled ? null : waits].filter((place) => place !== null),
  });
}

/** Chromium gave the request up by itself. `why` is in words. */
export function brokenReply(check: Check, request: string, why: string, report: TcpReport): Failure {
  const wire = wireOf(request, report);
  const end = wire.connection === null ? null : (report.ends[wire.connection] ?? null);
  return make(
    check,
    wire.got === '' ? 'closed early' : 'incomplete',
    `Chromium got no whole reply to ${request}: ${why}.`,
    {
      ...wire.excerpts('Chromium gave up here'),
      expected: `a whole reply to ${request}`,
      at: [end, wire.place].filter((place) => place !== null),
    },
  );
}

/** A reply came whole, with another status or body. */
export function otherReply(
  check: Check,
  request: string,
  got: { status: number; body: string },
  want: { status?: number; body?: string },
  report: TcpReport,
): Failure {
  const wire = wireOf(request, report);
  const wrongStatus = want.status !== undefined && want.status !== got.status;
  const headline = wrongStatus
    ? `Chromium got status ${got.status} for ${request}, not ${want.status}.`
    : `Chromium got "${readable(got.body, 40)}" for ${request}.`;
  const expected = wrongStatus
    ? `status ${want.status}`
    : `${count((want.body ?? '').length)}: "${readable(want.body ?? '', 40)}"`;
  return make(check, 'wrong bytes', headline, {
    ...wire.excerpts(null),
    expected,
    at: wire.place === null ? [] : [wire.place],
  });
}

/** An unused connection that nobody ended. */
export function stillOpen(check: Check, request: string, seconds: number, report: TcpReport): Failure {
  const wire = wireOf(request, report);
  const wait = wire.connection === null ? null : (report.waits[wire.connection] ?? null);
  const headline = `${seconds} s after ${request}, its connection is unused and still open.`;
  return make(check, 'never ended', headline, {
    ...wire.excerpts('the end of the connection is missing'),
    expected: 'the end of a connection that nobody uses',
    at: [wait, wire.place].filter((place) => place !== null),
  });
}

/** The page does not show what it should. */
export function otherPage(check: Check, path: string, text: string, report: TcpReport): Failure {
  const wire = wireOf(`GET ${path}`, report);
  return make(check, 'wrong bytes', `The page at ${path} does not show "${readable(text, 40)}".`, {
    ...wire.excerpts(null),
    expected: `a page with "${readable(text, 40)}"`,
    at: wire.place === null ? [] : [wire.place],
  });
}

/** Right answers, on the wrong connections: says who went where, and what made Chromium leave a connection. */
export function otherConnections(
  check: Check,
  step: Extract<BrowserStep, { do: 'expectConnections' }>,
  carried: readonly Carried[],
  report: TcpReport,
): Failure {
  const groups = new Map<string, string[]>();
  for (const { request, server, chromium } of carried) {
    const name = server ?? (chromium === null ? 'none' : `Chromium’s ${chromium}`);
    groups.set(name, [...(groups.get(name) ?? []), request]);
  }
  const rows = [...groups].map(([connection, requests]) => `${connection}: ${row(requests)}`);
  const where =
    rows.length <= ROWS ? rows.join('; ') : `${rows.slice(0, ROWS).join('; ')}; and ${rows.length - ROWS} more`;
  const first = carried[0]?.server ?? null;
  const isHttp1 = report.connections.every(({ protocol }) => protocol === undefined);
  const blemish = first === null || !isHttp1 ? null : blemishOf(first, report.transcript);
  const wire = first === null || !isHttp1 ? null : bytesFrom(first, report.transcript);
  const why =
    blemish === null
      ? []
      : blemish.extra > 0
        ? [
            `after the reply to ${blemish.after}, ${count(blemish.extra)} more came on ${first}: Chromium gives such a connection up`,
          ]
        : [`your code ended ${first} after the reply to ${blemish.after}`];
  // In HTTP/2 a second connection has a reason: the first one ended.
  const ended = isHttp1 ? [] : report.connections.filter((it) => it.ended?.by === 'learner').map(({ id }) => id);
  if (ended.length > 0) why.push(`your code ended ${list(ended)}`);
  const place =
    blemish === null || first === null
      ? null
      : blemish.extra > 0
        ? placeOfByte(first, blemish.at, report.transcript)
        : (report.ends[first] ?? null);
  const says =
    blemish === null
      ? undefined
      : { at: blemish.at, text: blemish.extra > 0 ? 'belongs to no reply' : 'the connection ends here' };
  return make(
    check,
    'wrong connection',
    groups.size === step.count && step.each !== undefined
      ? `Of ${step.count} connections, some carried fewer than ${step.each} of ${row(carried.map((c) => c.request))}.`
      : `${row(carried.map((c) => c.request))} travelled on ${count(groups.size, 'connection')}, not on ${step.count}.`,
    {
      ...(wire === null || first === null ? {} : { received: cut(first, wire, says) }),
      facts: [where, ...why],
      expected: `${step.count === 1 ? 'one connection' : `${step.count} connections`} for all of them`,
      at: place === null ? [] : [place],
    },
  );
}

export function otherCalls(
  check: Check,
  step: Extract<BrowserStep, { do: 'expectHandlerCalls' }>,
  report: TcpReport,
): Failure | null {
  const got = report.calls;
  const wanted = step.calls.map((call) => call.request);
  const at = got.findIndex((call, i) => call.request !== wanted[i]);
  const differs = at >= 0 || got.length !== wanted.length;
  if (differs) {
    const seen =
      got.length === 0 ? 'was not called' : `was called for ${list(got.map((call) => readable(call.request, 30)))}`;
    const place = got[at]?.place ?? null;
    return make(check, 'handler', `The handler ${seen}.`, {
      expected: `calls for ${list(wanted)}`,
      at: place === null ? [] : [place],
    });
  }
  for (const [i, call] of step.calls.entries()) {
    const body = got[i]?.body ?? '';
    if (call.body === undefined || latin1(bytesOf(call.body)) === body) continue;
    const want = latin1(bytesOf(call.body));
    const place = got[i]?.place ?? null;
    return make(check, 'handler', `The handler for ${call.request} got the body "${readable(body, 40)}".`, {
      expected: `${count(want.length)}: "${readable(want, 40)}"`,
      at: place === null ? [] : [place],
    });
  }
  return null;
}

function make(
  check: Check,
  cause: Cause,
  headline: string,
  more: Partial<Failure> & { at: readonly CodePlace[] },
): Failure {
  return { cause, headline, spec: check.spec, idea: check.idea, ...more };
}

type Wire = {
  readonly connection: string | null;
  /** What your code wrote since this request was complete. */
  readonly got: string;
  readonly place: CodePlace | null;
  excerpts(note: string | null): Pick<Failure, 'sent' | 'received'>;
};

/** The last time that this request was seen on a socket. */
function wireOf(request: string, report: TcpReport): Wire {
  for (const connection of [...report.connections].reverse()) {
    const { id } = connection;
    if (connection.protocol === 'h2') {
      const wire = http2WireOf(request, connection, report);
      if (wire === null) continue;
      return wire;
    }
    const own = report.transcript.filter((entry) => entry.connection === id && entry.what === 'bytes');
    const sent = textOf(own, 'judge');
    const found = requestsIn(sent).findLast((r) => r.request === request);
    if (found === undefined) continue;
    const whole = own.findIndex(
      (entry) => entry.what === 'bytes' && entry.by === 'judge' && found.to <= entry.from + entry.bytes.length,
    );
    const after = own.slice(whole + 1).filter((entry) => entry.by === 'learner');
    const got = textOf(after, 'learner');
    const all = textOf(own, 'learner');
    const from = all.length - got.length;
    const place =
      after.map((entry) => (entry.what === 'bytes' ? (entry.place ?? null) : null)).find((p) => p !== null) ?? null;
    return {
      connection: id,
      got,
      place,
      excerpts: (note) => ({
        sent: excerpt(id, sent.slice(found.from, found.to), found.from, sent.length),
        received: {
          ...excerpt(id, got, from, all.length),
          ...(note === null ? {} : { caret: { at: all.length, text: note } }),
        },
      }),
    };
  }
  return { connection: null, got: '', place: null, excerpts: () => ({}) };
}

function excerpt(connection: string, bytes: string, from: number, total: number): Excerpt {
  const shown = bytes.length > WINDOW ? bytes.slice(-WINDOW) : bytes;
  return { connection, bytes: shown, from: from + bytes.length - shown.length, total, borders: [] };
}

function cut(connection: string, all: string, caret: { at: number; text: string } | undefined): Excerpt {
  const from = caret === undefined ? 0 : Math.max(0, caret.at - WINDOW / 2);
  const shown = all.slice(from, from + WINDOW);
  return { connection, bytes: shown, from, total: all.length, borders: [], ...(caret === undefined ? {} : { caret }) };
}

function bytesFrom(connection: string, entries: readonly Entry[]): string {
  return textOf(
    entries.filter((entry) => entry.connection === connection),
    'learner',
  );
}

function textOf(entries: readonly Entry[], by: Entry['by']): string {
  return entries.map((entry) => (entry.what === 'bytes' && entry.by === by ? entry.bytes : '')).join('');
}

function placeOfByte(connection: string, at: number, entries: readonly Entry[]): CodePlace | null {
  for (const entry of entries) {
    if (entry.connection !== connection || entry.what !== 'bytes' || entry.by !== 'learner') continue;
    if (at >= entry.from && at < entry.from + entry.bytes.length) return entry.place ?? null;
  }
  return null;
}
