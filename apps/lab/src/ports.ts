import { execFile } from 'node:child_process';
import { readdir, readFile, readlink } from 'node:fs/promises';

/** Who listens on a port, as far as the system tells. */
export interface PortOwner {
  readonly pid: number;
  readonly command: string;
}

/** The process that has a port of this machine, or null when the system does not tell us. */
export function portOwner(port: number, transport: 'tcp' | 'udp' = 'tcp'): Promise<PortOwner | null> {
  return process.platform === 'linux' ? ownerFromProc(port, transport) : ownerFromLsof(port, transport);
}

/** A line for people: `node (pid 4711)`, or what can be said without an owner. */
export function describeOwner(owner: PortOwner | null): string {
  return owner === null ? 'another process' : `${owner.command} (pid ${owner.pid})`;
}

/** States in /proc/net: a TCP socket that listens, a UDP socket that is connected to nobody. */
const LISTEN = { tcp: '0A', udp: '07' } as const;

async function ownerFromProc(port: number, transport: 'tcp' | 'udp'): Promise<PortOwner | null> {
  const wanted = port.toString(16).toUpperCase().padStart(4, '0');
  const inodes = new Set<string>();
  for (const table of [`/proc/net/${transport}`, `/proc/net/${transport}6`]) {
    const text = await readFile(table, 'utf8').catch(() => '');
    for (const line of text.split('\n').slice(1)) {
      const column = line.trim().split(/\s+/);
      if (column[3] === LISTEN[transport] && column[1]?.endsWith(`:${wanted}`) && column[9] !== undefined)
        inodes.add(column[9]);
    }
  }
  if (inodes.size === 0) return null;
  const processes = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name));
  for (const pid of processes) {
    // Folders of other users' processes are closed to us: they stay unnamed.
    const descriptors = await readdir(`/proc/${pid}/fd`).catch(() => []);
    for (const descriptor of descriptors) {
      const target = await readlink(`/proc/${pid}/fd/${descriptor}`).catch(() => '');
      const inode = /^socket:\[(\d+)\]$/.exec(target)?.[1];
      if (inode !== undefined && inodes.has(inode)) return { pid: Number(pid), command: await commandOf(pid) };
    }
  }
  return null;
}

async function commandOf(pid: string): Promise<string> {
  const words = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => ''))
    .split('\0')
    .filter((word) => word !== '');
  const program = words[0]?.split('/').pop();
  if (program === undefined) return (await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => 'a process')).trim();
  // For an interpreter the script says more than the program.
  const script = words.slice(1).find((word) => /^[\w@.:/\\][\w@.:/\\ -]*[./\\][\w@.:/\\ -]*$/.test(word));
  return script === undefined ? program : `${program} ${script.split('/').slice(-2).join('/')}`;
}

function ownerFromLsof(port: number, transport: 'tcp' | 'udp'): Promise<PortOwner | null> {
  const which = transport === 'tcp' ? [`-iTCP:${port}`, '-sTCP:LISTEN'] : [`-iUDP:${port}`];
  return new Promise((resolve) => {
    execFile('lsof', ['-nP', ...which, '-Fpc'], { timeout: 3_000 }, (error, output) => {
      const pid = /^p(\d+)$/m.exec(output)?.[1];
      const command = /^c(.+)$/m.exec(output)?.[1];
      resolve(error !== null || pid === undefined ? null : { pid: Number(pid), command: command ?? 'a process' });
    });
  });
}
