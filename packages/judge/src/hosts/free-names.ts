/**
 * Names that a file uses and that nothing gives it: a forgotten import, a slip of the pen. At run time such a name throws, and a
 * `catch` that was meant for a broken connection swallows it; then nothing in the verdict tells.
 */
import { SourceMap } from 'node:module';
import { transform } from 'esbuild';
import type { CodePlace } from '../result.ts';
import type { Program, ProgramFile } from './program.ts';

export type FreeName = { readonly name: string; readonly place: CodePlace };

const MARK = '__nobody_gives_';

/** What looks like a name and can be none, or is one in every function. */
const RESERVED: ReadonlySet<string> = new Set(
  `arguments as async await break case catch class const continue debugger default delete do else enum eval export extends false
  finally for from function get if implements import in instanceof interface let new null of package private protected public return
  set static super switch this throw true try typeof var void while with yield`.split(/\s+/),
);

/** The first use of each, by file and line. */
export async function freeNames(program: Program): Promise<FreeName[]> {
  const found = await Promise.all(Object.entries(program.files).map(([path, file]) => freeIn(path, file)));
  return found.flat();
}

/** Scopes are the bundler's business: it replaces a name only where nobody declares it. */
async function freeIn(path: string, { js, lines, prelude }: ProgramFile): Promise<FreeName[]> {
  const words = new Set(js.match(/(?<![\w$.#])[A-Za-z_$][\w$]*/g));
  const define = Object.fromEntries(
    [...words]
      .filter((word) => !RESERVED.has(word) && !(word in globalThis))
      .map((word) => [word, `${MARK}${word}`] as const),
  );
  const { code, map } = await transform(js, { define, sourcemap: 'external', target: 'esnext', logLevel: 'silent' });
  const names = new Map<string, FreeName>();
  const entries = new SourceMap(JSON.parse(map));
  for (const [row, text] of code.split('\n').entries()) {
    for (const { 0: used, index } of text.matchAll(new RegExp(`${MARK}[\\w$]+`, 'g'))) {
      const name = used.slice(MARK.length);
      const entry = entries.findEntry(row, index);
      if (names.has(name) || !('originalLine' in entry)) continue;
      const line = entry.originalLine + 1;
      const column = entry.originalColumn + 1 - (line === 1 ? prelude : 0);
      const did = `uses ${name}, which is not declared`;
      names.set(name, { name, place: { file: path, line, column, text: lines[line - 1] ?? '', did } });
    }
  }
  // Whoever asks first whether a name is there knows that it may not be.
  return [...names.values()].filter(({ name }) => !code.includes(`typeof ${MARK}${name} `));
}
