import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const root: string = join(import.meta.dirname, '../..');

/** A file of the project, as people wrote it. */
export interface SourceFile {
  /** From the root, with forward slashes. */
  readonly path: string;
  readonly text: string;
}

/** Made by tools, brought from elsewhere, or the learner's own: as .gitignore has it. */
const SKIPPED = new Set(
  'node_modules dist .git .turbo .wrangler .interleave .workshop test-results playwright-report'.split(' '),
);

/** All files below a folder of the project; none where the folder is not there. */
export function filesBelow(folder: string, wanted: (path: string) => boolean = () => true): SourceFile[] {
  const found: SourceFile[] = [];
  const visit = (path: string): void => {
    for (const entry of readdirSync(join(root, path), { withFileTypes: true })) {
      const inner = path === '' ? entry.name : `${path}/${entry.name}`;
      if (SKIPPED.has(entry.name) || inner === 'work' || inner === 'packages/bench/results') continue;
      if (entry.isDirectory()) visit(inner);
      else if (entry.isFile() && wanted(inner))
        found.push({ path: inner, text: readFileSync(join(root, inner), 'utf8') });
    }
  };
  visit(folder);
  return found;
}

/** TypeScript and JavaScript that people wrote. */
export function isCode(path: string): boolean {
  return /\.(?:ts|tsx|mts|mjs|js)$/.test(path);
}

export function isTest(path: string): boolean {
  return /\.(?:test|spec)\.tsx?$/.test(path) || /\/(?:testing|e2e)\//.test(path) || /\.config\.ts$/.test(path);
}
