/**
 * A plan, run through the learner's own code: their HTTP/1.1 server makes the replies, their `inOrder` and their `streams` hand
 * the bytes on, slot by slot. What is measured there is what `finish` has to say.
 */
import type { HandlerRule, RawCheck, ServerScene } from '../../exercise.ts';
import { Feed } from '../feed.ts';
import { offsetsPicture, Ranges } from '../ranges.ts';
import { parseReply } from '../replies.ts';
import { StepFailed, type World } from '../world.ts';
import type { ExpectRoadsStep } from './function-steps.ts';
import type { Packet } from './packets.ts';
import {
  finishOf,
  letter,
  planStory,
  plansOf,
  type RoadPlan,
  repliesOf,
  type SentPacket,
  sentOf,
} from './road-plan.ts';
import type { FindExport } from './scene.ts';
import type { Segment } from './segments.ts';
import { ServerStage } from './server.ts';

type It = { readonly world: World; readonly check: RawCheck; readonly find: FindExport };

/** The plans of a seed, and in which slot each reply was whole. @throws StepFailed when code of an earlier exercise does not do its part. */
export async function runRoads(step: ExpectRoadsStep, it: It): Promise<{ plan: RoadPlan; finished: number[] }[]> {
  const replies = await serveReplies(step, it);
  const sizes = replies.map((reply) => reply.length);
  const runs: { plan: RoadPlan; finished: number[] }[] = [];
  for (const plan of plansOf(step.seed, step.schedule, sizes)) {
    const receiver = plan.road === 'own order' ? new Own(step, it, replies) : new One(step, it, replies, sentOf(plan));
    runs.push({ plan, finished: await slotBySlot(plan, receiver, step, it) });
  }
  return runs;
}

/** Takes packets, and knows how many bytes of each reply were handed on. */
type Receiver = {
  take(packet: SentPacket, index: number): void;
  handedOn(reply: number): number;
  readonly problem: unknown;
  readonly file: string;
};

/** Slot after slot: what arrives is taken, and what is whole then is noted. Waits for what has to come; nobody is hurried. */
async function slotBySlot(plan: RoadPlan, receiver: Receiver, step: ExpectRoadsStep, it: It): Promise<number[]> {
  const sent = sentOf(plan);
  const due = finishOf(plan);
  const finished = plan.sizes.map(() => -1);
  const isWhole = (reply: number): boolean => receiver.handedOn(reply) >= (plan.sizes[reply] ?? 0);
  for (let slot = 0; slot <= Math.max(...due); slot++) {
    for (const [index, packet] of sent.entries()) if (packet.arrives === slot) receiver.take(packet, index);
    const dueNow = due.flatMap((at, reply) => (at <= slot ? [reply] : []));
    await it.world.until(() => receiver.problem !== null || dueNow.every(isWhole));
    if (it.world.fault !== null) throw new StepFailed(it.world.fault);
    for (const [reply, at] of finished.entries()) if (at < 0 && isWhole(reply)) finished[reply] = slot;
    const wrong = due.findIndex((at, reply) => at <= slot !== isWhole(reply));
    if (wrong < 0 && receiver.problem === null) continue;
    throw badRoad({ plan, slot, wrong, receiver, sent, step, it });
  }
  return finished;
}

/** One stream of bytes, in the order of sending: the learner's `inOrder`. */
class One implements Receiver {
  readonly file: string;
  problem: unknown = null;
  #length = 0;
  #feed: Feed<Segment>;
  #sent: readonly (SentPacket & { offset: number })[];
  #replies: readonly Uint8Array[];
  #total: number;

  constructor(
    { tcp }: ExpectRoadsStep,
    { world, find }: It,
    replies: readonly Uint8Array[],
    sent: readonly SentPacket[],
  ) {
    this.file = tcp.file;
    this.#replies = replies;
    let offset = 0;
    this.#sent = sent.map((packet) => {
      offset += packet.to - packet.from;
      return { ...packet, offset: offset - (packet.to - packet.from) };
    });
    this.#total = offset;
    this.#feed = new Feed(() => world.touch());
    const inOrder = find(tcp.file, tcp.export) as (...args: unknown[]) => ReadableStream<Uint8Array>;
    void read(inOrder(this.#feed.readable, LIMIT), (bytes) => {
      this.#length += bytes;
      world.touch();
    }).catch((error: unknown) => {
      this.problem = error;
      world.touch();
    });
  }

  take({ reply, from, to }: SentPacket, index: number): void {
    const offset = this.#sent[index]?.offset ?? 0;
    const bytes = this.#replies[reply]?.slice(from, to) ?? new Uint8Array(0);
    this.#feed.give({ offset, bytes, ...(offset + bytes.length === this.#total ? { last: true } : {}) });
  }

  /** The bytes of a reply, wherever they lie in the stream. */
  handedOn(reply: number): number {
    return this.#sent.reduce((sum, packet) => {
      if (packet.reply !== reply) return sum;
      return sum + Math.max(0, Math.min(packet.to - packet.from, this.#length - packet.offset));
    }, 0);
  }
}

