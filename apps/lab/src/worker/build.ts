import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cp, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { temporaryName } from '../project.ts';

/** A Worker as it would be deployed, ready for Miniflare. */
export interface WorkerBundle {
  /** The folder with `index.js`, what it imports, and `assets/`. */
  readonly folder: string;
  readonly script: string;
  /** Settings from the wrangler configuration: bindings, compatibility, assets, Durable Objects. */
  readonly options: Record<string, unknown>;
  /** True when an earlier build of the same sources was taken. */
  readonly cached: boolean;
}

export interface BuildOptions {
  /** The wrangler configuration file. */
  readonly config: string;
  /** Files and folders whose content decides whether to build again. */
  readonly inputs: readonly string[];
  readonly stateDir: string;
  /** Called when a build starts, since that takes seconds. */
  readonly onBuild?: () => void;
}

/** Builds that are kept: this one, and a few to go back to when a change is undone. */
const KEEP = 4;
const SKIP = new Set(['node_modules', '.git', '.wrangler', '.turbo']);

/**
 * The bundle that `wrangler deploy` would upload. Built by wrangler itself, once for each content of its inputs; a start
 * without changes only reads it back.
 *
 * @throws an Error that carries wrangler's own words when the Worker cannot be built.
 */
export async function buildWorker(options: BuildOptions): Promise<WorkerBundle> {
  const store = join(options.stateDir, 'worker');
  const folder = join(store, await digest([options.config, ...options.inputs]));
  const known = await readBundle(folder);
  if (known !== null) return { ...known, cached: true };

  options.onBuild?.();
  await mkdir(store, { recursive: true });
  const temporary = temporaryName(folder);
  try {
    // One after the other: a custom build step makes the assets that the settings name.
    await runWrangler(['deploy', '--dry-run', '--outdir', temporary, '--config', options.config], options.config);
    const settings = JSON.parse(
      await runNode([join(import.meta.dirname, 'options.ts'), options.config], options.config),
    );
    const assets = settings.assets as { directory?: string } | undefined;
    if (assets?.directory !== undefined) {
      const source = resolve(dirname(options.config), assets.directory);
      await cp(source, join(temporary, 'assets'), { recursive: true });
    }
    await writeFile(join(temporary, 'settings.json'), JSON.stringify(settings));
    await rm(folder, { recursive: true, force: true });
    await rename(temporary, folder);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
  await prune(store, folder);
  const built = await readBundle(folder);
  if (built === null) throw new Error(`The Worker was built into ${folder}, but no script is there.`);
  return { ...built, cached: false };
}

async function readBundle(folder: string): Promise<Omit<WorkerBundle, 'cached'> | null> {
  try {
    const options = JSON.parse(await readFile(join(folder, 'settings.json'), 'utf8'));
    const script = join(folder, 'index.js');
    await stat(script);
    if (options.assets !== undefined) options.assets.directory = join(folder, 'assets');
    return { folder, script, options };
  } catch {
    return null;
  }
}

/** A name for the content of files and folders, 16 characters. */
async function digest(paths: readonly string[]): Promise<string> {
  const hash = createHash('sha256');
  for (const path of paths) {
    for (const file of (await filesBelow(path)).sort()) {
      hash.update(`${relative(dirname(path), file)}\0`);
      hash.update(await readFile(file));
      hash.update('\0');
    }
  }
  return hash.digest('hex').slice(0, 16);
}

async function filesBelow(path: string): Promise<string[]> {
  const info = await stat(path).catch(() => null);
  if (info === null) return [];
  if (info.isFile()) return [path];
  const entries = await readdir(path, { withFileTypes: true });
  const lists = await Promise.all(
    entries
      .filter((entry) => !SKIP.has(entry.name))
      .map((entry) => (entry.isDirectory() ? filesBelow(join(path, entry.name)) : [join(path, entry.name)])),
  );
  return lists.flat();
}

async function prune(store: string, current: string): Promise<void> {
  const names = await readdir(store);
  const dated = await Promise.all(
    names.map(async (name) => ({ path: join(store, name), at: (await stat(join(store, name))).mtimeMs })),
  );
  dated.sort((a, b) => b.at - a.at);
  // A part that a crash left is as old as the rest of its kind; one of another process at work is among the newest.
  for (const { path } of dated.slice(KEEP)) if (path !== current) await rm(path, { recursive: true, force: true });
}

function runWrangler(args: readonly string[], config: string): Promise<string> {
  const manifest = createRequire(import.meta.url).resolve('wrangler/package.json');
  return runNode([join(dirname(manifest), 'bin/wrangler.js'), ...args], config);
}

/** Runs this Node on a script, and returns what it wrote. Nothing is sent anywhere, and nothing is asked. */
function runNode(args: readonly string[], config: string): Promise<string> {
  return new Promise((resolvePromise, reject) => {
    const env = {
      ...process.env,
      WRANGLER_SEND_METRICS: 'false',
      WRANGLER_SEND_ERROR_REPORTS: 'false',
      CI: 'true',
      NO_COLOR: '1',
    };
    execFile(
      process.execPath,
      [...args],
      { cwd: dirname(config), env, maxBuffer: 64 * 1024 * 1024 },
      (error, stdout, stderr) => {
        if (error === null) return resolvePromise(stdout);
        const said = `${stdout}\n${stderr}`.trim().split('\n').slice(-40).join('\n');
        reject(new Error(`The Worker of ${config} could not be built. wrangler says:\n${said}`));
      },
    );
  });
}
