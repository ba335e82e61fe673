/**
 * Judges a server or client that is no learner file, in a process of its own: its first argument is the exercise, its second names the
 * checks (default: all), its output is one JSON line.
 */

import type { Exercise } from '../../exercise.ts';
import { RawJudge } from '../../raw/judge.ts';
import type { Connection } from '../../raw/pipe.ts';
import { prepareRealm } from '../../raw/realm.ts';

export type Handler = (request: {
  method: string;
  target: string;
  headers: Headers;
  body: ReadableStream<Uint8Array> | null;
}) => Promise<Response>;

const real = {
  setTimeout: globalThis.setTimeout,
  setImmediate: globalThis.setImmediate,
  now: performance.now.bind(performance),
};
const print = console.log.bind(console);

/** What a client is asked, as learners have it. */
export type Outgoing = {
  origin: string;
  method: string;
  target: string;
  headers: Headers;
  body?: Uint8Array<ArrayBuffer>;
};

type Serve = (connection: Connection, handler: Handler) => Promise<void>;
type Connect = (connection: Connection) => Promise<(request: Outgoing) => Promise<Response>>;

export async function judgePeer(peer: Serve): Promise<void>;
export async function judgePeer(peer: Connect, as: 'connect'): Promise<void>;
export async function judgePeer(peer: Serve | Connect, as: 'serve' | 'connect' = 'serve'): Promise<void> {
  const loaded = (await import(process.argv[2] ?? '')) as { default: Exercise };
  const { clock } = prepareRealm({ threw: () => {}, said: () => {} });
  // A body that breaks off makes streams of Node's own reject; that is between Node and its adapter, not judged here.
  process.on('unhandledRejection', () => {});
  process.on('uncaughtException', () => {});
  const files = loaded.default.files.filter((file) => file.exports.includes(as));
  const judge = new RawJudge({
    exercise: { ...loaded.default, files },
    only: process.argv[3]?.split(','),
    clock,
    sources: new Map(),
    host: {
      name: 'node',
      load: async () => ({ [as]: peer }),
      turn: () => new Promise((resolve) => real.setImmediate(resolve)),
      rest: (ms) => new Promise((resolve) => real.setTimeout(resolve, ms)),
      realNow: real.now,
    },
  });
  const results = await judge.run();
  print(
    JSON.stringify(
      results.map(({ checkId, status, failure }) => ({ checkId, status, headline: failure?.headline ?? null })),
    ),
  );
  process.exit(0);
}
