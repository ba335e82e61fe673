/**
 * The files of a new exercise: a server that answers one request, small and whole. It loads, its model and its alternatives
 * pass, its start and its wrong submission fail. What only the author can say stands behind `Replace this`, and the gate
 * names each of these places until it is gone.
 */
import type { Order } from './order.ts';

/** Path in the exercise's folder → text. */
export function templateOf(order: Order): Record<string, string> {
  const path = `http1/${order.file}.ts`;
  return {
    'exercise.ts': exercise(order, path),
    'README.md': readme(order, path),
    'hints.md': hints(order),
    [`start/${path}`]: START,
    [`solution/${path}`]: SOLUTION,
    'alt/each-chunk.ts': EACH_CHUNK,
    'alt/pipe-through.ts': PIPE_THROUGH,
    'wrong/no-body.ts': noBody(order),
  };
}

const exercise = (
  { id, track, folder, title }: Order,
  path: string,
): string => `import { defineExercise, type Exercise, rfc } from '@interleave/judge/exercise';

const scene = {
  kind: 'server',
  file: '${path}',
  export: 'serve',
  handler: [{ on: 'GET /a', reply: { body: 'first' } }],
} as const;

const exercise: Exercise = defineExercise({
  id: '${id}',
  track: '${track}',
  folder: '${folder}',
  title: ${quoted(title)},
  idea: 'Replace this: one sentence that says what is true, not what to do.',
  minutes: 15,
  // A file that an earlier exercise brings has \`start: null\` below, and the id of that exercise stands here.
  buildsOn: [],
  contract: 'export function serve(connection: Connection, handler: Handler): Promise<void>;',
  files: [{ path: '${path}', start: 'start/${path}', exports: ['serve'] }],
  startFails: ['${id}-1'],
  checks: [
    {
      id: '${id}-1',
      title: 'one request is answered, and the connection ends',
      judge: 'raw',
      spec: rfc(9112, '9.6'),
      idea: 'Replace this: the idea behind the rule, never the fix.',
      scene,
      steps: [
        { do: 'send', what: 'GET /a', bytes: 'GET /a HTTP/1.1\\r\\nHost: workshop\\r\\nConnection: close\\r\\n\\r\\n' },
        { do: 'expectReply', to: 'GET /a', status: 200, body: 'first' },
        { do: 'expectEnd' },
      ],
    },
  ],
});

export default exercise;
`;

const readme = ({ title }: Order, path: string): string => `# ${title}

Replace this: what is true on the wire, and why it matters, in two or three sentences.

\`work/${path}\` answers nothing. Make it answer one request and end the connection.

## The contract

\`\`\`ts
export function serve(connection: Connection, handler: Handler): Promise<void>;
\`\`\`

Call \`handler\` for the request and write its \`Response\`.

## One exchange, byte for byte

\`\`\`
c1 →  GET /a HTTP/1.1␍␊Host: workshop␍␊Connection: close␍␊␍␊
c1 ←  HTTP/1.1 200 OK␍␊Content-Length: 5␍␊␍␊first
c1 ⟂  you end the connection
\`\`\`

## How you will see it

Replace this: what the picture shows now, and what it shows in the end.
`;

const hints = ({ id }: Order): string => `# Hints

## ${id}-1

1. Replace this: which question leads there, without the answer?
2. Replace this: where to look, and what to look for.
3. Replace this: nearly the code, in words of its own:

   \`\`\`
   head ← read up to the empty line
   write the response to it; end your direction
   \`\`\`
`;

const START = `import type { Connection, Handler } from 'contract';

/** Ends the connection, whatever is asked. */
export async function serve({ writable }: Connection, _handler: Handler): Promise<void> {
  await writable.close();
}
`;

/** What every design below shares: a head becomes a request, a response becomes bytes. */
const MESSAGES = `function requestOf(head: string): Incoming {
  const [requestLine = '', ...lines] = head.split('\\r\\n');
  const [method = '', target = ''] = requestLine.split(' ');
  const headers = new Headers(lines.map((line) => splitField(line)));
  return { method, target, version: '1.1', headers, body: new Blob([]).stream() };
}

function splitField(line: string): [string, string] {
  const colon = line.indexOf(':');
  return [line.slice(0, colon), line.slice(colon + 1).trim()];
}

async function bytesOf(response: Response): Promise<Uint8Array<ArrayBuffer>> {
  const body = await response.arrayBuffer();
  const fields = [...response.headers, ['Content-Length', body.byteLength]];
  const head = fields.map(([name, value]) => \`\${name}: \${value}\\r\\n\`).join('');
  return new Uint8Array(await new Blob([\`HTTP/1.1 \${response.status} \\r\\n\${head}\\r\\n\`, body]).arrayBuffer());
}
`;

const SOLUTION = `import type { Connection, Handler, Incoming } from 'contract';

/** Answers one request and ends the connection. */
export async function serve({ readable, writable }: Connection, handler: Handler): Promise<void> {
  const head = await readHead(readable);
  const writer = writable.getWriter();
  if (head !== null) await writer.write(await bytesOf(await handler(requestOf(head))));
  await writer.close();
}

/** The text before the empty line; null when the peer ends before it is whole. */
async function readHead(readable: ReadableStream<Uint8Array>): Promise<string | null> {
  const reader = readable.getReader();
  let text = '';
  while (!text.includes('\\r\\n\\r\\n')) {
    const { done, value } = await reader.read();
    if (done) return null;
    text += new TextDecoder('latin1').decode(value);
  }
  return text.slice(0, text.indexOf('\\r\\n\\r\\n'));
}

${MESSAGES}`;

const EACH_CHUNK = `// Another design that is right: a loop over chunks, which looks for the empty line after each.
import type { Connection, Handler, Incoming } from 'contract';

export async function serve({ readable, writable }: Connection, handler: Handler): Promise<void> {
  const writer = writable.getWriter();
  let text = '';
  for await (const chunk of readable) {
    text += String.fromCharCode(...chunk);
    const end = text.indexOf('\\r\\n\\r\\n');
    if (end < 0) continue;
    await writer.write(await bytesOf(await handler(requestOf(text.slice(0, end)))));
    break;
  }
  await writer.close();
}

${MESSAGES}`;

const PIPE_THROUGH = `// Another design that is right: heads come out of one stream, replies out of the next.
import type { Connection, Handler, Incoming } from 'contract';

export function serve({ readable, writable }: Connection, handler: Handler): Promise<void> {
  let text = '';
  const heads = new TransformStream<Uint8Array, string>({
    transform(chunk, controller) {
      text += String.fromCharCode(...chunk);
      const end = text.indexOf('\\r\\n\\r\\n');
      if (end < 0) return;
      controller.enqueue(text.slice(0, end));
      controller.terminate();
    },
  });
  const replies = new TransformStream<string, Uint8Array>({
    async transform(head, controller) {
      controller.enqueue(await bytesOf(await handler(requestOf(head))));
    },
  });
  return readable.pipeThrough(heads).pipeThrough(replies).pipeTo(writable);
}

${MESSAGES}`;

const noBody = ({ id }: Order): string => `// kills: ${id}-1
// Announces a body, and sends none.
${SOLUTION.replace(', body])', '])')}`;

/** As Biome writes it: single quotes, unless there are more of them inside. */
function quoted(text: string): string {
  const inner = text.replaceAll('\\', '\\\\').replaceAll('\n', ' ');
  return inner.includes("'") && !inner.includes('"') ? `"${inner}"` : `'${inner.replaceAll("'", "\\'")}'`;
}
