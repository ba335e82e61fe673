import type { Bindings } from './env.ts';

/** The scripts that `build/scripts.ts` makes. */
export type ScriptName =
  | 'home'
  | 'page'
  | 'analyse'
  | 'analyse-worker'
  | 'keep-alive'
  | 'tiles'
  | 'pipelining'
  | 'boundaries'
  | 'websocket'
  | 'multiplexing'
  | 'head-of-line'
  | 'capabilities'
  | 'head-of-line-model'
  | 'any-pipe'
  | 'resume'
  | 'live'
  | 'why'
  | 'frames'
  | 'frames-pipe';

const read = new Map<ScriptName, Promise<string>>();

/** A page's script as text, read once an isolate. Empty where no scripts are bound: pages work without. */
export function scriptText(env: Bindings, name: ScriptName): Promise<string> {
  const { SCRIPTS } = env;
  if (SCRIPTS === undefined) return Promise.resolve('');
  let text = read.get(name);
  if (text === undefined) {
    text = load(SCRIPTS, name);
    read.set(name, text);
    // What failed once may work next time.
    text.catch(() => read.delete(name));
  }
  return text.catch(() => '');
}

async function load(scripts: Fetcher, name: ScriptName): Promise<string> {
  const response = await scripts.fetch(`https://scripts.invalid/${name}.js`);
  if (!response.ok) throw new Error(`The script ${name}.js is not among the assets: ${response.status}.`);
  return response.text();
}
