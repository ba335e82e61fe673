/** What became of each upload: read by the handler, dropped by the server, refused; and how much had come when the reply left. */
import type { CheckResult, ConnectionRecord, Entry } from '../result.ts';

/** Sizes in bytes of the body. What was read, dropped and refused make the whole. */
export type Upload = {
  readonly connection: string;
  readonly request: string;
  readonly size: number;
  readonly read: number;
  /** Taken from the connection, and not read by the handler. */
  readonly dropped: number;
  /** Never taken: the peer kept it, or it was thrown away behind a server that had stopped reading. */
  readonly refused: number;
  /** How much had come when the first byte of the reply left; null where no reply came. */
  readonly cameBeforeReply: number | null;
};

/** Smaller bodies come with their head: there is nothing to split. */
const WORTH = 16 * 1024;

/** In the order of the connections; empty where nobody counted what a handler read. */
export function uploadsOf({ connections, transcript }: Pick<CheckResult, 'connections' | 'transcript'>): Upload[] {
  return connections.flatMap((connection) => {
    const { read } = connection;
    if (read === undefined) return [];
    const own = transcript.filter((entry) => entry.connection === connection.id);
    return bodiesOf(textOf(own, 'judge')).flatMap((body, i) =>
      body.size < WORTH ? [] : [uploadOf(connection, own, body, read[i] ?? 0)],
    );
  });
}

/** `8,000,000 bytes: 0 read, 262,144 dropped, 7,737,856 refused`. */
export function uploadWords({ size, read, dropped, refused }: Upload): string {
  const n = (bytes: number): string => bytes.toLocaleString('en');
  return `${n(size)} bytes: ${n(read)} read, ${n(dropped)} dropped, ${n(refused)} refused`;
}

type Body = { readonly request: string; readonly from: number; readonly size: number };

/** The bodies with a Content-Length, in order; the last one need not be whole. */
function bodiesOf(text: string): Body[] {
  const bodies: Body[] = [];
  for (let at = 0; ; ) {
    const headEnd = text.indexOf('\r\n\r\n', at);
    if (headEnd < 0) return bodies;
    const head = text.slice(at, headEnd);
    const size = Number(/\r\ncontent-length:[ \t]*(\d+)/i.exec(head)?.[1] ?? 0);
    const from = headEnd + 4;
    bodies.push({ request: head.split(' ').slice(0, 2).join(' '), from, size });
    at = from + size;
  }
}

function uploadOf(connection: ConnectionRecord, own: readonly Entry[], body: Body, read: number): Upload {
  const { request, from, size } = body;
  const taken = Math.min(Math.max(connection.bytes.taken - from, 0), size);
  const asked = own.findIndex((it) => it.what === 'bytes' && it.by === 'judge' && it.from + it.bytes.length >= from);
  const reply = own.findIndex((it, i) => i > asked && it.what === 'bytes' && it.by === 'learner');
  const came = textOf(own.slice(0, Math.max(reply, 0)), 'judge').length - from;
  return {
    connection: connection.id,
    request,
    size,
    read: Math.min(read, taken),
    dropped: taken - Math.min(read, taken),
    refused: size - taken,
    cameBeforeReply: reply < 0 ? null : Math.min(Math.max(came, 0), size),
  };
}

function textOf(entries: readonly Entry[], by: Entry['by']): string {
  return entries.map((entry) => (entry.what === 'bytes' && entry.by === by ? entry.bytes : '')).join('');
}
