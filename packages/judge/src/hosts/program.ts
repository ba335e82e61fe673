/** From the learner's files to something every host can run: types taken out, line numbers kept, names hidden that not all hosts have. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Exercise } from '../exercise.ts';
import { engineFailure, HIDDEN_NAMES } from '../raw/engine.ts';
import type { Sources } from '../raw/place.ts';
import type { CodePlace, Failure } from '../result.ts';
import { asFunctionBody, importsOf, mayGive, namesAsked, namesGiven } from './imports.ts';

export type ProgramFile = {
  /** JavaScript, ready to be served or loaded. */
  readonly js: string;
  /** What the learner wrote, by lines. */
  readonly lines: readonly string[];
  /** Characters put in front of line 1. */
  readonly prelude: number;
};

/** Path below `work/` → file. Plain data: it goes to the hosts as it is. */
export type Program = { readonly files: Readonly<Record<string, ProgramFile>> };

export type ProgramSource = {
  /** The folder that holds the learner's files, such as `/…/work`. */
  readonly workDir: string;
  /** Files to take from elsewhere: path below `work/` → absolute path. For the gate, and for replays. */
  readonly overlay?: Readonly<Record<string, string>> | undefined;
};

/** What somebody may have left out, or written as other tools want it. */
const ENDINGS = ['.ts', '/mod.ts', '/index.ts'] as const;

/** Types come from here; at run time there is nothing in it. */
const CONTRACT = 'contract';

/** Reads the exercise's files and whatever they import. A `Failure` names the file that cannot be read, with line and column. */
export function readProgram(exercise: Exercise, source: ProgramSource): Program | Failure {
  const files: Record<string, ProgramFile> = {};
  // A file of which nobody needs a name counts where another one imports it, and else is the learner's own business.
  const queue = exercise.files.filter((file) => file.exports.length > 0).map((file) => file.path);
  for (let path = queue.shift(); path !== undefined; path = queue.shift()) {
    if (path in files) continue;
    const text = readText(source.overlay?.[path] ?? join(source.workDir, path));
    if (text === null) {
      const asked = exercise.files.some((file) => file.path === path);
      // An import that leads nowhere is told when it is loaded, with the line of the import.
      if (asked) return engineFailure('does not load', `${path} is not there.`, []);
      continue;
    }
    const file = toJavaScript(path, text);
    if ('cause' in file) return file;
    const problem = foreignImport(path, file);
    if (problem !== null) return problem;
    files[path] = file;
    for (const { specifier } of importsOf(file.js)) queue.push(resolvePath(path, specifier));
  }
  for (const [path, file] of Object.entries(files)) {
    for (const { specifier, offset } of importsOf(file.js)) {
      const target = resolvePath(path, specifier);
      if (target in files) continue;
      const meant = ENDINGS.map((ending) => target.replace(/(\.[cm]?js)?$/, ending)).find(
        (near) => near !== target && readText(source.overlay?.[near] ?? join(source.workDir, near)) !== null,
      );
      const near = meant === undefined ? '.' : `; there is ${meant}. An import names the whole file, with its ending.`;
      return engineFailure('does not load', `${path} imports ${specifier}, and there is no ${target}${near}`, [
        placeOf(path, file, offset, 'imports it'),
      ]);
    }
    for (const { name, specifier, offset } of namesAsked(file.js)) {
      const target = resolvePath(path, specifier);
      const other = files[target]?.js ?? '';
      if (mayGive(other, name)) continue;
      const gives = namesGiven(other)?.join(', ') || 'no such name';
      const headline = `${path} imports ${name} from ${specifier}, and ${target} exports ${gives}.`;
      return engineFailure('does not load', headline, [placeOf(path, file, offset, `imports ${name}`)]);
    }
  }
  return { files };
}

export function isProgram(value: Program | Failure): value is Program {
  return 'files' in value;
}

export function sourcesOf(program: Program): Sources {
  return new Map(Object.entries(program.files));
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8').replace(/^\uFEFF/, '');
  } catch {
    return null;
  }
}

