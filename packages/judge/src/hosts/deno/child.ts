/** Runs in Deno: one task as a line on stdin, one JSON line on stdout for each thing to say. Imports nothing from Node. */
import { judgeHere, type PortableTask } from '../../raw/portable.ts';

/** The few names of Deno that are used here; its types are not installed. */
declare const Deno: {
  readonly stdin: { readonly readable: ReadableStream<Uint8Array> };
  readonly stdout: { writeSync(bytes: Uint8Array): number };
  exit(code: number): never;
};

export type DenoTask = PortableTask & {
  /** Folder with a copy of the learner's files for each check: `<base>/learner~KA2-1/http1/server.ts`. A file URL that ends in a slash. */
  readonly base: string;
};

const encoder = new TextEncoder();
const { stdin, stdout, exit } = Deno;

function tell(message: object): void {
  const line = encoder.encode(`${JSON.stringify(message)}\n`);
  for (let at = 0; at < line.length; ) at += stdout.writeSync(line.subarray(at));
}

async function readTask(): Promise<DenoTask> {
  let text = '';
  const decoder = new TextDecoder();
  for await (const chunk of stdin.readable) text += decoder.decode(chunk, { stream: true });
  return JSON.parse(text);
}

const task = await readTask();
await judgeHere(task, (check, file) => import(`${task.base}learner~${check}/${file}`), {
  alive: () => tell({ say: 'alive' }),
  began: (check) => tell({ say: 'began', check }),
  ended: (result) => tell({ say: 'ended', result }),
});
tell({ say: 'done' });
exit(0);
