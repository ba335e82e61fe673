import type { ProtocolConnection, RequestInit } from '@interleave/wire';
import { Http1Connection } from '@interleave/wire/http1';
import { Http2Connection } from '@interleave/wire/http2';
import { ConnectionLog } from '../log.ts';
import type { LogLimits } from '../log-limits.ts';
import { readerFor } from '../readers.ts';

/** Both ends of a connection in memory, each with its log. */
export interface BothEnds {
  readonly client: ConnectionLog;
  readonly server: ConnectionLog;
  readonly clientEnd: ProtocolConnection;
  readonly serverEnd: ProtocolConnection;
  /** All bytes from the client, and all from the server. */
  readonly bytes: { readonly client: number[]; readonly server: number[] };
  /** Moves bytes to and fro until there are none, in pieces of `size`. */
  carry(size?: () => number): void;
  /** One exchange with content both ways. */
  exchange(request?: Partial<RequestInit>, size?: () => number): void;
}

const utf8 = new TextEncoder();

export function bothEnds(protocol: 'http/1.1' | 'h2', limits?: LogLimits): BothEnds {
  let time = 1_000;
  const log = (vantagePoint: 'client' | 'server'): ConnectionLog => {
    const made = new ConnectionLog({
      connectionId: 'c7',
      vantagePoint,
      startedAt: 1_700_000_000_000,
      now: () => time++,
      quic: false,
      reader: readerFor,
      ...(limits === undefined ? {} : { limits }),
    });
    made.protocol = protocol;
    return made;
  };
  const client = log('client');
  const server = log('server');
  const Connection = protocol === 'h2' ? Http2Connection : Http1Connection;
  const clientEnd = new Connection({ role: 'client', observe: client.observe });
  const serverEnd = new Connection({ role: 'server', observe: server.observe });
  const bytes = { client: [] as number[], server: [] as number[] };
  const move = (
    from: ProtocolConnection,
    fromLog: ConnectionLog,
    to: ProtocolConnection,
    toLog: ConnectionLog,
    kept: number[],
    size: () => number,
  ): boolean => {
    const output = from.takeOutput();
    for (const chunk of output) {
      fromLog.sent(chunk, null, false);
      kept.push(...chunk);
      for (let at = 0; at < chunk.length; ) {
        const piece = chunk.slice(at, at + size());
        at += piece.length;
        toLog.received(piece, null, false);
        for (const event of to.receive(piece, 0)) {
          if (event.type === 'data') to.consume(event.streamId, event.flowControlledLength);
        }
      }
    }
    return output.length > 0;
  };
  const carry = (size: () => number = () => Number.POSITIVE_INFINITY): void => {
    for (let moved = true; moved; ) {
      moved = move(clientEnd, client, serverEnd, server, bytes.client, size);
      moved = move(serverEnd, server, clientEnd, client, bytes.server, size) || moved;
    }
  };
  return {
    client,
    server,
    clientEnd,
    serverEnd,
    bytes,
    carry,
    exchange(request = {}, size) {
      const id = clientEnd.sendRequest({
        method: 'POST',
        target: '/a?token=secret',
        authority: 'a.test',
        fields: [
          ['cookie', 'secret=1'],
          ['authorization', 'Bearer secret'],
          ['content-type', 'text/plain'],
        ],
        ...request,
      });
      clientEnd.sendData(id, utf8.encode('password=secret'), { endStream: true });
      carry(size);
      serverEnd.sendResponse(id, {
        status: 200,
        fields: [
          ['set-cookie', 'secret=2'],
          ['x-answer', 'fortytwo'],
        ],
      });
      serverEnd.sendData(id, utf8.encode('there'), { endStream: true });
      carry(size);
    },
  };
}
