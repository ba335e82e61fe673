// Brings the pinned pnpm into the state folder, with nothing but npm.
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Failure } from './failure.mjs';
import { pnpmVersion, root, stateFolder } from './paths.mjs';
import { npmCommand, runLogged } from './processes.mjs';

/**
 * @param {import('./report.mjs').Reporter} reporter
 * @param {string} log
 * @returns {Promise<{ command: string, args: string[] }>} how to start it
 */
export async function bringPnpm(reporter, log) {
  const version = pnpmVersion();
  const home = join(stateFolder, 'pnpm', version);
  const known = (await entry(home)) ?? (await installed(version));
  if (known !== null) return known;

  const npm = npmCommand();
  if (npm === null) {
    throw new Failure('npm is not where this Node is, and without it nothing can be brought.', {
      tried: [`Node ${process.versions.node} at ${process.execPath}`],
      remedy: ['Install Node with npm from https://nodejs.org, then type the same command again.'],
    });
  }
  const step = reporter.step(`pnpm ${version}`);
  const parent = join(stateFolder, 'pnpm');
  const temporary = join(parent, `.${version}.${process.pid}`);
  rmSync(temporary, { recursive: true, force: true });
  mkdirSync(temporary, { recursive: true });
  // A manifest of its own keeps npm from climbing up to the project's. `--prefix` would hide the machine's npmrc.
  writeFileSync(join(temporary, 'package.json'), '{ "private": true }\n');
  const args = [
    ...npm.args,
    'install',
    `pnpm@${version}`,
    // pnpm's own script only swaps a launcher for the binary: we start the binary through the launcher.
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    '--no-update-notifier',
    '--no-package-lock',
    '--fetch-retry-mintimeout=1000',
    '--fetch-retry-maxtimeout=5000',
    '--fetch-timeout=60000',
  ];
  const { code, silent, tail } = await runLogged({
    command: npm.command,
    args,
    cwd: temporary,
    log,
    quietMs: 180_000,
    env: withoutNpmContext(process.env),
  });
  const made = code === 0 ? await entry(temporary) : null;
  if (made === null) {
    step.fail();
    rmSync(temporary, { recursive: true, force: true });
    throw new Failure(`pnpm ${version}, which brings the dependencies, could not be brought itself.`, {
      tried: [
        `npm install pnpm@${version}  →  ${silent ? 'no word for three minutes' : `exit code ${code}`}`,
        ...tail.filter((line) => /error|ERR/i.test(line)).slice(-4),
      ],
      remedy: [
        'The same command again, once this machine reaches the npm registry.',
        'npm ping   says whether it does.',
      ],
      log,
    });
  }
  rmSync(home, { recursive: true, force: true });
  renameSync(temporary, home);
  step.end();
  return entry(home);
}

function entry(folder) {
  return start(join(folder, 'node_modules', 'pnpm'));
}

/** A whole install has pnpm among its packages: enough to repair the rest without a network. */
function installed(version) {
  return start(join(root, 'node_modules', '.pnpm', `pnpm@${version}`, 'node_modules', 'pnpm'));
}

/**
 * The native binary where npm brought it, so that a signal reaches it; else the package's own launcher, which knows how
 * to get one.
 */
async function start(folder) {
  const launcher = join(folder, 'bin', 'pnpm.mjs');
  if (!existsSync(launcher)) return null;
  try {
    const { resolveInstalledBinary } = await import(pathToFileURL(join(folder, 'native-binary.mjs')).href);
    const binary = resolveInstalledBinary();
    if (binary) return { command: binary, args: [] };
  } catch {
    // Another layout of the package: the launcher is its public face.
  }
  return { command: process.execPath, args: [launcher] };
}

/** `npm start` hands its own folder and flags to its children: npm in another folder must not take them for its own. */
export function withoutNpmContext(env) {
  const dropped = /^npm_(?:command|lifecycle_|package_|config_(?:local_prefix|prefix|global_prefix|noproxy$))/i;
  return Object.fromEntries(Object.entries(env).filter(([name]) => !dropped.test(name)));
}
