import { existsSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ARROWS, arrowFault, escapeFault, FOLDERS, isNodeModule, outsidePackage } from './arrows.ts';
import { filesBelow, isCode, isTest, root, type SourceFile } from './files.ts';
import { type Import, importsOf } from './imports.ts';

interface Module extends SourceFile {
  readonly imports: readonly Import[];
}

const packages = Object.entries(FOLDERS).map(([name, folder]) => ({
  name,
  folder,
  // A submission that is wrong on purpose need not even parse.
  modules: filesBelow(folder, (path) => isCode(path) && !/\/(?:wrong|golden)\//.test(path)).map(
    (file): Module => ({ ...file, imports: importsOf(file.path, file.text) }),
  ),
}));
const byPath = new Map(packages.flatMap(({ modules }) => modules.map((module) => [module.path, module])));

describe('the reader of imports', () => {
  const found = (code: string): string[] => importsOf('x.ts', code).map(({ specifier }) => specifier);

  it('finds every way to name a module', () => {
    expect(
      found(`
        import a from './a.ts'; import './b.ts'; import type { C } from './c.ts';
        export * from './d.ts'; export { e } from './e.ts'; export type { F } from './f.ts';
        const g = await import('./g.ts'); let h: import('./h.ts').H; const i = require('./i.js');
      `),
    ).toEqual(['./a.ts', './b.ts', './c.ts', './d.ts', './e.ts', './f.ts', './g.ts', './h.ts', './i.js']);
  });

  it('takes no comment and no string for one', () => {
    expect(found("// import a from './a.ts'\nconst text = \"import b from './b.ts'\"; /* require('c') */")).toEqual([]);
  });

  it('says the line', () => {
    expect(importsOf('x.ts', "\n\nimport './a.ts';\n")).toEqual([{ specifier: './a.ts', line: 3 }]);
  });
});

describe('the arrows between packages', () => {
  it('form no circle', () => {
    const targets = (name: string): string[] => [
      ...new Set((ARROWS[name] ?? []).map((entry) => entry.split('/')[0] ?? '')),
    ];
    const reaches = (from: string, seen: readonly string[] = []): string[] =>
      targets(from).flatMap((to) => (seen.includes(to) ? [to] : [to, ...reaches(to, [...seen, to])]));
    for (const name of Object.keys(ARROWS)) expect(reaches(name), name).not.toContain(name);
  });

  it.each(packages)('$name: every import goes where an arrow goes', ({ name, modules }) => {
    expect(faults(modules, (_, each) => arrowFault(name, each))).toEqual([]);
  });

  it.each(packages)('$name: no file reaches into another package by path', ({ folder, modules }) => {
    expect(faults(modules, ({ path }, each) => escapeFault(path, folder, each))).toEqual([]);
  });

  it.each(packages)('$name: every module from outside is in its manifest', ({ folder, modules }) => {
    const own = manifest(folder);
    const project = manifest('.');
    const known = (path: string): Set<string> =>
      new Set(
        isTest(path) || !path.includes('/src/')
          ? [own.dependencies, own.devDependencies, project.devDependencies].flatMap((each) => Object.keys(each ?? {}))
          : [own.dependencies, own.devDependencies].flatMap((each) => Object.keys(each ?? {})),
      );
    const fault = ({ path }: SourceFile, { specifier }: Import): string | null => {
      const outside = outsidePackage(specifier);
      // `contract` is what the learner's files import: the workshops' own tsconfig says where it is.
      if (outside === null || outside === 'contract') return null;
      return known(path).has(outside) ? null : `${folder}/package.json does not name ${outside}`;
    };
    expect(faults(modules, fault)).toEqual([]);
  });

  it('wire imports nothing but itself', () => {
    const wire = packages.find(({ name }) => name === 'wire');
    const code = wire?.modules.filter(({ path }) => path.includes('/src/') && !isTest(path)) ?? [];
    expect(code.length).toBeGreaterThan(0);
    const fault = (_: SourceFile, { specifier }: Import): string | null =>
      specifier.startsWith('.') ? null : 'wire runs wherever the language does';
    expect(faults(code, fault)).toEqual([]);
  });
});

