import { readFile } from 'node:fs/promises';
import { openBrowser } from '../browser.ts';
import { stateFolder } from '../project.ts';
import { runningFile } from './start.ts';

/** What the running lab has written down. */
interface Running {
  readonly pid: number;
  readonly home: string;
  readonly spkiHash: string;
  readonly quicOnly: readonly string[];
}

/** Opens the trusting Chromium on the running lab; returns when its window is closed. */
export async function browserCommand(address: string | undefined): Promise<void> {
  const stateDir = stateFolder();
  const text = await readFile(runningFile(stateDir), 'utf8').catch(() => null);
  const running = text === null ? null : (JSON.parse(text) as Running);
  if (running === null || !isAlive(running.pid)) {
    throw new Error('The lab is not running. Start it with `npm start`, and open the browser from a second terminal.');
  }
  const { home, spkiHash, quicOnly } = running;
  const browser = await openBrowser({ url: address ?? home, spkiHash, quicOnly, stateDir });
  process.stdout.write(
    `  ${browser.path} is open. It trusts the lab's key, and forgets everything when you close it.\n`,
  );
  process.once('SIGINT', () => browser.close());
  process.once('SIGTERM', () => browser.close());
  await browser.closed;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
