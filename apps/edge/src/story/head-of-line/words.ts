import { count } from '@interleave/trace/look';
import { NAMES } from '../names.ts';
import { verdictOf } from './panels.ts';
import { type HolePlan, LOST } from './plan.ts';
import { shared } from './roads.ts';
import { countLate, type HoleRun } from './run.ts';

const WORDS = [
  'none',
  'one',
  'two',
  'three',
  'four',
  'five',
  'six',
  'seven',
  'eight',
  'nine',
  'ten',
  'eleven',
  'twelve',
];

/** A small number as a word: `none`, `one` … `twelve`. */
export function numberWord(n: number): string {
  return WORDS[n] ?? String(n);
}

/** What stands in the hole: `content of /c`, `the head of a frame of /c`, `SETTINGS of the connection`. */
export function coveredWords({ frames, hole }: HoleRun): string {
  const covered = frames.filter((frame) => shared(frame, hole.from, hole.to) > 0);
  const told = covered.map(({ kind, reply, from }) => {
    if (reply === null) return `${kind.toUpperCase()} of the connection`;
    const isHeadOnly = hole.from >= from && hole.to <= from + 9;
    if (isHeadOnly) return `the nine-byte head of a frame of /${NAMES[reply]}`;
    return `${kind.toUpperCase()} of /${NAMES[reply]}`;
  });
  const parts = [...new Set(told)];
  if (parts.length > 3) return `${parts.slice(0, 2).join(', ')} and ${count(parts.length - 2, 'frame')} more`;
  return [parts.slice(0, -1).join(', '), parts.at(-1)].filter(Boolean).join(' and ');
}

/** What happened, in three sentences. */
export function holeWords(run: HoleRun): string {
  const { one, own, hole, plan } = run;
  const [late, less] = [countLate(one), countLate(own)];
  const lost = one.fates.filter((fate) => fate === 'lost').length;
  const wait = late - lost;
  const size = hole.to - hole.from;
  const theirs = `${numberWord(lost)} lost bytes of ${lost > 1 ? 'their' : 'its'} own`;
  const rest = wait === 0 ? 'and nobody else waits' : `${numberWord(wait)} only ${wait === 1 ? 'waits' : 'wait'}`;
  return [
    `${count(size, 'byte')} ${size === 1 ? 'is' : 'are'} lost: ${coveredWords(run)}.`,
    `On one order ${lateWords(late, plan.n)}${late === 0 ? '' : `: ${theirs}, ${rest}`}.`,
    `With an order for each stream ${lateWords(less, plan.n)}.`,
  ].join(' ');
}

function lateWords(late: number, n: number): string {
  if (late === 0) return 'nobody is late';
  return late === n
    ? `all ${numberWord(n)} are late`
    : `${numberWord(late)} of ${numberWord(n)} ${late === 1 ? 'is' : 'are'} late`;
}

/** Places for the hole that each show something else, as far as a run has them. */
export function presets({ frames, total, plan }: HoleRun): { readonly name: string; readonly plan: HolePlan }[] {
  const data = frames.filter(({ kind, from, to }) => kind === 'data' && to - from > 400 && from > total * 0.4);
  const [frame] = data;
  const edge = data.find(({ to, reply }) => frames.some((next) => next.from === to && next.reply !== reply));
  const places: [string, number, number][] = [];
  if (frame) places.push(['inside one frame', frame.from + 17, LOST]);
  if (edge) places.push(['across two', edge.to - LOST / 2, LOST]);
  if (frame) places.push(['the head of a frame', frame.from, 9]);
  const settings = frames[0];
  if (settings?.reply === null) places.push(['the server’s SETTINGS', settings.from, settings.to - settings.from]);
  places.push(['the very end', total - LOST, LOST]);
  return places.map(([name, from, lost]) => ({ name, plan: { ...plan, from, lost } }));
}

/** The address of a run. */
export function holeQuery({ n, seed, order, from, lost }: HolePlan): Record<string, string> {
  return { n: String(n), seed: String(seed), order, from: String(from), lost: String(lost) };
}

/** For a terminal: a line for each reply, both roads beside each other, then both orders of writing. */
export function holeText(run: HoleRun): string {
  const { plan, hole, one, own, total, gains } = run;
  const rows = Array.from({ length: plan.n }, (_, reply) => {
    const [a, b] = [one, own].map(({ fates, late }) => verdictOf(fates[reply] ?? 'before', late[reply] ?? 0));
    return `  /${NAMES[reply]}     ${(a ?? '').padEnd(16)}${b}`;
  });
  const gain = gains.map(({ order, points }) => {
    const mean = (of: 'one' | 'own'): string =>
      (points.reduce((sum, point) => sum + point[of], 0) / points.length).toFixed(1);
    return `  ${order === 'turn' ? 'each to its end  ' : 'a piece of each  '} one order ${mean('one').padStart(4)}   own orders ${mean('own')}`;
  });
  return [
    holeWords(run),
    `Bytes ${hole.from} to ${hole.to - 1} of ${total}; virtual time; the server writes ${plan.order === 'turn' ? 'each reply to its end' : 'a piece of each in turn'}.`,
    '',
    '  reply  one order       own orders',
    ...rows,
    '',
    'Late of the replies, on average over all places of the hole:',
    ...gain,
  ].join('\n');
}