describe('what runs anywhere', () => {
  const PORTABLE: Record<string, string[]> = {
    wire: entries('packages/wire'),
    trace: entries('packages/trace'),
    'transport on web streams': ['packages/transport/src/mod.ts', 'packages/transport/src/web/mod.ts'],
    'the Worker': ['apps/edge/src/worker/index.ts'],
    'the raw judge': ['packages/judge/src/raw/judge.ts'],
  };

  it.each(Object.entries(PORTABLE))('%s reaches no module of Node', (_, starts) => {
    const modules = reachable(starts);
    expect(modules.length).toBeGreaterThan(0);
    const fault = (_: SourceFile, { specifier }: Import): string | null =>
      isNodeModule(specifier) ? 'Deno, Workers and pages have no such module' : null;
    expect(faults(modules, fault)).toEqual([]);
  });
});

describe('what is published', () => {
  it.each(['packages/wire', 'packages/trace', 'packages/transport', 'packages/cli'])(
    '%s: has the entries that the project uses',
    (folder) => {
      const { exports = {}, publishConfig } = manifest(folder);
      const built = Object.entries(exports).map(([entry, file]) => {
        const base = file.replace('./src/', './dist/').replace(/\.ts$/, '');
        return [entry, { types: `${base}.d.ts`, default: `${base}.js` }];
      });
      expect(publishConfig?.exports, `publishConfig.exports of ${folder}`).toEqual(Object.fromEntries(built));
    },
  );
});

/** Everything that these files import, and so on, across packages. */
function reachable(starts: readonly string[]): Module[] {
  const seen = new Set<string>();
  const visit = (path: string): void => {
    const module = byPath.get(path);
    if (module === undefined || seen.has(path)) return;
    seen.add(path);
    for (const { specifier } of module.imports) {
      const target = specifier.startsWith('.') ? posix.join(posix.dirname(path), specifier) : entryOf(specifier);
      if (target !== null) visit(target);
    }
  };
  for (const path of starts) {
    if (!byPath.has(path)) throw new Error(`${path} is not there: say in this test where the entry went.`);
    visit(path);
  }
  return [...seen].flatMap((path) => byPath.get(path) ?? []);
}

/** The file behind `@interleave/…`, or null for modules from outside. */
function entryOf(specifier: string): string | null {
  const match = /^@interleave\/([^/]+)(?:\/(.+))?$/.exec(specifier);
  const folder = FOLDERS[match?.[1] ?? ''];
  if (match === null || folder === undefined) return null;
  const file = exportsOf(folder)[match[2] === undefined ? '.' : `./${match[2]}`];
  if (file === undefined) throw new Error(`${specifier} is not among the exports of ${folder}/package.json.`);
  return posix.join(folder, file);
}

/** Files behind the exports of a package; those that are not written yet are left out. */
function entries(folder: string): string[] {
  return Object.values(exportsOf(folder))
    .map((file) => posix.join(folder, file))
    .filter((path) => existsSync(join(root, path)));
}

function exportsOf(folder: string): Record<string, string> {
  return manifest(folder).exports ?? {};
}

interface Manifest {
  readonly exports?: Record<string, string>;
  readonly publishConfig?: { readonly exports?: unknown };
  readonly dependencies?: Record<string, string>;
  readonly devDependencies?: Record<string, string>;
}

function manifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
}

function faults(modules: readonly Module[], fault: (module: Module, each: Import) => string | null): string[] {
  return modules.flatMap((module) =>
    module.imports.flatMap((each) => {
      const why = fault(module, each);
      return why === null ? [] : [`${module.path}:${each.line} imports ${each.specifier}: ${why}`];
    }),
  );
}
