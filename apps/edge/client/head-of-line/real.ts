import { ordinal } from '@interleave/trace/look';
import { letterOf, meet } from '../../src/tab/memory.ts';
import { byId, setText } from '../dom.ts';
import type { Stage } from '../stage.ts';
import { fetchPieces, isReachable } from './fetches.ts';
import { disturb, droppedOn, endOn, heldOn, holdBack, undisturb } from './lab.ts';
import { type HeldBack, heldBack, lateWord, lostOne, type Waited, waitedWords } from './summary.ts';
import { awaitWaits, drawWaits } from './waits.ts';

/** What the visitor has chosen, and the address says. */
export interface RealPlan {
  readonly n: number;
  readonly after: number;
  readonly hold: number;
  readonly drop: number;
}

const SIZE = 30_000;
/** Small enough that twelve travel in one flight once the connection is warm: what is lost then comes a round trip after all others. */
const SMALL = 4_000;
const WARM = 120_000;
/** One way, in milliseconds: long enough that a round trip stands out from everything else. */
const DELAY = 150;
const COLD_DELAY = 80;

const UNREACHABLE =
  'not reached: your browser does not trust the lab’s own certificate, or does not speak HTTP/3 with it. npm run browser opens one that does.';

/** Where a listener’s twelve are drawn. */
function boxes(): HTMLElement[] {
  return [...document.querySelectorAll<HTMLElement>('.wait-box')];
}

/** Twelve over each kind of TCP connection, with bytes held back on each in turn. */
export async function holdRun(stage: Stage, plan: RealPlan): Promise<void> {
  open();
  stage.say('Asking …');
  const told: string[] = [];
  let answer = 'not seen';
  for (const box of boxes().filter(({ dataset }) => dataset.protocol !== 'h3')) {
    const { listener = '', origin = location.origin, protocol } = box.dataset;
    awaitWaits(box, 'asking …');
    if (!(await isReachable(origin))) {
      awaitWaits(box, UNREACHABLE);
      continue;
    }
    // Once before, so that every connection is open and none of the twelve waits for a handshake.
    await fetchPieces(origin, plan.n, SIZE);
    await holdBack(listener, plan.after, plan.hold);
    const pieces = await fetchPieces(origin, plan.n, SIZE);
    const held = await heldOn(listener);
    const waited = heldBack(pieces, held);
    meetAll(stage, waited);
    const note = `${waitedWords(waited)}${heldWords(held, waited, plan, letter(stage))}`;
    drawWaits(box, waited, letter(stage), note);
    told.push(`${box.querySelector('b')?.textContent?.split(',')[0]}: ${waitedWords(waited)}.`);
    if (protocol === 'h2') answer = lateWord(waited);
  }
  stage.say(
    told.join(' ') || 'Nothing came. The server may have been stopped; start it again, then press the button again.',
  );
  stage.answer(answer);
}

/** Twelve over QUIC, with one datagram dropped: on a connection that is warm, or on one that has just begun. */
export async function loseRun(stage: Stage, plan: RealPlan, isCold: boolean): Promise<void> {
  const box = boxes().find(({ dataset }) => dataset.protocol === 'h3');
  if (!box) return;
  open();
  const { listener = '', origin = '' } = box.dataset;
  const leave = (): void => void undisturb(listener).catch(() => {});
  addEventListener('pagehide', leave, { once: true });
  try {
    stage.say('Opening a connection over QUIC …');
    awaitWaits(box, 'asking …');
    if (!(await isReachable(origin))) {
      awaitWaits(box, UNREACHABLE);
      stage.say(`HTTP/3 was ${UNREACHABLE}`);
      return;
    }
    const waited = isCold ? await cold(stage, plan, listener, origin) : await warm(stage, plan, listener, origin);
    const dropped = await droppedOn(listener);
    meetAll(stage, waited);
    const where = isCold ? 'on a connection that had just begun' : 'on a warm connection';
    const note =
      dropped === 0
        ? `${waitedWords(waited)}: so many large datagrams were not sent, and none was dropped.`
        : `${waitedWords(waited)}. The lab dropped one datagram, the ${ordinal(plan.drop + 1)} large one, ${where}. What was in it is encrypted: the cause is inferred.${
            waited.late.filter(Boolean).length > 2 ? ' A sender also slows down when it loses one (RFC 9002 §7).' : ''
          }`;
    drawWaits(box, waited, letter(stage), note);
    stage.say(`HTTP/3, one datagram lost ${where}: ${waitedWords(waited)}.`);
  } finally {
    removeEventListener('pagehide', leave);
    await undisturb(listener);
  }
}

async function warm(stage: Stage, { n, drop }: RealPlan, listener: string, origin: string): Promise<Waited> {
  stage.say('Warming the connection up, so that its sender is past slow start …');
  await disturb(listener, DELAY, null);
  for (let i = 0; i < 2; i++) await fetchPieces(origin, n, WARM);
  stage.say('Asking, first without a loss …');
  const usual = await fetchPieces(origin, n, SMALL);
  await disturb(listener, DELAY, drop);
  stage.say('Asking …');
  return lostOne(await fetchPieces(origin, n, SMALL), usual, (2 * DELAY * 2) / 3);
}

/** Twice on a connection of its own each: without a loss, then with one. What differs is the loss. */
async function cold(stage: Stage, { n, drop }: RealPlan, listener: string, origin: string): Promise<Waited> {
  const once = async (lost: number | null): ReturnType<typeof fetchPieces> => {
    await disturb(listener, COLD_DELAY, null);
    await endOn(listener);
    await isReachable(origin);
    await disturb(listener, COLD_DELAY, lost);
    return fetchPieces(origin, n, SIZE);
  };
  stage.say('On a new connection, without a loss …');
  const usual = await once(null);
  stage.say('On another new connection, with one …');
  return lostOne(await once(drop), usual, COLD_DELAY);
}

/** What the lab held back, and who was behind it. */
function heldWords(
  held: HeldBack | null,
  waited: Waited,
  { after }: RealPlan,
  letterOf: (id: string) => string,
): string {
  if (held === null) return `: no connection sent ${after} bytes, so nothing was held back.`;
  if (waited.behind === 0)
    return '. A connection of something else, another tab perhaps, sent so many bytes first, and was held: try again.';
  return `. The lab held back connection ${letterOf(held.connectionId)}, with ${waited.behind} of them on it, for ${held.ms} ms.${slowWords(waited)}`;
}

function slowWords({ slow }: Waited): string {
  if (slow === 0) return '';
  return ` ${slow} more took as long on connections that were not held: something else kept them waiting, such as a busy machine.`;
}

function open(): void {
  byId('waits')?.removeAttribute('hidden');
  byId('before-run')?.setAttribute('hidden', '');
}

function meetAll(stage: Stage, { pieces }: Waited): void {
  let { tab } = stage;
  for (const { connection } of pieces) if (connection !== null) tab = meet(tab, connection);
  stage.keep(tab);
}

function letter(stage: Stage): (id: string) => string {
  return (id) => letterOf(stage.tab, id) ?? '?';
}

export function showChoice(name: string, write: (n: number) => string): () => void {
  return () => setText(byId(`${name}-value`), write(Number(byId<HTMLInputElement>(name)?.value)));
}