/** A stream for each reply: the learner's `streams`. */
class Own implements Receiver {
  readonly file: string;
  problem: unknown = null;
  #lengths = new Map<number, number>();
  #feed: Feed<Packet>;
  #replies: readonly Uint8Array[];

  constructor({ quic }: ExpectRoadsStep, { world, find }: It, replies: readonly Uint8Array[]) {
    this.file = quic.file;
    this.#replies = replies;
    this.#feed = new Feed(() => world.touch());
    const streams = find(quic.file, quic.export) as (...args: unknown[]) => AsyncIterable<{
      streamId: number;
      body: ReadableStream<Uint8Array>;
    }>;
    const failed = (error: unknown): void => {
      this.problem = error;
      world.touch();
    };
    const take = async (): Promise<void> => {
      for await (const { streamId, body } of streams(this.#feed.readable, LIMIT)) {
        read(body, (bytes) => {
          this.#lengths.set(streamId, (this.#lengths.get(streamId) ?? 0) + bytes);
          world.touch();
        }).catch(failed);
      }
    };
    take().catch(failed);
  }

  take({ reply, from, to }: SentPacket, index: number): void {
    const all = this.#replies[reply] ?? new Uint8Array(0);
    const last = to === all.length ? { last: true } : {};
    const frame = { streamId: 1 + 4 * reply, offset: from, bytes: all.slice(from, to), ...last };
    this.#feed.give({ number: index, frames: [frame] });
  }

  handedOn(reply: number): number {
    return this.#lengths.get(1 + 4 * reply) ?? 0;
  }
}

const LIMIT = 64 * 1024;

async function read(stream: ReadableStream<Uint8Array>, had: (bytes: number) => void): Promise<void> {
  const reader = stream.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    had(value.length);
  }
}

/** Pipelined requests to the learner's server, whose handlers end in another order; the bytes of each reply, in the order they left. */
async function serveReplies({ seed, server }: ExpectRoadsStep, { world, check, find }: It): Promise<Uint8Array[]> {
  world.freshStage();
  const plan = repliesOf(seed);
  const handler = plan.map(({ length, after }, i): HandlerRule => {
    return { on: `GET /${letter(i)}`, after, reply: { body: { repeat: letter(i), times: length } } };
  });
  const scene: ServerScene = { kind: 'server', ...server, handler };
  const stage = new ServerStage(world, { ...check, scene }, find(server.file, server.export));
  const bytes = plan.map((_, i) => `GET /${letter(i)} HTTP/1.1\r\nHost: workshop\r\n\r\n`).join('');
  await stage.play({ do: 'send', bytes, what: `${plan.length} requests in one write` });
  for (const [i, { length }] of plan.entries()) {
    const body = { repeat: letter(i), times: length };
    await stage.play({ do: 'expectReply', to: `GET /${letter(i)}`, status: 200, body });
  }
  const received = world.pipes.get('c1')?.received ?? new Uint8Array(0);
  const replies: Uint8Array[] = [];
  for (let at = 0; replies.length < plan.length; ) {
    const parsed = parseReply(received, at, { method: 'GET', ended: false, lenient: true });
    if (parsed.kind !== 'reply') throw new Error(`Reply ${replies.length + 1} was there and cannot be read again`);
    replies.push(received.slice(at, parsed.reply.to));
    at = parsed.reply.to;
  }
  return replies;
}

/** The bytes did not come as they should have: it is the code of an earlier exercise that is at fault. */
function badRoad(run: {
  plan: RoadPlan;
  slot: number;
  wrong: number;
  receiver: Receiver;
  sent: readonly SentPacket[];
  step: ExpectRoadsStep;
  it: It;
}): StepFailed {
  const { plan, slot, wrong, receiver, sent, it } = run;
  const { file } = receiver;
  const reply = Math.max(0, wrong);
  const size = plan.sizes[reply] ?? 0;
  const arrived = new Ranges();
  for (const packet of sent) if (packet.reply === reply && packet.arrives <= slot) arrived.add(packet);
  const have = receiver.handedOn(reply);
  const headline =
    wrong < 0
      ? `Your ${file} broke off in slot ${slot}: ${String(receiver.problem)}`
      : have >= size
        ? `Your ${file} handed on all of reply ${letter(reply)} in slot ${slot}, when a byte in front of it was missing.`
        : `Your ${file} has not handed on all of reply ${letter(reply)} in slot ${slot}: ${have} of ${size} bytes.`;
  return new StepFailed({
    cause: 'incomplete',
    headline,
    picture: offsetsPicture(
      size,
      [
        { label: 'arrived', ranges: arrived.all },
        { label: 'handed on', ranges: [{ from: 0, to: Math.min(size, have) }] },
      ],
      null,
      `reply ${letter(reply)}`,
    ),
    facts: [`the run: ${planStory(plan)}`],
    expected: `what the checks of the exercise of ${file} ask for`,
    spec: it.check.spec,
    idea: 'A prediction is compared with a run of your own programs, so those have to keep their order first.',
    at: [],
  });
}
