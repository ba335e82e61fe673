/** An independent dissector: tshark on what dumpcap has captured, decrypted with keys that the client wrote down. */
import { execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';

/** Types of RFC 9113 §6 and RFC 9218 §7.1. */
export const TYPES: Readonly<Record<string, number>> = {
  data: 0,
  headers: 1,
  priority: 2,
  rst_stream: 3,
  settings: 4,
  push_promise: 5,
  ping: 6,
  goaway: 7,
  window_update: 8,
  continuation: 9,
  priority_update: 16,
};

/** Why this machine cannot capture, or null. */
export const missing: string | null = ((): string | null => {
  for (const [tool, args] of [
    ['tshark', ['--version']],
    ['dumpcap', ['--version']],
    ['dumpcap', ['-i', 'lo', '-a', 'duration:0.2', '-w', '/dev/null', '-q']],
  ] as const) {
    try {
      execFileSync(tool, args, { stdio: 'ignore', timeout: 10_000 });
    } catch {
      return args.length > 1
        ? 'dumpcap may not capture on lo here (run as root, or add cap_net_raw)'
        : `there is no ${tool}`;
    }
  }
  return null;
})();

/** A capture of one port on lo, from now until `stop`. */
export async function capture(port: number, file: string): Promise<() => Promise<void>> {
  const process = spawn('dumpcap', ['-i', 'lo', '-f', `tcp port ${port}`, '-w', file, '-B', '16']);
  let said = '';
  process.stderr.on('data', (chunk) => {
    said += chunk;
  });
  while (!said.includes('File: ')) await new Promise((resolve) => setTimeout(resolve, 10));
  return async () => {
    // What the kernel still holds comes in a moment; dumpcap writes it before it ends.
    await new Promise((resolve) => setTimeout(resolve, 300));
    process.kill('SIGINT');
    await once(process, 'exit');
  };
}

export interface Dissected {
  readonly frames: number[][];
  readonly fields: string[][];
}

/** What tshark decodes in one direction: type, flags, stream and length of each frame; names and values of all fields. */
export async function dissect(file: string, keys: string, port: number, direction: 'to' | 'from'): Promise<Dissected> {
  const names = [
    'http2.type',
    'http2.flags',
    'http2.streamid',
    'http2.length',
    'http2.header.name',
    'http2.header.value',
  ];
  const { stdout } = await promisify(execFile)(
    'tshark',
    [
      ...['-r', file, '-o', `tls.keylog_file:${keys}`, '-d', `tcp.port==${port},tls`, '-T', 'fields'],
      ...['-Y', `http2 && tcp.${direction === 'to' ? 'dst' : 'src'}port==${port}`],
      ...['-E', 'separator=/t', '-E', 'aggregator=|'],
      ...names.flatMap((name) => ['-e', name]),
    ],
    { maxBuffer: 64 * 1_024 * 1_024, timeout: 60_000 },
  );
  const frames: number[][] = [];
  const fields: string[][] = [];
  for (const line of stdout.split('\n')) {
    const [types, flags, streams, lengths, fieldNames, values] = line.split('\t').map((column) => column.split('|'));
    if (types?.[0] === undefined || types[0] === '') continue;
    for (const [at, type] of types.entries())
      frames.push([type, flags?.[at], streams?.[at], lengths?.[at]].map((number) => Number(number)));
    if (fieldNames?.[0]) for (const [at, name] of fieldNames.entries()) fields.push([name, values?.[at] ?? '']);
  }
  return { frames, fields };
}
