/** Makes the folder of a new exercise. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Order, readOrder } from './order.ts';
import { takenIn } from './taken.ts';
import { templateOf } from './template.ts';

export interface Made {
  readonly order: Order;
  /** From the exercise's folder. */
  readonly files: readonly string[];
}

/**
 * Nothing is written over: a folder that is there already is an error.
 *
 * @param args - folder, id, title.
 * @throws when an argument cannot be used, or the folder is there.
 */
export async function makeExercise(root: string, args: readonly string[]): Promise<Made> {
  const order = readOrder(args, await takenIn(root));
  const folder = join(root, order.folder);
  await mkdir(dirname(folder), { recursive: true });
  await mkdir(folder);
  const files = Object.entries(templateOf(order));
  for (const [path, text] of files) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  return { order, files: files.map(([path]) => path) };
}
