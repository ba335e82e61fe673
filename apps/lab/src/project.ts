import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';

/** The project's root folder. */
export const projectRoot: string = resolve(import.meta.dirname, '../../..');

/** Where the project keeps what it makes for itself: `.interleave/` at the root, or `INTERLEAVE_STATE`. */
export function stateFolder(env: NodeJS.ProcessEnv = process.env): string {
  return resolve(projectRoot, env.INTERLEAVE_STATE || '.interleave');
}

let counter = 0;

/** A name beside `path` for something that is not whole yet: on the same disk, so that a rename is atomic. */
export function temporaryName(path: string): string {
  return join(dirname(path), `.${basename(path)}.${process.pid}.${counter++}.part`);
}

/** Writes a file so that a reader, or a crash, meets either the old content or the new one. `mode` as in chmod. */
export async function writeAtomically(path: string, content: string | Uint8Array, mode = 0o644): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const temporary = temporaryName(path);
  try {
    await writeFile(temporary, content, { mode });
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
