/**
 * The range that is held back, before an unmodified Chromium. Everything waits for something that happens, nothing for time to
 * pass: all requests are there, all replies are made, the bytes in front of the hole have left, the page has told which images
 * it has. Only then is the learner's list compared with what Chromium has not.
 */
import type { BrowserCheck } from '../exercise.ts';
import type { Program } from '../hosts/program.ts';
import { engineFailure } from '../raw/engine.ts';
import { parseReply } from '../raw/replies.ts';
import type { HeldPicture } from '../result.ts';
import type { WarmPage } from './browser.ts';
import { certificate } from './certificate.ts';
import { HeldRelay, type RelayConnection, type Stretch } from './held-relay.ts';
import { HeldServer, imagePath, imageSize } from './held-server.ts';
import { CheckFailed } from './server.ts';

/** As many bytes as one lost packet takes with it. */
const LOST = 1400;
/** Longer than any machine needs for a hundred frames. */
const HUNG_MS = 15_000;
/** What six connections carry at a time. */
const LANES = 6;

export type Named = { readonly streamId: number; readonly why: unknown };

/** What the learner's function gave in the page, or that it did not. */
export type Predicted =
  | { readonly gave: unknown }
  | { readonly threw: { name: string; message: string; stack: string } };

export type HeldRun = {
  readonly picture: HeldPicture;
  /** What was handed to the learner's function, and what it gave. */
  readonly hole: { readonly from: number; readonly to: number };
  readonly frames: readonly Stretch[];
  readonly predicted: Predicted;
  /** Streams whose image the page did not have when the hole was filled. */
  readonly missing: readonly number[];
  /** Stream → path of its image. */
  readonly paths: ReadonlyMap<number, string>;
};

type Asked = {
  readonly check: BrowserCheck;
  readonly program: Program;
  readonly warm: WarmPage;
  readonly images: number;
};

/** One load of the page. Rejects when Chromium does not do what it must: a fault of the judge's. */
export async function heldRun(protocol: 'h2' | 'http/1.1', asked: Asked): Promise<HeldRun> {
  const { check, program, images } = asked;
  const isHttp2 = protocol === 'h2';
  const server = new HeldServer(check.id, program, images, isHttp2 ? images : LANES);
  const relay = new HeldRelay(await server.listen(), isHttp2 ? certificate() : null);
  try {
    const origin = `${isHttp2 ? 'https' : 'http'}://127.0.0.1:${await relay.listen()}`;
    return await (isHttp2 ? onOne : onSix)(origin, asked, relay, server);
  } finally {
    relay.close();
    await server.close();
  }
}

/** HTTP/2: everything is on one connection. */
async function onOne(origin: string, asked: Asked, relay: HeldRelay, server: HeldServer): Promise<HeldRun> {
  const { images } = asked;
  await open(origin, asked);
  await server.barrier.full;
  const carrier = relay.connections.find((connection) => connection.frames().some(({ streamId }) => streamId > 0));
  if (carrier === undefined) throw new Error('No connection of the page carries a stream');
  const before = new Set(carrier.frames().map(({ streamId }) => streamId));
  carrier.holdFrom(carrier.received);
  server.barrier.open();
  const own = (): (Stretch & { type: number })[] => carrier.frames().filter(({ streamId }) => !before.has(streamId));
  await relay.until(() => own().filter(({ last }) => last).length === images);
  const hole = holeIn(own());
  carrier.holdFrom(hole.from);
  const frames = carrier.frames().map(({ from, to, streamId, last }) => ({ from, to, streamId, last }));
  const paths = new Map<number, string>();
  for (const streamId of new Set(own().map((frame) => frame.streamId))) {
    const data = own().filter((frame) => frame.streamId === streamId && frame.type === 0);
    const size = data.reduce((sum, { from, to }) => sum + to - from - 9, 0);
    const n = Array.from({ length: images }, (_, i) => i + 1).find((image) => imageSize(image) === size);
    if (n === undefined) throw new Error(`Stream ${streamId} carries ${size} bytes, and no image has as many`);
    paths.set(streamId, imagePath(n));
  }
  return finish({ asked, carrier, hole, frames, paths, title: 'HTTP/2: one connection' });
}

/** HTTP/1.1: six connections, and the range is on one of them. A reply is what a frame is there, its place is its number. */
async function onSix(origin: string, asked: Asked, relay: HeldRelay, server: HeldServer): Promise<HeldRun> {
  await open(origin, asked);
  await server.barrier.full;
  const asking = relay.connections.filter((connection) => connection.targets.at(-1)?.startsWith('/image/') === true);
  // The largest of the six: whatever its head takes, the hole lies in it.
  const carrier = asking.sort((a, b) => sizeOf(b) - sizeOf(a))[0];
  if (carrier === undefined) throw new Error('No connection of the page asks for an image');
  const hole = { from: carrier.received + 2000, to: carrier.received + 2000 + LOST };
  carrier.holdFrom(hole.from);
  server.barrier.open();
  const { targets } = carrier;
  await relay.until(() => repliesOn(carrier).length === targets.length);
  const frames = repliesOn(carrier);
  const paths = new Map(targets.map((target, i) => [i + 1, target]));
  return finish({ asked, carrier, hole, frames, paths, title: 'HTTP/1.1: the one of six connections with the hole' });
}

async function open(origin: string, { warm, check }: Asked): Promise<void> {
  await warm.page.goto(`${origin}/`, { waitUntil: 'load', timeout: 0 });
  // The learner's file is there before anything is held.
  const script = `import('/learner~${check.id}/${check.scene.file}').then((file) => { learner = file; }, (error) => { learner = { error }; })`;
  await warm.page.evaluate(`var learner; ${script}.then(() => begin())`);
}

