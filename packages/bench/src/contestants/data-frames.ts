/**
 * What one DATA frame costs in a whole server connection while `--streams=N` requests are open: receiving, one stream
 * after the other, each piece consumed at once; with `--send`, sending, credit given back as a client would.
 */
import type { Event, ProtocolConnection } from '@interleave/wire';
import { withLimits } from '@interleave/wire';
import { Http2Connection } from '@interleave/wire/http2';
import { expectSame, runSteps } from '../contestant.ts';
import { clientPreface, frame, requestFrame, SETTINGS_ACK } from '../load/h2-bytes.ts';
import { CONTENT, dataFrames } from '../workloads/data-frames.ts';

const WINDOW_UPDATE = 8;
const BATCH = 64;
const streams = Number(process.argv.find((argument) => argument.startsWith('--streams='))?.slice(10) ?? 1);
const sending = process.argv.includes('--send');
const streamIds = Array.from({ length: streams }, (_, index) => 2 * index + 1);

/** A server connection with all the requests open and the responses begun. */
function opened(): ProtocolConnection {
  const connection = new Http2Connection({
    role: 'server',
    // A batch is taken before output is: what bounds a slow reader is not what is measured.
    limits: withLimits({ maxConcurrentStreams: 100_000, maxUnreleasedStreams: 200_000, outputHighWater: 1_048_576 }),
  });
  let requests = 0;
  const see = (events: readonly Event[]): void => {
    for (const event of events) {
      if (event.type === 'connection-error') throw new Error(`The connection failed: ${event.reason}`);
      if (event.type === 'request') requests += 1;
    }
  };
  see(connection.receive(clientPreface(), 0));
  see(connection.receive(SETTINGS_ACK, 0));
  for (const streamId of streamIds) see(connection.receive(requestFrame(streamId, false), 0));
  expectSame('Requests open', requests, streams);
  if (sending) for (const streamId of streamIds) connection.sendResponse(streamId, { status: 200 });
  connection.takeOutput();
  return connection;
}

function receiving(connection: ProtocolConnection): () => number {
  // As many pieces as it takes to visit every stream once; each is one read of the socket.
  const pieces = Math.ceil(streams / BATCH);
  const reads = Array.from({ length: pieces }, (_, piece) =>
    dataFrames(
      Array.from({ length: BATCH }, (_, index) => streamIds[(piece * BATCH + index) % streams] as number),
      BATCH,
    ),
  );
  let next = 0;
  return () => {
    let content = 0;
    for (const event of connection.receive(reads[next] as Uint8Array, performance.now())) {
      if (event.type !== 'data') throw new Error(`DATA in order led to ${JSON.stringify(event)}.`);
      content += event.data.length;
      connection.consume(event.streamId, event.flowControlledLength);
    }
    if (content !== BATCH * CONTENT) throw new Error(`${content} bytes came out of ${BATCH * CONTENT}.`);
    connection.takeOutput();
    next = (next + 1) % pieces;
    return BATCH;
  };
}

function sends(connection: ProtocolConnection): () => number {
  const content = new Uint8Array(CONTENT).fill(0x61);
  const increment = (streamId: number, bytes: number): Buffer => {
    const payload = Buffer.alloc(4);
    payload.writeUInt32BE(bytes);
    return frame(WINDOW_UPDATE, 0, streamId, payload);
  };
  // The client opens its windows as far as they go; the connection's own is refilled as it is used.
  const refill = increment(0, BATCH * CONTENT);
  // By place, in one block: what is measured is the connection's memory, not that of the load.
  const written = new Uint32Array(streams);
  const highest = 2 ** 30;
  let next = 0;
  return () => {
    for (let index = 0; index < BATCH; index += 1) {
      const streamId = 2 * next + 1;
      if (connection.sendData(streamId, content) !== CONTENT) throw new Error('A piece was not taken whole.');
      const total = (written[next] as number) + CONTENT;
      written[next] = total % highest;
      next = (next + 1) % streams;
      if (total >= highest) connection.receive(increment(streamId, highest), 0);
    }
    let bytes = 0;
    for (const view of connection.takeOutput()) bytes += view.length;
    if (bytes < BATCH * CONTENT) throw new Error(`${bytes} bytes came out of ${BATCH * CONTENT}.`);
    connection.receive(refill, performance.now());
    return BATCH;
  };
}

await runSteps(() => (sending ? sends(opened()) : receiving(opened())));
