/** A run as text that can be read without any tool: steps, and what went over each connection, in order. */
import { bytesLine, visibleText } from '@interleave/trace/look';
import type { CheckResult, Entry, RunResult } from '../result.ts';

const SIGN: Readonly<Record<CheckResult['status'], string>> = { pass: '✓', fail: '✗', skipped: '–' };
const STEP: Readonly<Record<string, string>> = { done: '✓', failed: '✗', 'not run': '–' };

/** The whole run. */
export function transcriptText(result: RunResult): string {
  const head = `${result.exercise} on ${result.host}, ${result.startedAt}: ${result.status}`;
  const tests = result.tests.map((test) => checkTranscript(test));
  return `${[head, ...(result.message === undefined ? [] : [result.message]), ...tests].join('\n\n')}\n`;
}

/** One check: its steps, then its transcript. */
export function checkTranscript(test: CheckResult): string {
  const lines = [`${SIGN[test.status]} ${test.name}`];
  if (test.variants !== undefined) {
    const failed = test.variants.failed === undefined ? '' : `; the one that failed: ${test.variants.failed}`;
    lines.push(`  ${test.variants.run} deliveries${failed}`);
  }
  test.steps.forEach((step, i) => {
    lines.push(`  ${String(i + 1).padStart(2)} ${STEP[step.status]} ${visibleText(step.text)}`);
  });
  if (test.transcript.length > 0) lines.push('', ...test.transcript.map(entryLine));
  if (test.output !== '')
    lines.push(
      '',
      '  your code printed:',
      ...test.output
        .trimEnd()
        .split('\n')
        .map((l) => `  │ ${visibleText(l)}`),
    );
  return lines.join('\n');
}

/** `  c1 → GET /a HTTP/1.1␍␊…`: the arrow points to whom it went. */
export function entryLine(entry: Entry): string {
  const at = `${Math.round(entry.at)} ms`.padStart(9);
  const who = (entry.connection === '' ? '' : `${entry.connection} `).padStart(5);
  return `${at} ${who}${entryWords(entry)}`;
}

function entryWords(entry: Entry): string {
  const arrow = entry.by === 'judge' ? '→' : '←';
  switch (entry.what) {
    case 'opened':
      return '● opened';
    case 'ended':
      return entry.by === 'judge' ? '→ end (FIN)' : '← end (FIN)';
    case 'reset':
      return `${arrow} broken off (RST)`;
    case 'stopped reading':
      return '  your code stopped reading';
    case 'settled':
      return '  serve settled';
    case 'bytes': {
      const bytes = Uint8Array.from(entry.bytes, (c) => c.charCodeAt(0));
      const place = entry.place === undefined ? '' : `  ${entry.place.file}:${entry.place.line}`;
      return `${arrow} ${bytesLine(bytes, { max: 52 }).text}${place}`;
    }
    case 'request':
      return `  handler called: ${visibleText(entry.request)}`;
    case 'response':
      return `  handler answered: ${entry.status}`;
    case 'gave':
      return `  ${entry.call} ${entry.outcome}; used up to byte ${entry.used}`;
    case 'arrived':
      return `→ ${entry.from} to ${entry.to}${entry.last === true ? ', the last ones' : ''}${entry.packet === undefined ? '' : `, in packet ${entry.packet}`}`;
    case 'passed on':
      return `← ${entry.from} to ${entry.to} passed on`;
    case 'said':
      return `  printed: ${visibleText(entry.text)}`;
    case 'time':
      return `  the clock moves to ${entry.to} ms`;
  }
}
