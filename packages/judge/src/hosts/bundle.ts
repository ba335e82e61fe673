/** The portable judge as one script, for hosts that cannot read TypeScript from disk. Made once for each process. */
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const made = new Map<string, Promise<string>>();

/** @param entry - a file below this folder, such as `worker/entry.ts` */
export function bundled(entry: string): Promise<string> {
  let script = made.get(entry);
  if (script === undefined) {
    script = build({
      entryPoints: [fileURLToPath(new URL(entry, import.meta.url))],
      bundle: true,
      write: false,
      format: 'esm',
      target: 'es2023',
      charset: 'utf8',
    }).then((result) => result.outputFiles[0]?.text ?? '');
    made.set(entry, script);
  }
  return script;
}
