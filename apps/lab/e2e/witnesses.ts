import { readFile } from 'node:fs/promises';
import { parseConn } from '@interleave/trace';
import { type Recording, readRecording } from '@interleave/trace/report';
import type { Page } from '@playwright/test';

/** That one witness, by its own name for a connection, saw the server's name for it on a response. */
export interface Sighting {
  readonly theirs: string;
  readonly server: string;
  readonly nth: number | null;
  readonly url: string;
  /** The handshake was over before the request was made; null where this witness does not know, or it was too close to call. */
  readonly stoodReady: boolean | null;
}

/** What Chromium says of each response over its debugging protocol: its own number of the connection, and the header that names ours. */
export async function watchByProtocol(page: Page): Promise<{ sightings: Sighting[]; fromCache: string[] }> {
  const sightings: Sighting[] = [];
  const fromCache: string[] = [];
  const session = await page.context().newCDPSession(page);
  await session.send('Network.enable');
  session.on('Network.responseReceived', ({ response }) => {
    const field = Object.entries(response.headers).find(([name]) => name.toLowerCase() === 'x-conn')?.[1] ?? '';
    const conn = parseConn(field);
    if (conn?.connection == null) return;
    if (response.fromDiskCache === true) fromCache.push(response.url);
    else {
      const theirs = String(response.connectionId);
      sightings.push({ theirs, server: conn.connection, nth: conn.nth, url: response.url, stoodReady: null });
    }
  });
  return { sightings, fromCache };
}

/** Reads the log that Chromium wrote of its own network. */
export async function readNetLog(file: string): Promise<Recording> {
  const bytes = await readFile(file);
  return readRecording(new Blob([bytes]).stream());
}

/**
 * The same from Chromium's NetLog: its number of the socket or QUIC session, and the header field that names the connection.
 *
 * @param prefix - keeps the numbers of several logs apart
 */
export function sightingsOf(log: Recording, prefix = ''): Sighting[] {
  return log.exchanges.flatMap(({ connection, responseFields, url, from, start }) => {
    const conn = connOf(responseFields['server-timing'] ?? '');
    const theirs = connection === null ? undefined : log.connections[connection]?.id;
    if (conn?.connection == null || theirs === undefined || from !== 'network') return [];
    const { handshake } = log.connections[connection ?? -1] ?? {};
    const ready = (handshake?.tls ?? handshake?.connect)?.to ?? null;
    const stoodReady = ready === null || start === null || ready === start ? null : ready < start;
    return [{ theirs: prefix + theirs, server: conn.connection, nth: conn.nth, url, stoodReady }];
  });
}

function connOf(serverTiming: string): ReturnType<typeof parseConn> {
  return parseConn(/desc="([^"]*)"/.exec(serverTiming)?.[1] ?? '');
}

/** Pairs of names that are not one to one: empty when the two name the same connections. */
export function notOneToOne(sightings: readonly Sighting[]): string[] {
  const wrong: string[] = [];
  const [ours, others] = [new Map<string, string>(), new Map<string, string>()];
  for (const { theirs, server, url } of sightings) {
    const [known, meant] = [ours.get(server) ?? theirs, others.get(theirs) ?? server];
    if (known !== theirs) wrong.push(`${server} is ${known} and ${theirs} (${url})`);
    if (meant !== server) wrong.push(`${theirs} is ${meant} and ${server} (${url})`);
    ours.set(server, known);
    others.set(theirs, meant);
  }
  return wrong;
}
