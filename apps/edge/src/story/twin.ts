import { type RequestRecord, verdictSentence } from '@interleave/trace';
import type { Idea, TerminalPlace } from './idea.ts';
import { placeOf } from './ideas.ts';

/** Where lines are broken, in characters. */
const WIDTH = 92;

/**
 * An idea as text for a terminal. It says what carried this very response, so that two addresses in one command are the
 * experiment; then what the page says. `run` is what a run of the experiment gave, where one can be made without a browser.
 */
export function ideaText(idea: Idea, record: RequestRecord, place: TerminalPlace, run: string): string {
  const { commands, see } = idea.terminal(place);
  const after = placeOf(idea.path)?.after;
  const blocks = [
    [idea.headline.toUpperCase(), verdictSentence(record.verdict, record.facts, 'response')],
    run === '' ? [] : [idea.bytes, '', run],
    idea.sentences.flatMap((sentence) => wrap(sentence)),
    ['What surprises people', ...idea.surprises.flatMap((text) => wrap(text, '- '))],
    ['The same from here', ...commands.map((command) => `  ${command}`), ...wrap(see)],
    [
      `Build it yourself: ${idea.build.exercise}, ${idea.build.what}`,
      ...(after ? [`Next: ${place.origin}${after.path}`] : []),
    ],
  ];
  return `${blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

/** Breaks text between words; lines after the first are indented under it. */
export function wrap(text: string, bullet = ''): string[] {
  const lines: string[] = [];
  let line = bullet;
  for (const word of text.split(' ')) {
    if (line.length > bullet.length && line.length + word.length + 1 > WIDTH) {
      lines.push(line);
      line = ' '.repeat(bullet.length);
    }
    line += line.trim() === '' || line === bullet ? word : ` ${word}`;
  }
  return [...lines, line];
}