function toJavaScript(path: string, text: string): ProgramFile | Failure {
  const lines = text.split(/\r\n|\n|\r/);
  let stripped: string;
  try {
    stripped = quietly(() => stripTypeScriptTypes(text, { mode: 'strip' }));
  } catch (error) {
    return syntaxFailure(path, lines, error);
  }
  // `import { type X } from 'contract'` leaves an empty import behind; nothing is loaded for types.
  const js = stripped.replaceAll(/import\s*\{\s*\}\s*from\s*(['"])([^'"]*)\1/g, (all, _quote, specifier: string) =>
    specifier === CONTRACT || !specifier.startsWith('.') ? all.replaceAll(/\S/g, ' ') : all,
  );
  const prelude = preludeFor(js);
  const file = { js: prelude + js, lines, prelude: prelude.length };
  return earlyError(path, file) ?? file;
}

/** One line, no line break, so that line numbers stay. A name that the file declares itself is left to it. */
function preludeFor(js: string): string {
  const declared = (name: string): RegExp =>
    new RegExp(`\\b(?:function\\s*\\*?|class|const|let|var|as|import)\\s+${name}\\b|[{,\\[]\\s*${name}\\b(?!\\s*[.(])`);
  const names = HIDDEN_NAMES.filter((name) => !declared(name).test(js));
  return names.length === 0 ? '' : `const ${names.map((name) => `${name}=undefined`).join(',')};`;
}

function syntaxFailure(path: string, lines: readonly string[], error: unknown): Failure {
  const { message, stack = '', code } = error as { message: string; stack?: string; code?: string };
  // The stack begins with ":line", some source lines and a line of carets.
  const line = Number(/^[^\n]*?:(\d+)\n/.exec(stack)?.[1] ?? 1);
  const column = (/^( *)\^/m.exec(stack)?.[1]?.length ?? 0) + 1;
  const what =
    code === 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX'
      ? `${message.replace(' is not supported in strip-only mode', '')} leaves code behind when types are taken out`
      : message;
  return doesNotLoad(path, lines, line, column, what);
}

function doesNotLoad(path: string, lines: readonly string[], line: number, column: number, what: string): Failure {
  const place: CodePlace = { file: path, line, column, text: lines[line - 1] ?? '', did: 'cannot be read' };
  return engineFailure('does not load', `${path}:${line}:${column} cannot be read: ${what}.`, [place]);
}

const checked = new Map<string, Failure | null>();

/**
 * Errors that only the engine finds (`x` declared twice). V8 does not tell where when it loads a module, so a second Node reads
 * the file; 30 ms, and only for a text that was never seen and does not compile here.
 */
function earlyError(path: string, file: ProgramFile): Failure | null {
  if (compiles(file.js)) return null;
  const known = checked.get(file.js);
  if (known !== undefined) return known;
  const folder = mkdtempSync(join(tmpdir(), 'interleave-'));
  let failure: Failure | null = null;
  try {
    const probe = join(folder, 'probe.mjs');
    writeFileSync(probe, file.js);
    execFileSync(process.execPath, ['--check', probe], { stdio: ['ignore', 'ignore', 'pipe'], encoding: 'utf8' });
  } catch (error) {
    const text = String((error as { stderr?: string }).stderr ?? '');
    const line = Number(/probe\.mjs:(\d+)/.exec(text)?.[1] ?? 1);
    const caret = (/^( *)\^/m.exec(text)?.[1]?.length ?? 0) + 1;
    const message = /^SyntaxError: (.*)$/m.exec(text)?.[1] ?? 'it is no JavaScript';
    failure = doesNotLoad(path, file.lines, line, line === 1 ? Math.max(1, caret - file.prelude) : caret, message);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  checked.set(file.js, failure);
  return failure;
}

/** A quick no: what is left without imports and exports is compiled as an async function. Wrong only on the careful side. */
function compiles(js: string): boolean {
  const given = namesGiven(js);
  if (given !== null && new Set(given).size < given.length) return false;
  try {
    new Function(`"use strict";return async()=>{${asFunctionBody(js)}\n}`);
    return true;
  } catch {
    return false;
  }
}

function foreignImport(path: string, file: ProgramFile): Failure | null {
  for (const { specifier, offset } of importsOf(file.js)) {
    if (specifier.startsWith('./') || specifier.startsWith('../')) continue;
    const place = placeOf(path, file, offset, `imports ${specifier}`);
    return engineFailure(
      'not everywhere',
      `${path} imports ${specifier}; your files may import only each other, by relative path.`,
      [place],
    );
  }
  return null;
}

function placeOf(file: string, { js, lines, prelude }: ProgramFile, offset: number, did: string): CodePlace {
  const before = js.slice(0, offset).split('\n');
  const line = before.length;
  const column = (before.at(-1)?.length ?? 0) + 1 - (line === 1 ? prelude : 0);
  return { file, line, column, text: lines[line - 1] ?? '', did };
}

/** `./bytes.ts` seen from `http1/server.ts` is `http1/bytes.ts`. */
function resolvePath(from: string, specifier: string): string {
  return new URL(specifier, `x:/${from}`).pathname.slice(1);
}

/** Stripping types is marked experimental, and says so on stderr once. */
function quietly<T>(run: () => T): T {
  const emit = process.emitWarning;
  process.emitWarning = () => {};
  try {
    return run();
  } finally {
    process.emitWarning = emit;
  }
}
