import { describe, expect, it } from 'vitest';
import { asFunctionBody, importsOf, mayGive, namesAsked, namesGiven } from './imports.ts';

describe('what a file imports and exports', () => {
  it('is read with the place of each address and each name', () => {
    const js = "import { a, b as c } from './x.ts';\nimport './y.ts';\nexport { d } from './z.ts';\n";
    expect(importsOf(js).map(({ specifier }) => specifier)).toEqual(['./x.ts', './y.ts', './z.ts']);
    expect(namesAsked(js).map(({ name, offset }) => [name, js.slice(offset, offset + name.length)])).toEqual([
      ['a', 'a'],
      ['b', 'b'],
      ['d', 'd'],
    ]);
  });

  it('knows a comment from a name', () => {
    expect(namesAsked("import { a, // not this\n b /* nor this */ } from './x.ts';").map(({ name }) => name)).toEqual([
      'a',
      'b',
    ]);
  });

  it('finds the names that are given, in whatever way', () => {
    const js =
      'export async function a() {}\nexport function *b() {}\nexport class c {}\nlet d;\nexport { d, d as e };\nexport default 1;';
    expect(namesGiven(js)).toEqual(['a', 'b', 'c', 'd', 'e', 'default']);
    expect(namesGiven("export * from './x.ts';")).toBeNull();
  });

  it('says no only where it is certain', () => {
    expect(mayGive('export const { a, b } = o;', 'b')).toBe(true);
    expect(mayGive("export * from './x.ts';", 'b')).toBe(true);
    expect(mayGive('export function a() {}', 'b')).toBe(false);
    expect(mayGive('export function ab() {}', 'b')).toBe(false);
  });

  it('keeps what is imported as a declaration, so that a second one shows', () => {
    const compiles = (js: string) => () => new Function(`"use strict";return async()=>{${asFunctionBody(js)}\n}`);
    expect(compiles("import { a as b } from './x.ts';\nexport const a = 1;")).not.toThrow();
    expect(compiles("import b, { a } from './x.ts';\nexport function c() { return a + b; }")).not.toThrow();
    expect(compiles("import * as all from './x.ts';\nexport default all;")).not.toThrow();
    expect(compiles("import { a } from './x.ts';\nexport const a = 1;")).toThrow(/already been declared/);
  });
});
