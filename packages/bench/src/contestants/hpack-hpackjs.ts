/**
 * hpack.js, decoding or (`--encode`) encoding the stories. Its README names the table option `size`; the code reads
 * `maxSize`, and without it the table has no bound.
 */
import hpack from 'hpack.js';
import { expectSame, runSteps } from '../contestant.ts';
import { type Line, stories } from '../workloads/stories.ts';

const TABLE = { table: { maxSize: 4096 } };
const { stories: all, lines } = stories();

function encodeStory(lists: readonly (readonly Line[])[]): Buffer[] {
  const compressor = hpack.compressor.create(TABLE);
  return lists.map((list) => {
    compressor.write(list.map(([name, value]) => ({ name, value })));
    const parts: Uint8Array[] = [];
    for (let part = compressor.read(); part !== null; part = compressor.read()) parts.push(part);
    return Buffer.concat(parts);
  });
}

function decodeStory(blocks: readonly Uint8Array[]): Line[][] {
  const decompressor = hpack.decompressor.create(TABLE);
  return blocks.map((block) => {
    decompressor.write(block);
    decompressor.execute();
    const list: Line[] = [];
    for (let line = decompressor.read(); line !== null; line = decompressor.read()) list.push([line.name, line.value]);
    return list;
  });
}

if (process.argv.includes('--encode')) {
  let bytes = 0;
  const encode = (): number => {
    bytes = 0;
    for (const { lists } of all) for (const block of encodeStory(lists)) bytes += block.length;
    return lines;
  };
  await runSteps(
    () => {
      const blocks = all.map(({ lists }) => encodeStory(lists));
      expectSame(
        'What it encoded',
        blocks.map(decodeStory),
        all.map(({ lists }) => lists),
      );
      return encode;
    },
    { size: () => bytes },
  );
} else {
  await runSteps(() => {
    const input = all.map(({ lists, blocks }) => blocks?.map((block) => Buffer.from(block)) ?? encodeStory(lists));
    expectSame(
      'What it decoded',
      input.map(decodeStory),
      all.map(({ lists }) => lists),
    );
    return () => {
      for (const blocks of input) decodeStory(blocks);
      return lines;
    };
  });
}
