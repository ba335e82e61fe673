import { openAsBlob } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { visibleText } from '@interleave/trace/look';
import {
  analyse,
  anonymiser,
  compare,
  comparisonJson,
  comparisonMarkdown,
  comparisonText,
  type Recording,
  type Report,
  readRecording,
  reportJson,
  reportMarkdown,
  reportText,
} from '@interleave/trace/report';
import { HELP } from './help.ts';
import { type Options, readOptions, UsageError } from './options.ts';
import { ProgressLine } from './progress.ts';

/** What a command has of the world. */
export interface Terminal {
  readonly stdin: Readable;
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown; readonly isTTY?: boolean | undefined };
  /** Where relative paths begin. */
  readonly folder: string;
  readonly isColoured: boolean;
}

/** Nothing found by a rule of `--fail-on`; such a rule found something; unreadable file or arguments. */
type ExitCode = 0 | 1 | 2;

/**
 * Runs `interleave` with these arguments.
 *
 * @returns the exit code
 */
export async function run(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const [command, ...rest] = args;
  try {
    if (command === undefined || command === '--help' || command === '-h' || command === 'help') {
      (command === undefined ? terminal.stderr : terminal.stdout).write(HELP);
      return command === undefined ? 2 : 0;
    }
    if (command !== 'analyse' && command !== 'analyze') {
      throw new UsageError(`There is no command ${JSON.stringify(command)}. There is: analyse.`);
    }
    const options = readOptions(rest);
    if (!options.help) return await analyseFiles(options, terminal);
    terminal.stdout.write(HELP);
    return 0;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    terminal.stderr.write(`${visibleLines(error.message)}\nMore: interleave analyse --help\n`);
    return 2;
  }
}

interface Read {
  readonly file: string;
  readonly report: Report;
}

async function analyseFiles(options: Options, terminal: Terminal): Promise<ExitCode> {
  const hide = options.anonymise ? anonymiser() : (recording: Recording): Recording => recording;
  const read: Read[] = [];
  let isUnread = false;
  for (const file of options.files) {
    try {
      read.push({ file, report: analyse(hide(await recordingIn(file, terminal))) });
    } catch (error) {
      // One file that is broken says nothing about the next.
      terminal.stderr.write(`${visibleText(file)}: ${visibleText(messageOf(error))}\n`);
      isUnread = true;
    }
  }
  if (!(options.compare && isUnread)) write(read, options, terminal);
  if (isUnread) return 2;
  const judged = options.compare ? read.slice(1) : read;
  return judged.some(({ report }) => report.findings.some(({ rule }) => options.failOn.has(rule))) ? 1 : 0;
}

async function recordingIn(file: string, terminal: Terminal): Promise<Recording> {
  const progress = new ProgressLine(terminal.stderr);
  const name = file === '-' ? 'standard input' : visibleText(basename(file));
  try {
    const { stream, bytes } = await source(file, terminal);
    return await readRecording(stream, {
      onProgress: (done) => progress.update(name, done.bytes, bytes, performance.now()),
    });
  } finally {
    progress.clear();
  }
}

async function source(
  file: string,
  terminal: Terminal,
): Promise<{ stream: ReadableStream<Uint8Array>; bytes: number | null }> {
  if (file === '-') return { stream: Readable.toWeb(terminal.stdin) as ReadableStream<Uint8Array>, bytes: null };
  const path = resolve(terminal.folder, file);
  const { size } = await stat(path);
  return { stream: (await openAsBlob(path)).stream(), bytes: size };
}

function write(read: readonly Read[], options: Options, { stdout, isColoured }: Terminal): void {
  const [before, after] = read;
  const style = isColoured ? { strong: (text: string) => `\u001b[1m${text}\u001b[22m` } : {};
  if (options.compare && before && after) {
    const both = compare(before.report, after.report);
    if (options.output === 'json') stdout.write(json(comparisonJson(both)));
    else stdout.write(options.output === 'markdown' ? comparisonMarkdown(both) : comparisonText(both, style));
    return;
  }
  if (options.output === 'json') {
    const reports = read.map(({ file, report }) => ({
      file: options.anonymise ? null : basename(file),
      ...reportJson(report),
    }));
    if (options.files.length > 1) stdout.write(json({ format: 'interleave-reports', version: 1, reports }));
    else if (reports[0] !== undefined) stdout.write(json(reports[0]));
    return;
  }
  for (const [i, { file, report }] of read.entries()) {
    const title = options.anonymise ? `File ${i + 1}` : file === '-' ? 'Standard input' : basename(file);
    if (options.output === 'markdown') stdout.write(`${i > 0 ? '\n' : ''}${reportMarkdown(report, title)}`);
    else
      stdout.write(
        `${options.files.length > 1 ? `${i > 0 ? '\n' : ''}${visibleText(title)}\n\n` : ''}${reportText(report, style)}`,
      );
  }
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT' || code === 'ERR_INVALID_ARG_VALUE') return 'There is no such file.';
  if (code === 'EISDIR') return 'This is a folder.';
  return code === 'EACCES' ? 'This file may not be read.' : error.message;
}

function visibleLines(text: string): string {
  return text.split('\n').map(visibleText).join('\n');
}
