import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Exercise } from '../exercise.ts';
import type { Failure } from '../result.ts';
import { isProgram, type Program, readProgram } from './program.ts';

const exercise = {
  id: 'T1',
  files: [
    { path: 'http1/server.ts', start: null, exports: ['serve'] },
    { path: 'http1/helper.ts', start: null, exports: [] },
  ],
  checks: [],
} as unknown as Exercise;
const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

function read(files: Record<string, string>): Program | Failure {
  const workDir = mkdtempSync(join(tmpdir(), 'interleave-program-'));
  folders.push(workDir);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(workDir, path)), { recursive: true });
    writeFileSync(join(workDir, path), text);
  }
  return readProgram(exercise, { workDir });
}

function program(text: string, more: Record<string, string> = {}): Program {
  const result = read({ 'http1/server.ts': text, ...more });
  if (!isProgram(result)) throw new Error(result.headline);
  return result;
}

function failure(text: string): Failure {
  const result = read({ 'http1/server.ts': text });
  if (isProgram(result)) throw new Error('It loads');
  return result;
}

describe('readProgram', () => {
  it('passes over a file that brings nothing and that nobody imports', () => {
    const broken = { 'http1/helper.ts': "import { gone } from './server.ts';" };
    expect(Object.keys(program('export const serve = 1;', broken).files)).toEqual(['http1/server.ts']);
    const used = read({ 'http1/server.ts': "import './helper.ts';\nexport const serve = 1;", ...broken });
    expect(isProgram(used) ? '' : used.headline).toBe(
      'http1/helper.ts imports gone from ./server.ts, and http1/server.ts exports serve.',
    );
  });

  it('takes types out and keeps line numbers', () => {
    const { js, lines, prelude } = program('type A = number;\nexport const a: A = 1;\n').files['http1/server.ts'] ?? {
      js: '',
      lines: [],
      prelude: 0,
    };
    expect(js.split('\n')).toHaveLength(3);
    expect(js.slice(prelude).split('\n')[1]).toMatch(/^export const a +. = 1;$|^export const a\s+= 1;$/);
    expect(lines[1]).toBe('export const a: A = 1;');
  });

  it('hides names that some hosts lack, but never one that the file declares itself', () => {
    const js = program('export function process() {}\nexport const x = 1;').files['http1/server.ts']?.js ?? '';
    expect(js).toContain('Buffer=undefined');
    expect(js).not.toContain('process=undefined');
  });

  it('leaves nothing of type imports, inline ones included', () => {
    const js = program(
      "import type { A } from 'contract';\nimport { type B } from 'contract';\nexport const x = 1 as A | B;",
    ).files['http1/server.ts']?.js;
    expect(js).not.toContain("'contract'");
  });

  it('follows relative imports', () => {
    const files = program("import { a } from './bytes.ts';\nexport { a };", {
      'http1/bytes.ts': 'export const a = 1;',
    }).files;
    expect(Object.keys(files)).toEqual(['http1/server.ts', 'http1/bytes.ts']);
  });

  it.each([
    ['a syntax error', 'const x = 1;\nconst y = ;', 'does not load', 2, 11],
    ['an unclosed string', "const x = 'abc", 'does not load', 1, 11],
    ['TypeScript that is more than types', 'enum A { B }', 'does not load', 1, 1],
    ['a name that is declared twice', 'const x = 1;\n\nconst x = 2;', 'does not load', 3, 7],
    ['await where none may stand', 'function f() {\n  await null;\n}', 'does not load', 2, 3],
    ['a file that is not there', "const a = 1;\nimport './gone.ts';", 'does not load', 2, 9],
    ['a Node module', "import { createServer } from 'node:net';", 'not everywhere', 1, 31],
    ['a package', "import x from 'ws';", 'not everywhere', 1, 16],
  ])('names %s with file, line and column', (_, text, cause, line, column) => {
    const { cause: got, at } = failure(text);
    expect({ cause: got, line: at[0]?.line, column: at[0]?.column, file: at[0]?.file }).toEqual({
      cause,
      line,
      column,
      file: 'http1/server.ts',
    });
  });

  it('names a file that was never made', () => {
    const result = read({});
    expect(isProgram(result) ? '' : result.headline).toBe('http1/server.ts is not there.');
  });
});
