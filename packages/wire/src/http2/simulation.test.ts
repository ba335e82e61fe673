import { describe, expect, it } from 'vitest';
import type { Event } from '../events.ts';
import { withLimits } from '../limits.ts';
import { type Act, type LinkOptions, Simulator } from '../testing/http2_simulator.ts';
import type { Http2Connection, Http2Options } from './connection.ts';

const REQUEST = { method: 'POST', target: '/', scheme: 'https', authority: 'example.com' };
const PIECE = new Uint8Array(65_536).fill(7);

/** Sends `left` octets as fast as they are taken, then ends. */
class Upload {
  left: number;

  constructor(left: number) {
    this.left = left;
  }

  go(connection: Http2Connection, streamId: number): void {
    while (this.left > 0) {
      const piece = PIECE.subarray(0, Math.min(this.left, PIECE.length));
      const taken = connection.sendData(streamId, piece, { endStream: piece.length === this.left });
      this.left -= taken;
      if (taken < piece.length) return;
    }
  }
}

/** A server that sends back what comes, as fast as it may. */
function echo(): Act {
  const waiting = new Map<number, { chunks: Uint8Array[]; ended: boolean }>();
  const go = (connection: Http2Connection, id: number): void => {
    const state = waiting.get(id);
    if (state === undefined) return;
    for (let chunk = state.chunks[0]; chunk !== undefined; chunk = state.chunks[0]) {
      const last = state.ended && state.chunks.length === 1;
      const taken = connection.sendData(id, chunk, { endStream: last });
      connection.consume(id, taken);
      if (taken < chunk.length) {
        state.chunks[0] = chunk.subarray(taken);
        return;
      }
      state.chunks.shift();
      if (last) state.ended = false;
    }
    if (state.ended) {
      state.ended = false;
      connection.sendData(id, new Uint8Array(0), { endStream: true });
    }
  };
  return (event, connection) => {
    if (event.type === 'request') {
      waiting.set(event.streamId, { chunks: [], ended: event.endStream });
      connection.sendResponse(event.streamId, { status: 200 });
      go(connection, event.streamId);
    } else if (event.type === 'data') {
      const state = waiting.get(event.streamId);
      if (event.data.length > 0) state?.chunks.push(event.data.slice());
      if (state !== undefined && event.endStream) state.ended = true;
      go(connection, event.streamId);
    } else if (event.type === 'writable') go(connection, event.streamId);
  };
}

/** What a client has received on each stream. */
class Received {
  readonly octets = new Map<number, number>();
  ended = 0;

  see(event: Event, connection: Http2Connection): void {
    if (event.type === 'data') {
      this.octets.set(event.streamId, (this.octets.get(event.streamId) ?? 0) + event.data.length);
      connection.consume(event.streamId, event.flowControlledLength);
    }
    if ((event.type === 'data' || event.type === 'response') && event.endStream) this.ended++;
  }
}

const LINKS: [name: string, link: LinkOptions][] = [
  ['fast', { delay: 0, bandwidth: 10_000_000 }],
  ['slow', { delay: 50, bandwidth: 1_000 }],
  ['narrow', { delay: 3, bandwidth: 37 }],
];

describe('a client and a server', () => {
  it.each(LINKS)('echo 20 bodies at once over a %s link', (name, link) => {
    const received = new Received();
    const uploads = new Map<number, Upload>();
    const sizes = Array.from({ length: 20 }, (_, index) => (name === 'narrow' ? 100 : 10_000) * index);
    const simulator = new Simulator(
      {
        client: (event, connection) => {
          received.see(event, connection);
          if (event.type === 'writable') uploads.get(event.streamId)?.go(connection, event.streamId);
        },
        server: echo(),
      },
      link,
    );
    const { client } = simulator;
    for (const size of sizes) {
      const id = client.sendRequest(REQUEST, { endStream: size === 0 });
      const upload = new Upload(size);
      uploads.set(id, upload);
      upload.go(client, id);
    }
    expect(simulator.run(() => received.ended === sizes.length)).toBe(true);
    expect(simulator.errors).toEqual([]);
    expect(sizes.map((_, index) => received.octets.get(2 * index + 1) ?? 0)).toEqual(sizes);
    client.shutdown(simulator.now);
    expect(simulator.run(() => client.wantsClose)).toBe(true);
  });

  it('end in order when the server shuts down in the middle', () => {
    const received = new Received();
    let resets = 0;
    let closed = 0;
    let sent = 0;
    const simulator = new Simulator(
      {
        client: (event, connection) => {
          received.see(event, connection);
          if (event.type === 'reset' && event.unprocessed) resets++;
          if (event.type === 'closed') closed++;
        },
        server: (event, connection) => {
          if (event.type === 'request') connection.sendResponse(event.streamId, { status: 204 }, { endStream: true });
          if (event.type === 'closed') closed++;
        },
      },
      { delay: 5 },
    );
    const done = simulator.run(() => {
      if (simulator.now === 20) simulator.server.shutdown(20);
      if (simulator.client.openable > 0 && simulator.now < 60) {
        simulator.client.sendRequest({ ...REQUEST, method: 'GET' }, { endStream: true });
        sent++;
      }
      return closed === 2;
    }, 1_000);
    expect(done).toBe(true);
    expect(received.ended + resets).toBe(sent);
    expect(sent).toBeGreaterThan(20);
  });
});

