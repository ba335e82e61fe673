import { styleText } from 'node:util';
import type { FailedListener } from './lab.ts';
import type { Listener } from './listeners.ts';

/** The next exercise, for the ready screen. */
export interface NextExercise {
  readonly id: string;
  readonly title: string;
  /** The file that the learner edits. */
  readonly file: string;
}

export interface ReadyScreen {
  readonly listeners: readonly Listener[];
  readonly failed: readonly FailedListener[];
  readonly home: string;
  readonly seconds: number;
  readonly authorityFile: string;
  /** `off`: the lab runs without the workshop; null: every exercise is done. */
  readonly next: NextExercise | null | 'off';
  readonly notes: readonly string[];
}

/** Paints a piece of text, or leaves it as it is. */
export type Paint = (style: 'bold' | 'dim' | 'green' | 'yellow' | 'red' | 'cyan', text: string) => string;

/** Colours when the stream is a terminal and NO_COLOR does not forbid it. */
export function painter(stream: NodeJS.WriteStream): Paint {
  return (style, text) => styleText(style, text, { stream });
}

const WIDTH = 80;
const INDENT = '  ';

/** What `npm start` ends with: where everything is, in what state, and what to do next. At most 80 columns wide. */
export function readyScreen(screen: ReadyScreen, paint: Paint): string {
  const lines: string[] = [''];
  const time = `ready in ${screen.seconds.toFixed(1)} s`;
  lines.push(INDENT + paint('bold', 'Interleave') + paint('dim', time.padStart(WIDTH - INDENT.length * 2 - 10)), '');

  const width = Math.max(...screen.listeners.map((listener) => listener.origin.length), 22) + 2;
  for (const listener of screen.listeners) {
    const { plan, quic, takenBy, wanted } = listener;
    lines.push(`${INDENT}${paint('green', '●')} ${paint('bold', listener.origin.padEnd(width))}${plan.speaks}`);
    const indent = INDENT.length + 2 + width;
    lines.push(' '.repeat(indent) + paint('dim', plan.purpose));
    if (quic?.on === false) {
      for (const line of wrap(`HTTP/3 is off. ${quic.reason}`, WIDTH - indent)) {
        lines.push(' '.repeat(indent) + paint('yellow', line));
      }
    }
    if (takenBy !== null) {
      for (const line of wrap(
        `port ${wanted} is taken by ${takenBy}, so it is ${listener.port} today`,
        WIDTH - indent,
      )) {
        lines.push(' '.repeat(indent) + paint('yellow', line));
      }
    }
  }
  for (const { plan, reason } of screen.failed) {
    const origin = `${plan.scheme}://localhost:${plan.port}`;
    lines.push(`${INDENT}${paint('red', '○')} ${origin.padEnd(width)}off: ${plan.speaks}`);
    const indent = INDENT.length + 2 + width;
    for (const line of wrap(reason, WIDTH - indent)) lines.push(' '.repeat(indent) + paint('red', line));
  }

  lines.push('', ...nextLines(screen, paint), '');
  const h1 = screen.listeners.find((listener) => listener.plan.scheme === 'https');
  const commands: [string, string][] = [['npm run browser', 'opens a Chromium that trusts the lab']];
  if (h1 !== undefined) {
    commands.push([`curl -k ${h1.origin}/reqinfo`, 'shows what the lab knows about curl']);
  }
  commands.push(['npm run check', 'judges what you have worked on'], ['Ctrl+C', 'ends the lab']);
  const column = Math.max(...commands.map(([command]) => command.length)) + 2;
  for (const [command, what] of commands) {
    lines.push(`${INDENT}${paint('cyan', command.padEnd(column))}${what}`);
  }
  for (const note of screen.notes) {
    lines.push('');
    for (const line of wrap(note, WIDTH - INDENT.length * 2)) lines.push(INDENT + paint('dim', line));
  }
  lines.push('');
  return `${lines.join('\n')}\n`;
}

function nextLines(screen: ReadyScreen, paint: Paint): string[] {
  const label = `${INDENT}${paint('dim', 'next')}  `;
  const indent = ' '.repeat(INDENT.length + 6);
  if (screen.next === 'off') return [`${label}Open ${screen.home} and see which connection carried it.`];
  if (screen.next === null) return [`${label}Every exercise is done. ${screen.home}/workshop shows them again.`];
  const { id, title, file } = screen.next;
  return [
    `${label}${paint('bold', `${id} · ${title}`)}`,
    `${indent}read ${screen.home}/workshop`,
    `${indent}edit ${file}, and save: the verdict appears here`,
  ];
}

/** Breaks text between words so that no line is longer than `width`, except for words that are. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(/\s+/)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
