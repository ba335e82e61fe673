import { duration } from '../../look/text.ts';
import type { Report } from '../analyse.ts';
import type { Comparison } from '../compare.ts';
import type { Finding } from '../finding.ts';
import { ruleOf } from '../rules/mod.ts';
import { evidenceLines, NETLOG_ADVICE, silentGroups, sureWords, tellLines } from './evidence.ts';

export interface TextOptions {
  /** Characters in a line. Default 100. */
  readonly width?: number;
  /** Marks what is most important; without it, nothing but text. */
  readonly strong?: (text: string) => string;
}

/** A report for the terminal. No control character of the file comes through. */
export function reportText(report: Report, options: TextOptions = {}): string {
  const { strong = same, width = 100 } = options;
  const silent = silentGroups(report);
  return sections([
    [...wrap(report.sentence, width, '').map(strong)],
    tellLines(report).flatMap((line) => wrap(line, width, '  ')),
    ...report.findings.map((finding, i) => findingLines(report, finding, i + 1, options)),
    report.findings.length === 0 ? ['No finding.'] : [],
    report.notes.length === 0
      ? []
      : [strong('Also noted'), ...report.notes.flatMap(({ sentence }) => wrap(sentence, width, '  '))],
    silent.length === 0
      ? []
      : [
          strong('What this file cannot tell'),
          ...silent.flatMap(({ why, rules }) => wrap(`${why} (${rules.join(', ')})`, width, '  ')),
          ...(report.recording.kind === 'har' ? wrap(NETLOG_ADVICE, width, '  ') : []),
        ],
  ]);
}

/** What went, came and stayed between two files. */
export function comparisonText(comparison: Comparison, { strong = same, width = 100 }: TextOptions = {}): string {
  const { before, after, went, came, stayed, unknown } = comparison;
  const listed = (title: string, lines: readonly string[]): string[] => [
    strong(`${title} (${lines.length})`),
    ...lines.flatMap((line) => wrap(line, width, '  ')),
  ];
  const line = ({ rule, sentence }: Finding): string => `${rule}: ${sentence}`;
  return sections([
    [...wrap(`before: ${before.sentence}`, width, ''), ...wrap(`after: ${after.sentence}`, width, '')],
    listed('Went', went.map(line)),
    listed('Came', came.map(line)),
    listed(
      'Stayed',
      stayed.map(
        (each) =>
          `${line(each.after)} Before: at most ${duration(each.before.atMostMs)}; now: at most ${duration(each.after.atMostMs)}.`,
      ),
    ),
    unknown.length === 0
      ? []
      : listed(
          'In one file only, and the other cannot tell',
          unknown.map((each) => `${each.in}: ${line(each.finding)} ${each.why}`),
        ),
  ]);
}

function findingLines(
  report: Report,
  finding: Finding,
  n: number,
  { strong = same, width = 100 }: TextOptions,
): string[] {
  const rule = ruleOf(finding.rule);
  const field = (label: string, words: string): string[] => wrap(`${label} ${words}`, width, '   ');
  return [
    strong(`${n}. ${rule.title} [${rule.id}]`),
    ...wrap(finding.sentence, width, '   '),
    ...field('Sure:', sureWords(finding)),
    ...field('Disproved by:', rule.disproof),
    ...field('Do:', rule.remedy),
    ...field('Not when:', rule.exception),
    ...evidenceLines(report, finding.evidence, 3).flatMap((line) => wrap(`· ${line}`, width, '   ')),
  ];
}

/** Lines of at most `width` characters, broken at spaces; a word that is longer stands alone. */
function wrap(text: string, width: number, indent: string): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (line !== '' && indent.length + longer.length > width) {
      lines.push(indent + line);
      line = word;
    } else line = longer;
  }
  return [...lines, indent + line];
}

function sections(parts: readonly (readonly string[])[]): string {
  return `${parts
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

function same(text: string): string {
  return text;
}
