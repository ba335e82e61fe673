/** Files that are whole at every moment: a crash, a full disk or SIGKILL leaves the old content or the new, never half. */
import { randomUUID } from 'node:crypto';
import { link, mkdir, open, readdir, rename, rm } from 'node:fs/promises';
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

/** Removes what processes that are gone have left half-written in this folder and below. */
export async function sweepParts(folder: string): Promise<void> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  for (const { name, parentPath } of entries) {
    const pid = /^\..+\.(\d+)\.[0-9a-f]{8}\.part$/.exec(name)?.[1];
    if (pid !== undefined && !isAlive(Number(pid))) await rm(join(parentPath, name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
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
