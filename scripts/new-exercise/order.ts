/** What `npm run new-exercise` was asked for, checked against what is there. */
import { basename } from 'node:path';
import type { Track } from '../../packages/judge/src/exercise.ts';

/** An exercise that is to be made. */
export interface Order {
  /** `workshops/2-pipelining/7-name`. */
  readonly folder: string;
  readonly track: Track;
  /** Such as `PL7`; its checks are `PL7-1` and so on. */
  readonly id: string;
  readonly title: string;
  /** Of the learner's file, without its ending: the folder's name without its number. */
  readonly file: string;
}

/** What is taken already. */
export interface Taken {
  /** Folders of exercises, from the root. */
  readonly folders: readonly string[];
  /** Id → folder. */
  readonly ids: ReadonlyMap<string, string>;
}

const TRACKS = ['keep-alive', 'pipelining', 'demultiplexing', 'head-of-line'] as const satisfies readonly Track[];

export const USAGE = 'npm run new-exercise -- workshops/2-pipelining/7-name PL7 "Title"';

/** @throws with the argument, the rule and the remedy, in words for a person. */
export function readOrder(args: readonly string[], taken: Taken): Order {
  const [given = '', id = '', title = '', ...more] = args;
  if (more.length > 0)
    throw new Error(`There is more than a folder, an id and a title: ${more.join(' ')}. Put the title in quotes.`);
  if (title.trim() === '') throw new Error(`A folder, an id and a title are needed: ${USAGE}`);
  const folder = given.replaceAll('\\', '/').replace(/^\.\//, '').replace(/\/+$/, '');
  const [, trackName, number, file] =
    /^workshops\/\d+-([a-z0-9-]+)\/(\d+)-([a-z0-9]+(?:-[a-z0-9]+)*)$/.exec(folder) ?? [];
  if (trackName === undefined || number === undefined || file === undefined)
    throw new Error(
      `${given} is no folder of an exercise: it is workshops/<number-track>/<number-name>, in small letters.`,
    );
  const track = TRACKS.find((name) => name === trackName);
  if (track === undefined) throw new Error(`There is no track ${trackName}. There are ${TRACKS.join(', ')}.`);
  if (!/^[A-Z]{2}\d+$/.test(id))
    throw new Error(`${id} is no id: it is two capital letters and a number, such as PL7.`);
  const holder = taken.ids.get(id);
  if (holder !== undefined) throw new Error(`${id} is the id of ${holder}. Take another.`);
  const neighbour = taken.folders.find(
    (other) =>
      other.startsWith(folder.slice(0, folder.lastIndexOf('/') + 1)) && basename(other).startsWith(`${number}-`),
  );
  if (neighbour !== undefined)
    throw new Error(`${neighbour} is number ${number} of its track already: the number is the order. Take another.`);
  return { folder, track, id, title: title.trim(), file };
}
