import { duration } from '../../look/text.ts';
import type { Report } from '../analyse.ts';
import type { Comparison } from '../compare.ts';
import type { Finding } from '../finding.ts';
import { ruleOf } from '../rules/mod.ts';
import { evidenceLines, NETLOG_ADVICE, silentGroups, sureWords, tellLines } from './evidence.ts';

/** A report as Markdown (CommonMark): names from the file come out as the text they are. */
export function reportMarkdown(report: Report, title = 'Connection report'): string {
  return blocks([`# ${text(title)}`, ...body(report, '##')]);
}

/** What went, came and stayed between two files, then both reports. */
export function comparisonMarkdown(comparison: Comparison): string {
  const { before, after, went, came, stayed, unknown } = comparison;
  const items = (findings: readonly Finding[]): string =>
    findings.length === 0 ? 'None.' : findings.map((each) => `- \`${each.rule}\` ${text(each.sentence)}`).join('\n');
  return blocks([
    '# Two recordings compared',
    `- before: ${text(before.sentence)}\n- after: ${text(after.sentence)}`,
    `## Went (${went.length})`,
    items(went),
    `## Came (${came.length})`,
    items(came),
    `## Stayed (${stayed.length})`,
    stayed.length === 0
      ? 'None.'
      : stayed
          .map(
            (each) =>
              `- \`${each.after.rule}\` ${text(each.after.sentence)} Before: at most ${duration(each.before.atMostMs)}; now: at most ${duration(each.after.atMostMs)}.`,
          )
          .join('\n'),
    ...(unknown.length === 0
      ? []
      : [
          `## In one file only, and the other cannot tell (${unknown.length})`,
          unknown
            .map((each) => `- ${each.in}: \`${each.finding.rule}\` ${text(`${each.finding.sentence} ${each.why}`)}`)
            .join('\n'),
        ]),
    '## Before',
    ...body(before, '###'),
    '## After',
    ...body(after, '###'),
  ]);
}

function body(report: Report, level: string): string[] {
  const silent = silentGroups(report);
  return [
    `${level} What this file can tell`,
    tellLines(report).map(item).join('\n'),
    `**${text(report.sentence)}**`,
    `${level} Findings`,
    ...(report.findings.length === 0
      ? ['None.']
      : report.findings.flatMap((finding, i) => findingBlocks(report, finding, i + 1, level))),
    ...(report.notes.length === 0
      ? []
      : [`${level} Also noted`, report.notes.map(({ sentence }) => item(sentence)).join('\n')]),
    ...(silent.length === 0
      ? []
      : [
          `${level} What this file cannot tell`,
          silent
            .map(({ why, rules }) => `- ${text(why)} (${rules.map((rule) => `\`${rule}\``).join(', ')})`)
            .join('\n'),
          ...(report.recording.kind === 'har' ? [text(NETLOG_ADVICE)] : []),
        ]),
  ];
}

function findingBlocks(report: Report, finding: Finding, n: number, level: string): string[] {
  const rule = ruleOf(finding.rule);
  const thresholds = Object.entries(rule.thresholds).map(([key, value]) => `\`${key}\` ${value}`);
  return [
    `${level}# ${n}. ${text(rule.title)} (\`${rule.id}\`)`,
    text(finding.sentence),
    [
      `- Sure: ${text(sureWords(finding))}`,
      `- Disproved by: ${text(rule.disproof)}`,
      `- Do: ${text(rule.remedy)}`,
      `- Not when: ${text(rule.exception)}`,
      ...(thresholds.length > 0 ? [`- Thresholds: ${thresholds.join(', ')}`] : []),
      '- Evidence:',
      ...evidenceLines(report, finding.evidence).map((line) => `  ${item(line)}`),
    ].join('\n'),
  ];
}

function item(line: string): string {
  return `- ${text(line)}`;
}

function blocks(parts: readonly string[]): string {
  return `${parts.join('\n\n')}\n`;
}

/** Text that stays text: no link, no emphasis, no tag, no table, whoever wrote the name of the host. */
export function text(plain: string): string {
  return (
    plain
      .replace(/[\\`*_{}[\]<>#|~!&$^]/g, '\\$&')
      .replace(/[\r\n]+/g, ' ')
      // GFM makes links of bare addresses; a joiner of no width would be copied along, an escape is not.
      .replace(/:\/\//g, ':\\/\\/')
      .replace(/\b(www)\./gi, '$1\\.')
      .replace(/@/g, '\\@')
  );
}
