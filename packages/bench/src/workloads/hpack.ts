import { expectSame, runSteps } from '../contestant.ts';
import { type Line, stories } from './stories.ts';

export type { Line } from './stories.ts';

type Lists = readonly (readonly Line[])[];

/**
 * Runs an HPACK of whatever make over the stories, each with an encoder or decoder of its own: decoding, or with `--encode`
 * encoding. What comes out is compared with the stories first.
 */
export async function runHpack(
  encodeStory: (lists: Lists) => Uint8Array[],
  decodeStory: (blocks: readonly Uint8Array[]) => Lists,
): Promise<void> {
  const encoding = process.argv.includes('--encode');
  let bytes = 0;
  await runSteps(
    () => {
      const { stories: all, lines } = stories();
      for (const { lists, blocks } of all) {
        expectSame(
          'What it made of a story',
          decodeStory(encoding ? encodeStory(lists) : toBlocks(lists, blocks)),
          lists,
        );
      }
      if (encoding) {
        const input = all.map(({ lists }) => lists);
        return () => {
          bytes = 0;
          for (const lists of input) for (const block of encodeStory(lists)) bytes += block.length;
          return lines;
        };
      }
      // The lists are let go: a large heap would be part of what is measured.
      const input = all.map(({ lists, blocks }) => toBlocks(lists, blocks));
      return () => {
        for (const blocks of input) decodeStory(blocks);
        return lines;
      };
    },
    { size: () => bytes },
  );

  function toBlocks(lists: Lists, blocks: readonly Uint8Array[] | null): Uint8Array[] {
    return (blocks ?? encodeStory(lists)).map((block) => Buffer.from(block));
  }
}
