import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type LabCertificate, labCertificate } from '../certificates.ts';
import { chromiumSentence, chromiumState, watchChromium } from '../chromium.ts';
import { type Lab, startLab } from '../lab.ts';
import { projectRoot, stateFolder, writeAtomically } from '../project.ts';
import { painter, readyScreen } from '../screen.ts';
import { appBuild } from '../worker/app.ts';
import { buildWorker } from '../worker/build.ts';
import { type RunningWorker, startWorker } from '../worker/worker.ts';
import { createWorkshop } from '../workshop/mod.ts';

export interface StartOptions {
  /** Port of the home page. */
  readonly port: number;
  readonly workshop: boolean;
  readonly browser: boolean;
  /** Opens the file to edit in an editor of the learner's choice. */
  readonly editCommand: string | null;
  /** Stop as soon as the ready screen was shown. */
  readonly once: boolean;
}

/** Where a running lab says what `npm run browser` needs to know. */
export function runningFile(stateDir: string): string {
  return join(stateDir, 'lab.json');
}

/** Starts everything, shows where it is, and ends it in order on SIGINT or SIGTERM. */
export async function startCommand(options: StartOptions): Promise<void> {
  const since = performance.now() - process.uptime() * 1000;
  const stateDir = stateFolder();
  const paint = painter(process.stdout);
  const progress = (text: string): void => void process.stdout.write(`  ${paint('dim', text)}\n`);
  const problem = (error: unknown): void => {
    process.stderr.write(`  ${paint('yellow', error instanceof Error ? error.message : String(error))}\n`);
  };

  const parts: { stop(): Promise<void> }[] = [];
  const stop = async (): Promise<void> => {
    // Last started, first stopped: the Worker outlives what asks it.
    for (const part of parts.splice(0).reverse()) await part.stop().catch(problem);
  };
  let isEnding = false;
  const signal = signalled(problem).then(() => {
    isEnding = true;
  });

  try {
    const [certificate, worker] = await Promise.all([
      labCertificate(stateDir),
      runWorker(stateDir, progress, problem).then((running) => {
        parts.push(running);
        return running;
      }),
    ]);
    const lab = await startLab({ certificate, upstream: worker, ports: { plain: options.port }, onError: quiet });
    parts.push({ stop: () => lab.close() });
    const workshop = options.workshop
      ? createWorkshop({
          root: projectRoot,
          stateDir,
          origin: lab.home,
          browser: options.browser,
          certificate: { cert: certificate.chain, key: certificate.key },
          ...(options.editCommand === null ? {} : { editCommand: options.editCommand }),
        })
      : null;
    if (workshop !== null) lab.mount(workshop);
    await writeAtomically(runningFile(stateDir), `${JSON.stringify(describe(lab, certificate), null, 2)}\n`);
    parts.push({ stop: () => forget(stateDir) });
    const note = options.browser ? chromiumSentence(await chromiumState(stateDir)) : null;
    process.stdout.write(
      readyScreen(
        {
          listeners: lab.listeners,
          failed: lab.failed,
          home: lab.home,
          seconds: (performance.now() - since) / 1000,
          authorityFile: certificate.authorityFile,
          next: workshop === null ? 'off' : await workshop.next(),
          notes: note === null ? [] : [note],
        },
        paint,
      ),
    );
    if (workshop !== null && !options.once) {
      parts.push(workshop);
      await workshop.start(process.stdout);
    }
    if (note !== null && !options.once) {
      const unwatch = watchChromium(stateDir, (state) => progress(chromiumSentence(state) ?? 'The Chromium is here.'));
      parts.push({ stop: async () => unwatch() });
    }
    if (!options.once) await signal;
  } catch (error) {
    // The signal that ends us ends what we have just asked for something, too.
    if (!isEnding) throw error;
  } finally {
    await stop();
  }
}

async function runWorker(
  stateDir: string,
  progress: (text: string) => void,
  problem: (error: unknown) => void,
): Promise<RunningWorker> {
  const bundle = await buildWorker({
    ...appBuild(stateDir),
    onBuild: () => progress('Building the app with wrangler, as for a deployment (once for each change) …'),
  });
  return startWorker(bundle, problem);
}

/** Takes the note of this lab away; another one that has started since keeps its own. */
async function forget(stateDir: string): Promise<void> {
  const text = await readFile(runningFile(stateDir), 'utf8').catch(() => '{}');
  if ((JSON.parse(text) as { pid?: number }).pid === process.pid) await rm(runningFile(stateDir), { force: true });
}

function describe(lab: Lab, certificate: LabCertificate): Record<string, unknown> {
  return {
    pid: process.pid,
    home: lab.home,
    origins: Object.fromEntries(lab.listeners.map((listener) => [listener.plan.id, listener.origin])),
    spkiHash: certificate.spkiHash,
    quicOnly: lab.quicOnly,
  };
}

/**
 * Resolves at the first signal to end, or when nobody reads what we say any more; one more signal, a second later, ends the process at
 * once. A bug of ours ends in order as well, since the Worker's process would outlive us.
 */
function signalled(problem: (error: unknown) => void): Promise<void> {
  return new Promise((resolve) => {
    let since: number | null = null;
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(name, () => {
        // One Ctrl-C may come twice: from the terminal, and from whoever read the key or started us.
        if (since !== null && performance.now() - since > 1_000) process.exit(130);
        since ??= performance.now();
        resolve();
      });
    }
    // A terminal that was closed takes no more words, and to complain of that in it would fail again, without end.
    for (const stream of [process.stdout, process.stderr]) stream.on('error', () => resolve());
    process.on('uncaughtException', (error) => {
      problem(error.stack ?? error);
      process.exitCode = 1;
      resolve();
    });
  });
}

/** Handshakes that visitors break off, and the like: the registry shows them, the terminal is for the learner. */
function quiet(): void {}