describe('honest heavy users are not hurt by any limit', () => {
  const run = (
    act: Record<'client' | 'server', Act>,
    options: Partial<Record<'client' | 'server', Partial<Http2Options>>> = {},
  ): Simulator => new Simulator(act, { delay: 1, bandwidth: 4_000_000 }, options);

  it('10,000 small requests, 100 at a time', () => {
    const received = new Received();
    let sent = 0;
    const simulator = run({
      client: (event, connection) => received.see(event, connection),
      server: (event, connection) => {
        if (event.type !== 'request') return;
        connection.sendResponse(event.streamId, { status: 200, fields: [['content-type', 'text/plain']] });
        connection.sendData(event.streamId, PIECE.subarray(0, 20), { endStream: true });
      },
    });
    const done = simulator.run(() => {
      const { client } = simulator;
      for (; sent < 10_000 && client.openable > 0 && sent - received.ended < 100; sent++)
        client.sendRequest({ ...REQUEST, method: 'GET' }, { endStream: true });
      return received.ended === 10_000;
    });
    expect([done, simulator.errors]).toEqual([true, []]);
  });

  it.each([
    ['up', 1],
    ['down', 0],
  ])('1 GB %s', (_, isUpload) => {
    const GB = 1_000_000_000;
    let octets = 0;
    let ended = false;
    const transfer = new Upload(GB);
    const take: Act = (event, connection) => {
      if (event.type !== 'data') return;
      octets += event.data.length;
      ended = event.endStream;
      connection.consume(event.streamId, event.flowControlledLength);
    };
    const give: Act = (event, connection) => {
      if (event.type === 'request') connection.sendResponse(event.streamId, { status: 200 });
      if (event.type === 'request' || event.type === 'writable') transfer.go(connection, event.streamId);
    };
    const simulator = run(isUpload === 1 ? { client: give, server: take } : { client: take, server: give });
    const id = simulator.client.sendRequest(REQUEST, { endStream: isUpload === 0 });
    if (isUpload === 1) transfer.go(simulator.client, id);
    expect([simulator.run(() => ended), octets, simulator.errors]).toEqual([true, GB, []]);
  });

  it('a gRPC-like stream of 200,000 tiny messages both ways, consumed by an application that lags', () => {
    const MESSAGES = 200_000;
    const message = PIECE.subarray(0, 5);
    let sent = 0;
    let echoed = 0;
    const owed: { id: number; octets: number }[] = [];
    const pending: Uint8Array[] = [];
    const forward = (connection: Http2Connection): void => {
      for (
        let chunk = pending[0];
        chunk !== undefined && connection.sendData(1, chunk) === chunk.length;
        chunk = pending[0]
      )
        pending.shift();
    };
    const simulator = run({
      client: (event, connection) => {
        if (event.type !== 'data') return;
        echoed += event.data.length;
        connection.consume(event.streamId, event.flowControlledLength);
      },
      server: (event, connection) => {
        if (event.type === 'request') connection.sendResponse(event.streamId, { status: 200 });
        if (event.type === 'data') {
          owed.push({ id: event.streamId, octets: event.flowControlledLength });
          pending.push(event.data.slice());
        }
        if (event.type === 'writable') forward(connection);
      },
    });
    const { client, server } = simulator;
    client.sendRequest(REQUEST);
    const done = simulator.run(() => {
      for (let burst = 0; burst < 300 && sent < MESSAGES; burst++) {
        if (client.sendData(1, message) < message.length) break;
        sent++;
      }
      if (simulator.now % 20 === 0) {
        for (const { id, octets } of owed.splice(0)) server.consume(id, octets);
        forward(server);
      }
      if (simulator.now % 10 === 0) client.ping(new Uint8Array(8));
      return echoed === MESSAGES * message.length;
    });
    expect([done, simulator.errors]).toEqual([true, []]);
  });

  it('a browser that leaves pages: 100 requests reset at once, each three seconds', () => {
    let round = 0;
    const answered = new Received();
    const simulator = run({
      client: (event, connection) => answered.see(event, connection),
      server: (event, connection) => {
        if (event.type === 'request') connection.sendResponse(event.streamId, { status: 200 });
      },
    });
    simulator.run(() => {
      const { client, now } = simulator;
      if (now % 3_000 === 0 && client.openable >= 100) {
        const ids = Array.from({ length: 100 }, () =>
          client.sendRequest({ ...REQUEST, method: 'GET' }, { endStream: true }),
        );
        for (const id of ids) client.reset(id, 8);
        round++;
      }
      return round === 20;
    });
    expect([round, simulator.errors]).toEqual([20, []]);
  });

  it('an upload of small frames that the server refuses in the middle', () => {
    const simulator = run(
      {
        client: () => {},
        server: (event, connection) => {
          if (event.type !== 'data' || event.streamId !== 1) return;
          connection.sendResponse(1, { status: 413 }, { endStream: true });
          connection.reset(1, 0);
        },
      },
      { server: { limits: withLimits({ streamWindow: 1_000_000 }) } },
    );
    const { client } = simulator;
    client.sendRequest(REQUEST);
    for (let nth = 0; nth < 500; nth++) {
      client.sendData(1, PIECE.subarray(0, 300));
      if (nth % 100 === 0) client.takeOutput(0);
    }
    simulator.run(() => false, 50);
    expect(simulator.errors).toEqual([]);
  });
});
