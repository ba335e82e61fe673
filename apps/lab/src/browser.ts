import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromiumState } from './chromium.ts';

export interface BrowserOptions {
  readonly url: string;
  /** From `labCertificate`: the one key whose certificate is taken as good. */
  readonly spkiHash: string;
  /** Origins that are spoken to by QUIC from the first packet, as `localhost:4114`: they have nothing on TCP. */
  readonly quicOnly: readonly string[];
  readonly stateDir: string;
  readonly env?: NodeJS.ProcessEnv;
}

/** A browser that was opened. */
export interface OpenBrowser {
  readonly path: string;
  /** Resolves when the window is closed and the profile is gone. */
  readonly closed: Promise<void>;
  close(): void;
}

/**
 * Arguments that make a Chromium use QUIC. With at least one origin in the list it takes the lab's key for QUIC, and follows
 * Alt-Svc to it on other origins as well: without any, it insists on a public authority.
 */
export function quicArguments(quicOnly: readonly string[]): string[] {
  return quicOnly.length === 0 ? [] : ['--enable-quic', `--origin-to-force-quic-on=${quicOnly.join(',')}`];
}

/** Arguments of a Chromium that trusts the lab's key and nothing more, and talks to nobody else on its own account. */
export function browserArguments(spkiHash: string, quicOnly: readonly string[], profile: string): string[] {
  return [
    `--user-data-dir=${profile}`,
    `--ignore-certificate-errors-spki-list=${spkiHash}`,
    ...quicArguments(quicOnly),
    '--no-first-run',
    '--no-default-browser-check',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-default-apps',
    '--disable-sync',
    '--disable-domain-reliability',
    '--disable-client-side-phishing-detection',
    '--disable-features=OptimizationHints,MediaRouter,Translate,AutofillServerCommunication',
    '--metrics-recording-only',
    '--password-store=basic',
    '--use-mock-keychain',
    // Chromium refuses its sandbox to root; in containers that is the only user there is.
    ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
  ];
}

/**
 * Opens a Chromium with a profile of its own, which is removed when it closes.
 *
 * @throws an Error that says what to do when there is no Chromium, or no screen.
 */
export async function openBrowser(options: BrowserOptions): Promise<OpenBrowser> {
  const env = options.env ?? process.env;
  const state = await chromiumState(options.stateDir, env);
  if (state?.state !== 'ready' || state.path === null) {
    throw new Error(
      [
        'There is no Chromium on this machine that the lab knows of.',
        ...(state?.tried ?? []).map((line) => `  tried: ${line}`),
        'Type `npm run browser` at the root of the project: it brings one. Or name yours:',
        'CHROMIUM=/path/to/chrome npm run browser',
      ].join('\n'),
    );
  }
  const { path } = state;
  if (process.platform === 'linux' && !env.DISPLAY && !env.WAYLAND_DISPLAY) {
    throw new Error(
      [
        'There is no screen here (neither DISPLAY nor WAYLAND_DISPLAY is set), so no window can be opened.',
        `Open ${options.url} in a browser that reaches this machine, and accept its certificate warning once,`,
        'or use curl: it says more than most browsers do. `npm start` shows an address to try.',
      ].join('\n'),
    );
  }
  const profile = await mkdtemp(join(tmpdir(), 'interleave-browser-'));
  const child = spawn(path, [...browserArguments(options.spkiHash, options.quicOnly, profile), options.url], {
    stdio: 'ignore',
    env,
  });
  const closed = new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', () => resolve());
  }).finally(() => rm(profile, { recursive: true, force: true, maxRetries: 5 }));
  return { path, closed, close: () => child.kill() };
}
