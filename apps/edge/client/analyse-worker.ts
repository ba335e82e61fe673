import {
  analyse,
  anonymiser,
  type Comparison,
  compare,
  comparisonJson,
  comparisonMarkdown,
  type Recording,
  type Report,
  readRecording,
  reportJson,
  reportMarkdown,
} from '@interleave/trace/report';
import { paintComparison, paintReport } from '../src/analyse/paint.ts';
import type { Answer, Ask } from './analyse/messages.ts';

/** Reads and judges beside the page, which stays alive. Nothing in here can reach the network: the page's policy forbids it. */
let recordings: readonly Recording[] = [];
let names: readonly string[] = [];

function say(answer: Answer): void {
  postMessage(answer);
}

addEventListener('message', ({ data }: MessageEvent<Ask>) => {
  if (data.type === 'export') exportAs(data.as, data.anonymise);
  else void read(data.files);
});

async function read(files: readonly File[]): Promise<void> {
  const found: Recording[] = [];
  for (const file of files) {
    try {
      found.push(
        await readRecording(file.stream(), {
          onProgress: ({ bytes, exchanges }) =>
            say({ type: 'progress', file: file.name, bytes, total: Math.max(file.size, bytes), entries: exchanges }),
        }),
      );
    } catch (error) {
      say({ type: 'failed', file: file.name, message: error instanceof Error ? error.message : String(error) });
      return;
    }
  }
  recordings = found;
  names = files.map(({ name }) => name);
  try {
    const said = judge(found);
    const html =
      'before' in said ? paintComparison(said, [names[0] ?? '', names[1] ?? '']) : paintReport(said, names[0] ?? '');
    say({ type: 'report', html });
  } catch (error) {
    say({ type: 'failed', file: names.join(' and '), message: error instanceof Error ? error.message : String(error) });
  }
}

function judge([first, second]: readonly Recording[]): Report | Comparison {
  if (first === undefined) throw new Error('There is no recording.');
  return second === undefined ? analyse(first) : compare(analyse(first), analyse(second));
}

function exportAs(as: 'markdown' | 'json', anonymise: boolean): void {
  const hide = anonymiser();
  const said = judge(anonymise ? recordings.map(hide) : recordings);
  const name = anonymise ? 'connection-report-anonymous' : 'connection-report';
  if (as === 'markdown') {
    const text = 'before' in said ? comparisonMarkdown(said) : reportMarkdown(said);
    say({ type: 'exported', name: `${name}.md`, text, mime: 'text/markdown' });
  } else {
    const json = 'before' in said ? comparisonJson(said) : reportJson(said);
    say({
      type: 'exported',
      name: `${name}.json`,
      text: `${JSON.stringify(json, null, 2)}\n`,
      mime: 'application/json',
    });
  }
}
