/** Files that are whole at every moment: a crash, a full disk or SIGKILL leaves the old content or the new, never half. */
import { randomUUID } from 'node:crypto';
import { link, mkdir, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** Replaces `path` in one step. Folders above it are made. */
export async function writeAtomic(path: string, content: string | Uint8Array): Promise<void> {
  const temporary = await writeBeside(path, content);
  try {
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncFolder(dirname(path));
}

/** Makes `path` in one step, and only if nothing is there. Says whether it did. */
export async function createOnce(path: string, content: string | Uint8Array): Promise<boolean> {
  const temporary = await writeBeside(path, content);
  try {
    // A hard link fails when the name is taken, which rename does not: this is what never overwrites.
    await link(temporary, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(temporary, { force: true });
  }
  await syncFolder(dirname(path));
  return true;
}

/** A name beside `path`, on the same file system, that no other process uses. Hidden, so that nobody takes it for the file. */
export function nameBeside(path: string): string {
  return join(dirname(path), `.${basename(path)}.${process.pid}.${randomUUID().slice(0, 8)}.part`);
}

async function writeBeside(path: string, content: string | Uint8Array): Promise<string> {
  await mkdir(dirname(path), { recursive: true });
  const temporary = nameBeside(path);
  const file = await open(temporary, 'wx');
  try {
    await file.writeFile(content);
    // Without this a rename may reach the disk before the bytes do.
    await file.sync();
  } finally {
    await file.close();
  }
  return temporary;
}

/** Makes a rename in this folder last through a power cut. Windows cannot, and needs not. */
export async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