/** Inside a DATA frame that more of its stream follow, when a third of the streams are over. */
function holeIn(frames: readonly (Stretch & { type: number })[]): { from: number; to: number } {
  const all = new Set(frames.map(({ streamId }) => streamId)).size;
  const third = frames.findIndex((_, i) => frames.slice(0, i).filter(({ last }) => last).length * 3 >= all);
  const frame = frames.slice(third).find(({ type, last, from, to }) => type === 0 && !last && to - from > 3 * LOST);
  if (frame === undefined) throw new Error('No frame is long enough to lose a range in its middle');
  return { from: frame.from + LOST, to: frame.from + 2 * LOST };
}

function sizeOf(connection: RelayConnection): number {
  return imageSize(Number(/\d+/.exec(connection.targets.at(-1) ?? '')?.[0] ?? 0));
}

/** Replies that have come whole. */
function repliesOn({ bytes, targets }: RelayConnection): Stretch[] {
  const replies: Stretch[] = [];
  for (let at = 0; at < bytes.length && replies.length < targets.length; ) {
    const parsed = parseReply(bytes, at, { method: 'GET', ended: false, lenient: false });
    if (parsed.kind !== 'reply') break;
    replies.push({ from: at, to: parsed.reply.to, streamId: replies.length + 1, last: true });
    at = parsed.reply.to;
  }
  return replies;
}

type Held = {
  readonly asked: Asked;
  readonly carrier: RelayConnection;
  readonly hole: { readonly from: number; readonly to: number };
  readonly frames: readonly Stretch[];
  readonly paths: ReadonlyMap<number, string>;
  readonly title: string;
};

/** The hole is open. Asks the learner's code, waits until the page has all that can be whole, then lets the rest go. */
async function finish({ asked, carrier, hole, frames, paths, title }: Held): Promise<HeldRun> {
  const { warm, images, check } = asked;
  const ask = { name: check.scene.export, hole, frames };
  const asking = warm.page.evaluate<Predicted>(`(${askInPage.toString()})(${JSON.stringify(ask)})`);
  const predicted = await comesBack(asking, check.scene.export);
  // Only bytes in front of the hole have left this connection: what ends behind it cannot be whole.
  const held = [...paths].filter(([id]) => frames.some((frame) => frame.streamId === id && frame.to > hole.from));
  await warm.page.evaluate(`until(${images - held.length})`);
  const there = new Set(await warm.page.evaluate<string[]>('there.slice()'));
  carrier.release();
  await warm.page.evaluate(`until(${images})`);
  const missing = [...paths].filter(([, path]) => path.startsWith('/image/') && !there.has(path)).map(([id]) => id);
  const named = namedIn(predicted);
  const rows = [...paths]
    .filter(([, path]) => path.startsWith('/image/'))
    .map(([id, path]) => ({
      label: path,
      streamId: id,
      frames: frames.filter((frame) => frame.streamId === id).map(({ from, to }) => ({ from, to })),
      predicted: named.find(({ streamId }) => streamId === id)?.why === 'lost' ? ('lost' as const) : isNamed(named, id),
      isMissing: missing.includes(id),
    }));
  const others = [...there].filter((path) => ![...paths.values()].includes(path));
  return {
    picture: { title, hole, total: carrier.received, rows, others },
    hole,
    frames,
    predicted,
    missing,
    paths,
  };
}

/** A function of plain values that takes so long does not end. @throws CheckFailed */
async function comesBack<T>(asked: Promise<T>, name: string): Promise<T> {
  asked.catch(() => {});
  let timer: NodeJS.Timeout | undefined;
  const hung = new Promise<never>((_, reject) => {
    const failure = engineFailure(
      'hung',
      `${name} does not come back in the page: it runs for ${HUNG_MS / 1000} s.`,
      [],
    );
    timer = setTimeout(() => reject(new CheckFailed(failure)), HUNG_MS);
  });
  try {
    return await Promise.race([asked, hung]);
  } finally {
    clearTimeout(timer);
  }
}

function isNamed(named: readonly Named[], id: number): 'behind' | null {
  return named.some(({ streamId }) => streamId === id) ? 'behind' : null;
}

/** What can be read of the learner's list. */
export function namedIn(predicted: Predicted): Named[] {
  if (!('gave' in predicted) || !Array.isArray(predicted.gave)) return [];
  return predicted.gave.filter(
    (item): item is Named => typeof item === 'object' && item !== null && typeof item.streamId === 'number',
  );
}

/** Runs in the page, as text: it must not use anything of this file. */
function askInPage(task: { name: string; hole: unknown; frames: unknown }): unknown {
  const { learner } = globalThis as unknown as { learner: Record<string, unknown> };
  const told = (error: unknown): object => {
    const { name = 'Error', message = String(error), stack = '' } = (error ?? {}) as Partial<Error>;
    return { threw: { name, message, stack } };
  };
  if (learner.error !== undefined) return told(learner.error);
  try {
    const gave = (learner[task.name] as (hole: unknown, frames: unknown) => unknown)(task.hole, task.frames);
    // Plain data: anything else could not leave the page. What is read of an item may be a getter of its class.
    const read = (item: unknown): unknown =>
      typeof item !== 'object' || item === null
        ? item
        : { streamId: (item as Named).streamId, why: (item as Named).why };
    return { gave: JSON.parse(JSON.stringify(Array.isArray(gave) ? gave.map(read) : gave) ?? 'null') };
  } catch (error) {
    return told(error);
  }
}
