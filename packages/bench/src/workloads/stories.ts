import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export type Line = readonly [name: string, value: string];

/** The header lists of one connection in their order, with the blocks that nghttp2 made of them, if there are any. */
export interface Story {
  readonly lists: readonly (readonly Line[])[];
  readonly blocks: readonly Uint8Array[] | null;
}

/** A set of stories, where they are from, and how many field lines they hold. */
export interface Stories {
  readonly source: string;
  readonly stories: readonly Story[];
  readonly lines: number;
  /** Bytes of nghttp2's encoding; null where there is none to compare with. */
  readonly encoded: number | null;
}

interface StoryFile {
  readonly cases: readonly { readonly wire: string; readonly headers: readonly Record<string, string>[] }[];
}

/** nghttp2's stories where the vectors are (VECTORS, or ../shared/vectors beside the project), else our own set. */
export function stories(): Stories {
  const folder = process.env['VECTORS'] ?? fileURLToPath(new URL('../../../../../shared/vectors', import.meta.url));
  let files: string[];
  try {
    files = readdirSync(`${folder}/hpack/nghttp2`).filter((file) => file.endsWith('.json'));
  } catch {
    return synthetic();
  }
  const read = files.sort().map((file): Story => {
    const { cases } = JSON.parse(readFileSync(`${folder}/hpack/nghttp2/${file}`, 'utf8')) as StoryFile;
    return {
      lists: cases.map(({ headers }) => headers.map((line) => Object.entries(line)[0] as Line)),
      blocks: cases.map(({ wire }) => new Uint8Array(Buffer.from(wire, 'hex'))),
    };
  });
  return describe(`nghttp2's stories of http2jp/hpack-test-case`, read);
}

/** Sixteen made-up visits of 24 requests each: fields that stay, paths and cookies that change. */
export function synthetic(): Stories {
  const visits = Array.from({ length: 16 }, (_, visit): Story => {
    const lists = Array.from({ length: 24 }, (_, request): Line[] => [
      [':method', 'GET'],
      [':scheme', 'https'],
      [':authority', `www${visit}.example`],
      [':path', request === 0 ? '/' : `/assets/${visit}/${(request * 7919).toString(36)}.js?v=${visit * request}`],
      ['user-agent', 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0'],
      ['accept', request === 0 ? 'text/html,application/xhtml+xml,*/*;q=0.8' : '*/*'],
      ['accept-encoding', 'gzip, deflate, br, zstd'],
      ['accept-language', 'en-GB,en;q=0.9'],
      ['referer', `https://www${visit}.example/`],
      ['cookie', `id=${(visit * 104_729).toString(16)}`],
      ['cookie', `seen=${request >> 3}`],
    ]);
    return { lists, blocks: null };
  });
  return describe('16 made-up visits of 24 requests', visits);
}

function describe(source: string, all: readonly Story[]): Stories {
  const lines = all.reduce((sum, { lists }) => sum + lists.reduce((fields, list) => fields + list.length, 0), 0);
  const known = all.every(({ blocks }) => blocks !== null);
  const bytes = all.flatMap(({ blocks }) => blocks ?? []).reduce((sum, block) => sum + block.length, 0);
  return { source, stories: all, lines, encoded: known ? bytes : null };
}
