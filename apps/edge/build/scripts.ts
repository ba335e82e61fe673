/**
 * Bundles the scripts of the pages. The Worker reads them through its binding SCRIPTS and puts them into the pages itself,
 * so that a page is one exchange and the count on its connection starts with what the visitor asked for.
 *
 * Run by wrangler before it bundles the Worker, and by the tests. Writes to `.wrangler/scripts/`, only what changed.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
const PAGES = [
  'home',
  'page',
  'analyse',
  'analyse-worker',
  'keep-alive',
  'tiles',
  'pipelining',
  'boundaries',
  'websocket',
  'multiplexing',
  'head-of-line',
  'capabilities',
  'head-of-line-model',
  'any-pipe',
  'resume',
  'live',
  'why',
  'frames',
  'frames-pipe',
] as const;

/** Bundles every script; resolves when they are written. */
export async function buildScripts(): Promise<void> {
  const folder = join(ROOT, '.wrangler/scripts');
  await mkdir(folder, { recursive: true });
  for (const page of PAGES) await writeChanged(join(folder, `${page}.js`), await bundle(page));
}

async function bundle(page: string): Promise<string> {
  const result = await build({
    root: ROOT,
    configFile: false,
    logLevel: 'warn',
    build: {
      write: false,
      target: 'es2022',
      modulePreload: false,
      rolldownOptions: {
        input: join(ROOT, `client/${page}.ts`),
        output: { format: 'iife', codeSplitting: false },
      },
    },
  });
  const outputs = Array.isArray(result) ? result : [result];
  const chunks = outputs.flatMap((o) => ('output' in o ? o.output : [])).filter((o) => o.type === 'chunk');
  const [chunk] = chunks;
  if (!chunk || chunks.length !== 1) throw new Error(`client/${page}.ts must become one script, not ${chunks.length}.`);
  // Safe to stand inside a script element, whatever the source says.
  return chunk.code.trim().replaceAll('</script', '<\\/script').replaceAll('<!--', '<\\!--');
}

async function writeChanged(file: string, text: string): Promise<void> {
  const old = await readFile(file, 'utf8').catch(() => null);
  if (old !== text) await writeFile(file, text);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildScripts();
