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

type Finished = { readonly plan: RoadPlan; readonly finished: number[] };

/** The plans of a seed, and in which slot each reply was whole. @throws StepFailed when code of an earlier exercise does not do its part. */
export async function runRoads(step: ExpectRoadsStep, it: It): Promise<Finished[]> {
  const replies = await serveReplies(step, it);
  const sizes = replies.map((reply) => reply.length);
  const roads = plansOf(step.seed, step.schedule, sizes).map((plan) => new RoadRun(plan, step, it, replies));
  // All roads side by side: a slot is a slot on each of them.
  for (let slot = 0; slot <= Math.max(...roads.map((road) => road.end)); slot++) {
    for (const road of roads) road.take(slot);
    await it.world.until(() => roads.every((road) => road.isReady(slot)));
    if (it.world.fault !== null) throw new StepFailed(it.world.fault);
    for (const road of roads) road.note(slot);
  }
  return roads;
}

/** Takes packets, and knows how many bytes of each reply were handed on. */
type Receiver = {
  take(packet: SentPacket, index: number): void;
  handedOn(reply: number): number;
  readonly problem: unknown;
  readonly file: string;
};

/** One plan under way: what arrives is taken, and what is whole then is noted. Waits for what has to come; nobody is hurried. */
class RoadRun implements Finished {
  readonly plan: RoadPlan;
  readonly finished: number[];
  readonly #receiver: Receiver;
  readonly #sent: readonly SentPacket[];
  readonly #due: readonly number[];
  readonly #check: RawCheck;

  constructor(plan: RoadPlan, step: ExpectRoadsStep, it: It, replies: readonly Uint8Array[]) {
    this.plan = plan;
    this.#sent = sentOf(plan);
    this.#due = finishOf(plan);
    this.#check = it.check;
    this.finished = plan.sizes.map(() => -1);
    this.#receiver = plan.road === 'own order' ? new Own(step, it, replies) : new One(step, it, replies, this.#sent);
  }

  /** The slot in which the last reply is due. */
  get end(): number {
    return Math.max(...this.#due);
  }

  take(slot: number): void {
    for (const [index, packet] of this.#sent.entries()) if (packet.arrives === slot) this.#receiver.take(packet, index);
  }

  /** What is due by now is whole, or never will be. */
  isReady(slot: number): boolean {
    return this.#receiver.problem !== null || this.#due.every((at, reply) => at > slot || this.#isWhole(reply));
  }

  /** @throws StepFailed when a reply is whole too early, or not yet. */
  note(slot: number): void {
    for (const [reply, at] of this.finished.entries()) if (at < 0 && this.#isWhole(reply)) this.finished[reply] = slot;
    const wrong = this.#due.findIndex((at, reply) => at <= slot !== this.#isWhole(reply));
    if (wrong < 0 && this.#receiver.problem === null) return;
    const { plan } = this;
    throw badRoad({ plan, slot, wrong, receiver: this.#receiver, sent: this.#sent, check: this.#check });
  }

  #isWhole(reply: number): boolean {
    return this.#receiver.handedOn(reply) >= (this.plan.sizes[reply] ?? 0);
  }
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
  check: RawCheck;
}): StepFailed {
  const { plan, slot, wrong, receiver, sent, check } = run;
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
    spec: check.spec,
    idea: 'A prediction is compared with a run of your own programs, so those have to keep their order first.',
    at: [],
  });
}
