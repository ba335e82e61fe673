import { Child } from '../child.ts';
import { CORES, whereIs } from '../tools.ts';
import { loadWithH2load } from './h2load.ts';

/** What to ask of a server: small GET requests, so many at a time, for so long. */
export interface Load {
  readonly protocol: 'http/1.1' | 'h2';
  readonly port: number;
  readonly connections: number;
  /** Requests under way on each connection: pipelined in HTTP/1.1, streams in HTTP/2. */
  readonly inFlight: number;
  /** Measured time; a fifth of it runs before, unmeasured. */
  readonly milliseconds: number;
}

/** Makes load in a process of its own. Rejects when a single request fails: a fast refusal is no throughput. */
export interface Generator {
  readonly name: string;
  /** Requests answered per second. */
  run(load: Load): Promise<number>;
  stop(): Promise<void>;
}

/** h2load where it is installed, else the client that comes with this package. */
export async function generator(): Promise<Generator> {
  const h2load = whereIs('h2load');
  if (h2load) {
    return { name: 'h2load', run: (load) => loadWithH2load(h2load, load), stop: async () => {} };
  }
  const child = await Child.start('built-in load', new URL('./built-in.ts', import.meta.url), { core: CORES.load });
  return {
    name: 'built-in client',
    run: (load) => child.ask<number>('load', load),
    stop: () => child.stop(),
  };
}
