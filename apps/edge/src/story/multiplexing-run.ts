import { type WireUnit, withLimits } from '@interleave/wire';
import { Http2Connection } from '@interleave/wire/http2';
import { PipeClient } from '../pipe/client.ts';
import { PipeServer } from '../pipe/server.ts';
import { pipeService } from '../pipe/service.ts';
import { saysItAnswers } from './answers.ts';
import { NAMES } from './names.ts';
import { seeded } from './seeded.ts';
import { VirtualClock } from './virtual-clock.ts';

/** All that an address of this page says. */
export interface MultiplexPlan {
  readonly seed: number;
  /** Bytes of each body. */
  readonly size: number;
}

/** Bytes of one stream that may be under way: so small that every body takes several frames and takes turns. */
const WINDOW = 1_024;
const LARGEST = 8_000;
/** Handlers finish in three groups, so many milliseconds apart. */
const STEP = 40;

/** Reads a plan from an address; what is not a number in range there is the default. */
export function multiplexPlan(params: URLSearchParams): MultiplexPlan {
  const whole = (name: string, least: number, most: number, otherwise: number): number => {
    const n = Number(params.get(name) ?? otherwise);
    return Number.isInteger(n) && n >= least && n <= most ? n : otherwise;
  };
  return { seed: whole('seed', 0, 9_999, 7), size: whole('size', 100, LARGEST, 2_600) };
}

/** How long each handler works. */
export function groupsOf({ seed }: MultiplexPlan): number[] {
  const random = seeded(seed);
  return NAMES.map(() => Math.floor(random() * 3) * STEP);
}

/** The client's end, ready to ask; how its bytes travel is the caller's. */
export function multiplexClient(
  send: (bytes: Uint8Array) => void,
  now: () => number,
  changed?: () => void,
): PipeClient {
  return new PipeClient({
    connection: (observe) =>
      new Http2Connection({ role: 'client', observe, now: now(), limits: withLimits({ streamWindow: WINDOW }) }),
    send,
    now,
    ...(changed === undefined ? {} : { changed }),
  });
}

/** All twelve in one write. */
export function askTwelve(client: PipeClient, plan: MultiplexPlan): void {
  const work = groupsOf(plan);
  client.ask(
    NAMES.map((name, i) => ({
      method: 'GET',
      target: `/${name}?size=${plan.size}&after=${work[i]}`,
      scheme: 'http',
      authority: 'pipe',
    })),
  );
}

/** The same run with both ends in memory, on a clock of its own. */
export async function multiplexInMemory(plan: MultiplexPlan): Promise<PipeClient> {
  const clock = new VirtualClock();
  const toClient: Uint8Array[] = [];
  const toServer: Uint8Array[] = [];
  const server = new PipeServer({
    service: pipeService(clock.wait),
    connection: new Http2Connection({ role: 'server', now: 0 }),
    now: () => clock.now,
    outlet: { send: (bytes) => toClient.push(bytes), close: () => {} },
  });
  const client = multiplexClient(
    (bytes) => toServer.push(bytes),
    () => clock.now,
  );
  askTwelve(client, plan);
  await clock.run(() => {
    while (toServer.length > 0 || toClient.length > 0) {
      for (const bytes of toServer.splice(0)) server.receive(bytes);
      for (const bytes of toClient.splice(0)) client.receive(bytes);
    }
  });
  return client;
}

/** A frame that came, with both of its places. */
export interface Frame {
  readonly kind: string;
  readonly stream: number;
  /** Name of its exchange; null for the connection’s own. */
  readonly name: string | null;
  /** Place in the bytes of the connection, head of the frame included. */
  readonly offset: number;
  readonly length: number;
  /** Place of its content in its stream, for DATA. */
  readonly streamOffset: number | null;
  readonly payload: number;
  readonly end: boolean;
}

/** The frames that came, in the order of the connection. */
export function framesOf({ units, exchanges }: Pick<PipeClient, 'units' | 'exchanges'>): Frame[] {
  const names = new Map(exchanges.map(({ id, target }) => [id, target.slice(1, 2)]));
  const at = new Map<number, number>();
  return units
    .filter(({ direction }) => direction === 'received')
    .map((unit: WireUnit) => {
      const { kind, streamId, offset, length, payloadLength, endStream } = unit;
      const isData = kind === 'data';
      const streamOffset = isData ? (at.get(streamId) ?? 0) : null;
      if (isData) at.set(streamId, (at.get(streamId) ?? 0) + payloadLength);
      return {
        kind,
        stream: streamId,
        name: names.get(streamId) ?? null,
        offset,
        length,
        streamOffset,
        payload: payloadLength,
        end: endStream,
      };
    });
}

/** How often a frame with content is followed by one of another stream. */
export function turns(frames: readonly Frame[]): number {
  const data = frames.filter(({ kind }) => kind === 'data');
  return data.filter((frame, i) => i > 0 && frame.stream !== data[i - 1]?.stream).length;
}

/** Names in the order in which their replies ended. */
export function endedOrder(frames: readonly Frame[]): string[] {
  return frames.flatMap(({ end, name }) => (end && name !== null ? [name] : []));
}

/** What happened, in two sentences. */
export function multiplexWords(client: Pick<PipeClient, 'units' | 'exchanges'>): string {
  const frames = framesOf(client);
  const data = frames.filter(({ kind }) => kind === 'data').length;
  const wrong = client.exchanges.filter((e) => saysItAnswers(e) !== e.target.split('?')[0]).length;
  const order = endedOrder(frames).join(', ');
  const verdict = wrong === 0 ? 'and none was taken for another' : `and ${wrong} were taken for another`;
  return `Twelve bodies came in ${data} frames, and the stream changed ${turns(frames)} times. They ended in the order ${order}, ${verdict}.`;
}

/** The contents as they come, one after another, as somebody would read them who does not look at the numbers. */
export function withoutNumbers({ units, received }: Pick<PipeClient, 'units' | 'received'>): string {
  const decoder = new TextDecoder();
  return units
    .filter(({ direction, kind }) => direction === 'received' && kind === 'data')
    .map(({ offset, length, payloadLength }) =>
      decoder.decode(received.subarray(offset + length - payloadLength, offset + length)),
    )
    .join('');
}
