import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

// Node only: imported by *.node.test.ts files alone.

/** The root of the project. */
const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '../../../..');

/**
 * The folder of outside vectors of one kind: under `VECTORS` (seen from the project's root if relative), else under
 * `../shared/vectors`. Null, with a message, where there is none: a clone does not have them.
 *
 * @throws {Error} when it is absent and `VECTORS_REQUIRED` is set.
 */
export function vectorFolder(kind: string): string | null {
  const folder = resolve(ROOT, process.env.VECTORS ?? '../shared/vectors', kind);
  if (existsSync(folder)) return folder;
  const message = `No vectors in ${relative(ROOT, folder)}: set VECTORS to a folder that holds ${kind}/`;
  if (process.env.VECTORS_REQUIRED) throw new Error(message);
  console.warn(`${message}. Tests that need them are skipped.`);
  return null;
}

/** The files of a folder with this ending, in order. */
export function vectorFiles(folder: string, ending: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith(ending))
    .sort()
    .map((name) => join(folder, name));
}

/** A JSON file. */
export function readJson<T>(path: string): T {
  return JSON.parse(readFileSync(path, 'utf8')) as T;
}
