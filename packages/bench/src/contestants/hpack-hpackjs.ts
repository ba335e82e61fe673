/**
 * hpack.js, decoding or (`--encode`) encoding the stories. Its README names the table option `size`; the code reads
 * `maxSize`, and without it the table has no bound.
 */
import hpack from 'hpack.js';
import { type Line, runHpack } from '../workloads/hpack.ts';

const TABLE = { table: { maxSize: 4096 } };

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

await runHpack(encodeStory, decodeStory);
