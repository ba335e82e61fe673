import { describe, expect, it } from 'vitest';
import { filesBelow, isCode, isTest, type SourceFile } from './files.ts';

const everything = filesBelow('');

describe('every file', () => {
  it('is about one thing: at most 500 lines', () => {
    // Tables copied from a standard are as long as the standard's.
    const tables = /\/(?:static_table|huffman\/(?:code|table))\w*\.ts$/;
    const long = everything
      .filter(({ path }) => isCode(path) && !isTest(path) && !tables.test(path))
      .map(({ path, text }) => ({ path, lines: text.split('\n').length - 1 }))
      .filter(({ lines }) => lines > 500);
    expect(long).toEqual([]);
  });

  it('names no folder of the machine it was written on, and no registry', () => {
    expect(found(everything, MACHINE)).toEqual([]);
  });

  it('leaves no test out in silence', () => {
    const tests = everything.filter(({ path }) => /\.(?:test|spec)\.tsx?$/.test(path));
    expect(found(tests, [/^\s*(?:it|test|describe)\.(?:(?:only|todo)\b|skip\(\s*['"`])/m])).toEqual([]);
  });
});

describe('the documents at the root', () => {
  const paths = new Set(everything.map(({ path }) => path));
  const folders = new Set(
    [...paths].flatMap((path) => path.split('/').map((_, depth, all) => all.slice(0, depth).join('/'))),
  );
  const documents = everything.filter(({ path }) => /^[A-Z]+\.md$/.test(path));

  it.each(documents)('$path names only what is there', ({ text }) => {
    const named = [
      ...text.matchAll(/`((?:apps|packages|workshops|scripts)\/[\w./-]*)`/g),
      ...text.matchAll(/\]\((?!https?:)([^)#]+)\)/g),
    ];
    const gone = named
      .map(([, path = '']) => path.replace(/\/$/, ''))
      .filter((path) => !paths.has(path) && !folders.has(path));
    expect(gone).toEqual([]);
  });
});

/** In pieces, so that this file is not what it looks for. */
const MACHINE = [
  new RegExp(`(?<![\\w.~-])/${'work'}/(?:main|shared|\\.)`),
  new RegExp(`(?<![\\w.~-])/${'root'}/`),
  new RegExp(`(?<![\\w.~-])/${'home'}/(?!you\\b|user\\b)\\w+/`),
  new RegExp(`(?<![\\w.~-])/${'Users'}/(?!you\\b|user\\b)\\w+/`),
  new RegExp(`/${'tmp'}/tmp\\.\\w{6}`),
  new RegExp(`\\b(?:${'registry'}|npm)\\.[\\w-]+\\.(?:org|com|io|dev)\\b`),
];

function found(files: readonly SourceFile[], patterns: readonly RegExp[]): string[] {
  return files.flatMap(({ path, text }) =>
    patterns.flatMap((pattern) => {
      const match = pattern.exec(text);
      return match === null ? [] : [`${path}:${text.slice(0, match.index).split('\n').length} ${match[0].trim()}`];
    }),
  );
}
