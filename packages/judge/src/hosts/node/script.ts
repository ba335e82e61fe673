/**
 * The programs of learner processes, each as one script: a process that has sixty files to read and to take types out of
 * needs as long for that as for a whole verdict. Made once, when the first one is started.
 */
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';

const made = new Map<string, string>();

/** @param entry - a file below `src`, such as `hosts/node/child.ts` */
export function learnerScript(entry: string): string {
  let script = made.get(entry);
  if (script === undefined) {
    const { outputFiles } = buildSync({
      entryPoints: [fileURLToPath(new URL(`../../${entry}`, import.meta.url))],
      bundle: true,
      write: false,
      platform: 'node',
      format: 'esm',
      target: 'node24',
      charset: 'utf8',
      // What goes wrong is thrown.
      logLevel: 'silent',
    });
    script = outputFiles[0]?.text ?? '';
    made.set(entry, script);
  }
  return script;
}
