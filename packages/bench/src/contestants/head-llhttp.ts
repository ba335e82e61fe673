/**
 * llhttp compiled to WebAssembly, as undici ships it, making the strings that a server hands to its application.
 *
 * `--each` makes every string from its own bytes, as the callbacks come (the plain way); without it the callbacks only
 * note where a string lies, the head is decoded once, and the strings are slices of it (the fastest way that was found).
 */
import wasm from 'undici/lib/llhttp/llhttp_simd-wasm.js';
import { expectSame, runSteps } from '../contestant.ts';
import { FIELDS, HEAD, PIPELINED, pipelinedHeads, TARGET } from '../workloads/heads.ts';

interface Llhttp {
  readonly memory: WebAssembly.Memory;
  readonly _initialize?: () => void;
  llhttp_alloc(type: number): number;
  malloc(size: number): number;
  llhttp_execute(parser: number, at: number, length: number): number;
}

const REQUEST = 1;
const each = process.argv.includes('--each');

await runSteps(() => {
  let memory = Buffer.alloc(0);
  let heads = 0;
  let url = '';
  let lines: [string, string][] = [];
  let name = '';
  /** Offsets of the head's strings: url from, to, then name from, to, value from, to … */
  let marks: number[] = [];
  let complete: () => void = () => {};

  const note = (_parser: number, at: number, length: number): number => {
    marks.push(at, at + length);
    return 0;
  };
  const text = (at: number, length: number): string => memory.latin1Slice(at, at + length);
  const nothing = (): number => 0;
  const callbacks = each
    ? {
        wasm_on_url: (_parser: number, at: number, length: number): number => {
          url = text(at, length);
          return 0;
        },
        wasm_on_header_field: (_parser: number, at: number, length: number): number => {
          name = text(at, length);
          return 0;
        },
        wasm_on_header_value: (_parser: number, at: number, length: number): number => {
          lines.push([name, text(at, length)]);
          return 0;
        },
      }
    : { wasm_on_url: note, wasm_on_header_field: note, wasm_on_header_value: note };

  const instance = new WebAssembly.Instance(new WebAssembly.Module(wasm), {
    env: {
      ...callbacks,
      wasm_on_status: nothing,
      wasm_on_message_begin: nothing,
      wasm_on_headers_complete: (): number => {
        if (!each) slice();
        heads += 1;
        complete();
        lines = [];
        return 0;
      },
      wasm_on_body: nothing,
      wasm_on_message_complete: nothing,
    },
  });
  const llhttp = instance.exports as unknown as Llhttp;
  llhttp._initialize?.();

  function slice(): void {
    const start = marks[0] as number;
    const head = memory.latin1Slice(start, marks[marks.length - 1]);
    url = head.slice(0, (marks[1] as number) - start);
    for (let at = 2; at < marks.length; at += 4) {
      lines.push([
        head.slice((marks[at] as number) - start, (marks[at + 1] as number) - start),
        head.slice((marks[at + 2] as number) - start, (marks[at + 3] as number) - start),
      ]);
    }
    marks = [];
  }

  const bytes = pipelinedHeads();
  const parser = llhttp.llhttp_alloc(REQUEST);
  const at = llhttp.malloc(bytes.length);
  memory = Buffer.from(llhttp.memory.buffer);

  const parse = (): number => {
    heads = 0;
    // What arrives from a socket has to be brought into the module's memory: that is part of its price.
    memory.set(bytes, at);
    const code = llhttp.llhttp_execute(parser, at, bytes.length);
    if (code !== 0) throw new Error(`llhttp stopped with code ${code}.`);
    return heads;
  };

  let seen: unknown = null;
  complete = () => {
    seen = [url, lines];
  };
  expectSame('Number of heads', parse(), PIPELINED);
  expectSame('The last head', seen, [TARGET, FIELDS]);
  expectSame('Bytes in a head', HEAD.length, bytes.length / PIPELINED);
  complete = () => {};
  return parse;
});
