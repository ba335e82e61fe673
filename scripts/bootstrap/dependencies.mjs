// The dependencies from the lockfile, the pinned Node among them. Does nothing when everything is as the lockfile says.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from './failure.mjs';
import { lock } from './lock.mjs';
import { pinnedNode, root, stateFolder } from './paths.mjs';
import { bringPnpm, withoutNpmContext } from './pnpm.mjs';
import { runLogged } from './processes.mjs';

/** Inside the folder that it vouches for: who removes that folder removes the word for it. */
const STAMP = join(root, 'node_modules', '.interleave.json');
const LOG = join(stateFolder, 'logs', 'install.log');

/** True when an install for exactly this lockfile, these manifests and this platform came to its end. */
export function dependenciesAreThere() {
  try {
    return JSON.parse(readFileSync(STAMP, 'utf8')).key === key() && existsSync(pinnedNode);
  } catch {
    return false;
  }
}

/**
 * Brings what is missing.
 *
 * @param {import('./report.mjs').Reporter} reporter
 */
export async function bringDependencies(reporter) {
  if (dependenciesAreThere()) return;
  let waiting = null;
  const held = await lock(join(stateFolder, 'install.lock'), (pid) => {
    waiting ??= reporter.step('Waiting');
    waiting.update(`for the install that process ${pid} is at`);
  });
  waiting?.end('the other one is done');
  try {
    if (dependenciesAreThere()) return;
    await install(reporter);
  } finally {
    held.release();
  }
}

async function install(reporter) {
  const fresh = !existsSync(join(root, 'node_modules', '.modules.yaml'));
  if (fresh) reporter.introduce('Bringing what Interleave needs into this folder: about half a minute, once.');
  rmSync(STAMP, { force: true });
  const pnpm = await bringPnpm(reporter, LOG);
  await runInstall(pnpm, reporter, fresh);
  let fault = await nodeFault();
  if (fault !== null) {
    // An install that was cut short in a package's script can leave a package that counts as done and is not.
    reporter.say(`The Node in node_modules does not run (${fault}). Bringing everything anew.`);
    removeInstalled();
    await runInstall(pnpm, reporter, true);
    fault = await nodeFault();
    if (fault !== null) {
      throw new Failure('The Node that the project brings does not run on this machine.', {
        tried: [`${pinnedNode} --version  →  ${fault}`],
        remedy: ['Is this platform among those of https://nodejs.org/download/release? The log says what came.'],
        log: LOG,
      });
    }
  }
  writeFileSync(STAMP, `${JSON.stringify({ key: key(), at: new Date().toISOString() })}\n`);
}

/** One run of pnpm, told as it goes; a second one from scratch when the first stops on what an earlier one left. */
async function runInstall(pnpm, reporter, loud) {
  const step = loud ? reporter.step('Dependencies') : null;
  const seen = { resolved: 0, imported: 0, bytes: new Map() };
  let problem = null;
  const { code, silent, tail } = await runLogged({
    command: pnpm.command,
    args: [...pnpm.args, 'install', '--frozen-lockfile', '--reporter=ndjson'],
    cwd: root,
    log: LOG,
    quietMs: 180_000,
    // Nobody is there to be asked: without this, pnpm waits for a yes before it replaces a folder.
    env: { ...withoutNpmContext(process.env), CI: 'true' },
    onLine(line) {
      const event = parse(line);
      if (event === null) return;
      if (event.level === 'error') problem = event;
      if (step === null) return;
      note(event, seen);
      const megabytes = Math.round([...seen.bytes.values()].reduce((sum, bytes) => sum + bytes, 0) / 1e6);
      const setUp =
        event.name === 'pnpm:lifecycle' && event.script !== undefined ? `, setting up ${event.depPath}` : '';
      step.update(
        `${seen.imported} of ${seen.resolved} packages, ${megabytes} MB${setUp}`,
        seen.imported,
        seen.resolved,
      );
    },
  });
  if (code === 0) {
    step?.end(`${seen.imported} packages`);
    return;
  }
  step?.fail();
  throw explain(problem, code, silent, tail);
}

function note(event, seen) {
  if (event.name === 'pnpm:progress' && event.status === 'resolved') seen.resolved++;
  if (event.name === 'pnpm:progress' && event.status === 'imported') seen.imported++;
  if (event.name !== 'pnpm:fetching-progress') return;
  if (event.status === 'in_progress') seen.bytes.set(event.packageId, event.downloaded);
}

function explain(problem, code, silent, tail) {
  const command = 'pnpm install --frozen-lockfile';
  if (problem?.code === 'ERR_PNPM_OUTDATED_LOCKFILE') {
    return new Failure('A package.json and pnpm-lock.yaml do not agree.', {
      tried: [command, ...problem.message.split('\n').slice(2).filter(Boolean)],
      remedy: ['npx pnpm install     when you have changed dependencies', 'git checkout -- .    when you have not'],
      log: LOG,
    });
  }
  const said = problem === null ? tail.slice(-3) : problem.message.split('\n').filter(Boolean).slice(0, 5);
  return new Failure('The dependencies could not be brought.', {
    tried: [`${command}  →  ${silent ? 'no word for three minutes' : `exit code ${code}`}`, ...said],
    remedy: [
      'The same command again: it goes on where this one stopped.',
      'npm ping   says whether the registry is within reach.',
    ],
    log: LOG,
  });
}

function parse(line) {
  if (!line.startsWith('{')) return null;
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}

/** Null when the pinned Node answers. */
function nodeFault() {
  if (!existsSync(pinnedNode)) return Promise.resolve('it is not there');
  return new Promise((resolve) => {
    execFile(pinnedNode, ['--version'], { timeout: 20_000, windowsHide: true }, (error) =>
      resolve(error === null ? null : error.message.split('\n')[0]),
    );
  });
}

function key() {
  const hash = createHash('sha256').update(`${process.platform} ${process.arch}\0`);
  for (const path of ['pnpm-lock.yaml', 'pnpm-workspace.yaml', ...manifests()]) {
    hash
      .update(`${path}\0`)
      .update(readFileSync(join(root, path)))
      .update('\0');
  }
  return hash.digest('hex');
}

/** The manifests of the workspace: the folders that pnpm-workspace.yaml names. */
function manifests() {
  const below = (folder) =>
    existsSync(join(root, folder))
      ? readdirSync(join(root, folder))
          .sort()
          .map((name) => `${folder}/${name}`)
      : [];
  const folders = [...below('apps'), ...below('packages'), 'workshops'];
  return ['package.json', ...folders.map((folder) => `${folder}/package.json`)].filter((path) =>
    existsSync(join(root, path)),
  );
}

function removeInstalled() {
  for (const manifest of manifests()) {
    rmSync(join(root, manifest, '..', 'node_modules'), { recursive: true, force: true, maxRetries: 5 });
  }
}
