import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Taken } from './order.ts';

/** Reads the exercises as text: one that does not load at the moment has its id and its place all the same. */
export async function takenIn(root: string): Promise<Taken> {
  const folders: string[] = [];
  const ids = new Map<string, string>();
  for (const track of await numbered(join(root, 'workshops'))) {
    for (const name of await numbered(join(root, 'workshops', track))) {
      const folder = `workshops/${track}/${name}`;
      folders.push(folder);
      const text = await readFile(join(root, folder, 'exercise.ts'), 'utf8').catch(() => '');
      const id = /^ {2}id: '([^']+)'/m.exec(text)?.[1];
      if (id !== undefined) ids.set(id, folder);
    }
  }
  return { folders, ids };
}

async function numbered(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isDirectory() && /^\d+-/.test(entry.name)).map((entry) => entry.name);
}
