/** The head of a wrong submission: `// kills: KA2-1 KA2-3`, and below it, if its author says so, what the mistake is. */
import { readFile } from 'node:fs/promises';

export type Kills = {
  /** Ids of the checks that must fail; null when the first line does not name them. */
  readonly ids: readonly string[] | null;
  /** What the mistake is, in one sentence; null when only the file's name says it. */
  readonly mistake: string | null;
};

export function parseKills(text: string): Kills {
  const [first = '', second = ''] = text.split('\n').map((line) => line.trimEnd());
  const named = /^\/\/ kills: (\S.*)$/.exec(first)?.[1];
  const said = named === undefined ? first : second;
  return { ids: named?.split(/[\s,]+/) ?? null, mistake: /^\/\/ (\S.*)$/.exec(said)?.[1] ?? null };
}

export async function readKills(path: string): Promise<Kills> {
  return parseKills(await readFile(path, 'utf8').catch(() => ''));
}
