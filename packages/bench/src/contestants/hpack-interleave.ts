/**
 * Interleave's HPACK, decoding (every line checked against RFC 9113 §8.2.1) or, with `--encode`, encoding the stories;
 * one decoder or encoder for each story, as for each connection.
 */
import { HpackDecoder, HpackEncoder } from '@interleave/wire/hpack';
import { type Line, runHpack } from '../workloads/hpack.ts';

function encodeStory(lists: readonly (readonly Line[])[]): Uint8Array[] {
  const encoder = new HpackEncoder();
  return lists.map((list) => encoder.encode(list));
}

function decodeStory(blocks: readonly Uint8Array[]): (readonly Line[])[] {
  const decoder = new HpackDecoder();
  return blocks.map((block) => {
    const decoded = decoder.decode(block);
    if ('code' in decoded) throw new Error(`The decoder stopped: ${decoded.reason}`);
    // Five of the stories' messages hold values that no field may have: the decoder says so, and gives them all the same.
    if (decoded.exceeded) throw new Error(`The decoder stopped at ${decoded.exceeded}.`);
    return decoded.fields;
  });
}

await runHpack(encodeStory, decodeStory);
