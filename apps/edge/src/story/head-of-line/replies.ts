import type { RequestInit, WireUnit } from '@interleave/wire';
import { Http2Connection } from '@interleave/wire/http2';
import { Http3Connection } from '@interleave/wire/http3';
import { concat } from '../../pipe/server.ts';
import { bodyOf } from '../../pipe/service.ts';
import { NAMES } from '../names.ts';
import { type HolePlan, PIECE, sizesOf } from './plan.ts';

/** A frame of HTTP/2 as the server wrote it, with its place in the connection; `to` is exclusive. */
export interface SentFrame {
  readonly kind: string;
  readonly stream: number;
  /** Which reply it belongs to, from 0; null for the connection's own. */
  readonly reply: number | null;
  /** Bytes of the connection, head of the frame included. */
  readonly from: number;
  readonly to: number;
  readonly end: boolean;
}

/** What a server has written for all replies, before anything is lost. */
export interface Written {
  readonly bytes: Uint8Array;
  readonly frames: readonly SentFrame[];
}

/** The requests that both roads carry. */
function requests(n: number): RequestInit[] {
  return NAMES.slice(0, n).map((name) => ({
    method: 'GET',
    target: `/${name}`,
    scheme: 'https',
    authority: 'pipe',
  }));
}

/** A client that has asked for everything, and what it sent. */
export function askHttp2(n: number): { client: Http2Connection; sent: Uint8Array; streams: number[] } {
  const client = new Http2Connection({ role: 'client', now: 0 });
  const streams = requests(n).map((request) => client.sendRequest(request, { endStream: true }));
  return { client, sent: concat(client.takeOutput()), streams };
}

/** The server's core answers all of it in HTTP/2. */
export function writeHttp2(plan: HolePlan): Written {
  const units: WireUnit[] = [];
  const server = new Http2Connection({
    role: 'server',
    now: 0,
    observe: (unit) => unit.direction === 'created' && units.push(unit),
  });
  const { sent, streams } = askHttp2(plan.n);
  server.receive(sent, 0);
  write(plan, streams, server);
  const bytes = concat(server.takeOutput());
  const frames = units.map(({ kind, streamId, offset, length, endStream }): SentFrame => {
    const reply = streams.indexOf(streamId);
    return {
      kind,
      stream: streamId,
      reply: reply === -1 ? null : reply,
      from: offset,
      to: offset + length,
      end: endStream,
    };
  });
  return { bytes, frames };
}

/** A client of HTTP/3 that has asked for everything, and a server that has answered it all; nothing of it has travelled. */
export function writeHttp3(plan: HolePlan): { server: Http3Connection; streams: number[] } {
  const { client, streams } = askHttp3(plan.n);
  const server = new Http3Connection({ role: 'server' });
  for (const id of client.pendingStreams()) {
    const { chunks, fin } = client.takeStream(id);
    server.receiveStream(id, concat(chunks), fin, 0);
  }
  write(plan, streams, server);
  return { server, streams };
}

/**
 * Without a dynamic table: a field that refers to it could wait for another stream (RFC 9204 §2.1.2), which is a second thing
 * and would blur this one.
 */
export function askHttp3(n: number): { client: Http3Connection; streams: number[] } {
  const client = new Http3Connection({ role: 'client', limits: { maxDecoderTableBytes: 0 } });
  const streams = requests(n).map((request) => client.sendRequest(request, { endStream: true }));
  return { client, streams };
}

/** The same replies in the same order on either core. The application writes; a core sends what it is given, when it is given. */
function write(
  { order, ...plan }: HolePlan,
  streams: readonly number[],
  server: Pick<Http2Connection, 'sendResponse' | 'sendData'>,
): void {
  const bodies = sizesOf(plan).map((size, i) => bodyOf(`/${NAMES[i]}`, size));
  const head = (i: number): void => {
    const length = String(bodies[i]?.length ?? 0);
    const fields: [string, string][] = [
      ['content-type', 'text/plain'],
      ['content-length', length],
    ];
    server.sendResponse(streams[i] ?? 0, { status: 200, fields });
  };
  const piece = (i: number, at: number): void => {
    const body = bodies[i] ?? new Uint8Array();
    if (at < body.length)
      server.sendData(streams[i] ?? 0, body.subarray(at, at + PIECE), { endStream: at + PIECE >= body.length });
  };
  const longest = Math.max(...bodies.map(({ length }) => length));
  if (order === 'turn') {
    for (const i of bodies.keys()) {
      head(i);
      for (let at = 0; at < longest; at += PIECE) piece(i, at);
    }
  } else {
    for (const i of bodies.keys()) head(i);
    for (let at = 0; at < longest; at += PIECE) for (const i of bodies.keys()) piece(i, at);
  }
}
