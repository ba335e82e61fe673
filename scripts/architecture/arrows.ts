import { builtinModules } from 'node:module';
import { dirname, posix } from 'node:path';
import type { Import } from './imports.ts';

/**
 * Who may import whom: `wire ← {trace, transport} ← {edge, judge, lab}` and `judge ← {workshops, lab}`. An entry without
 * a path stands for the package's main entry alone, with `/…` for that one, with `/*` for all of them.
 */
export const ARROWS: Readonly<Record<string, readonly string[]>> = {
  wire: [],
  trace: ['wire/*'],
  transport: ['wire/*'],
  // Portable entries only: what runs at the edge has no sockets of Node.
  edge: ['wire/*', 'trace/*', 'transport', 'transport/web'],
  judge: ['wire/*', 'trace/*', 'transport/*'],
  workshops: ['judge/*', 'trace/*'],
  lab: ['wire/*', 'trace/*', 'transport/*', 'judge/*', 'workshops/*'],
  bench: ['wire/*', 'transport/*'],
  cli: ['trace/*'],
};

/** Where each package lives. */
export const FOLDERS: Readonly<Record<string, string>> = {
  wire: 'packages/wire',
  trace: 'packages/trace',
  transport: 'packages/transport',
  judge: 'packages/judge',
  bench: 'packages/bench',
  cli: 'packages/cli',
  edge: 'apps/edge',
  lab: 'apps/lab',
  workshops: 'workshops',
};

/** Why this package may not import that, or null when it may. Modules from outside of the project are another matter. */
export function arrowFault(from: string, { specifier }: Import): string | null {
  const match = /^@interleave\/([^/]+)(?:\/(.+))?$/.exec(specifier);
  if (match === null) return null;
  const [, to = '', entry] = match;
  if (to === from) return 'a package that imports itself by name goes around its own files';
  const allowed = ARROWS[from] ?? [];
  if (allowed.includes(`${to}/*`) || allowed.includes(entry === undefined ? to : `${to}/${entry}`)) return null;
  const others = allowed.length === 0 ? 'nothing' : allowed.join(', ');
  return `${from} may import ${others}: the arrow would turn round`;
}

/** Why this relative import is wrong, or null. A package is left only by its name, so that the arrows are seen. */
export function escapeFault(path: string, folder: string, { specifier }: Import): string | null {
  if (!specifier.startsWith('.')) return null;
  const target = posix.join(dirname(path), specifier);
  if (target.startsWith(`${folder}/`)) return null;
  // Settings of the test runners are the project's, in one place.
  if (/\.config\.ts$/.test(path) && target.startsWith('scripts/')) return null;
  return `${target} is outside of ${folder}: import the package by its name`;
}

/** True for Node's own modules, with and without `node:`. */
export function isNodeModule(specifier: string): boolean {
  return specifier.startsWith('node:') || builtinModules.includes(specifier);
}

/** The package that a specifier from outside names, or null for relative ones and Node's own. */
export function outsidePackage(specifier: string): string | null {
  if (/^[./]/.test(specifier) || isNodeModule(specifier) || /^(?:cloudflare|virtual):/.test(specifier)) return null;
  const [scope = '', name = ''] = specifier.split('/');
  return scope.startsWith('@') ? `${scope}/${name}` : scope;
}
