import { type Bench, compareCodecs } from '../bench.ts';
import { atLeast } from '../results.ts';

const OURS = 'interleave';
const PLAIN = 'llhttp (WebAssembly), a string each';
const FAST = 'llhttp (WebAssembly), sliced';

/** Parsing request heads, strings made, against llhttp in WebAssembly and http-parser-js. */
export async function head(bench: Bench): Promise<void> {
  await compareCodecs(
    bench,
    {
      id: 'head',
      title: 'Request heads',
      unit: 'heads/s',
      notes: [
        '64 pipelined GETs as Chromium sends them, 556 bytes with 14 field lines each; method, target, names and values as strings.',
        '"a string each" makes every string in its callback; "sliced" decodes the head once and slices it.',
      ],
    },
    [
      { name: OURS, module: 'head-interleave.ts' },
      { name: 'interleave, whole connection', module: 'head-interleave.ts', args: ['--connection'] },
      { name: PLAIN, module: 'head-llhttp.ts', args: ['--each'] },
      { name: FAST, module: 'head-llhttp.ts' },
      { name: 'http-parser-js', module: 'head-http-parser-js.ts' },
    ],
    [
      { id: 'head-llhttp', claim: 'Request heads', ours: OURS, peer: PLAIN, better: 'higher', target: atLeast(1.5) },
      { id: 'head-llhttp-sliced', claim: 'Request heads', ours: OURS, peer: FAST, better: 'higher' },
      { id: 'head-http-parser-js', claim: 'Request heads', ours: OURS, peer: 'http-parser-js', better: 'higher' },
    ],
  );
}
