import { createReadStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { type Recording, readRecording } from '@interleave/trace/report';
import { chromium, type Page } from '@playwright/test';

export interface Recordings {
  readonly netlog: Recording;
  readonly har: Recording;
}

/**
 * Opens a page in a fresh Chromium, lets it do something, and reads the NetLog and the HAR that it leaves.
 *
 * @param spkiHash - of a certificate that it trusts
 */
export async function recorded(
  visit: (page: Page) => Promise<void>,
  spkiHash: string | null = null,
): Promise<Recordings> {
  const folder = await mkdtemp(join(tmpdir(), 'interleave-netlog-'));
  const [netlog, har] = [join(folder, 'netlog.json'), join(folder, 'page.har')];
  const executablePath = process.env.CHROMIUM || undefined;
  try {
    // A profile of its own: in one that forgets, Chromium follows no preconnect.
    const context = await chromium.launchPersistentContext(join(folder, 'profile'), {
      ...(executablePath === undefined ? {} : { executablePath }),
      chromiumSandbox: false,
      recordHar: { path: har },
      args: [
        `--log-net-log=${netlog}`,
        '--disable-background-networking',
        '--no-first-run',
        ...(spkiHash === null ? [] : [`--ignore-certificate-errors-spki-list=${spkiHash}`]),
      ],
    });
    await visit(await context.newPage());
    await context.close();
    return { netlog: await read(netlog), har: await read(har) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function read(path: string): Promise<Recording> {
  return readRecording(Readable.toWeb(createReadStream(path)) as ReadableStream<Uint8Array>);
}
