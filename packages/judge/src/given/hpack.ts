/** HPACK as learners are given it: the project's own, behind two calls. One of these has the memory of one connection. */
import { HpackDecoder, HpackEncoder } from '@interleave/wire/hpack';

export type Fields = [name: string, value: string][];

export type Hpack = {
  /** The fields of a whole block. Blocks have to come in the order of the wire. @throws with COMPRESSION_ERROR when it is broken. */
  decode(block: Uint8Array): Fields;
  /** One whole block. Names are written in small letters. */
  encode(fields: Fields): Uint8Array;
};

export function makeHpack(): Hpack {
  const decoder = new HpackDecoder();
  const encoder = new HpackEncoder();
  return {
    decode(block) {
      const decoded = decoder.decode(block);
      if ('reason' in decoded) throw new Error(`COMPRESSION_ERROR: ${decoded.reason}`);
      if (decoded.exceeded !== null) throw new Error(`The fields are over the limit ${decoded.exceeded}`);
      // What is malformed is handed on: to find it is a matter of streams, not of compression.
      return decoded.fields.map(([name, value]) => [name, value]);
    },
    encode(fields) {
      // A copy: the encoder's buffer is shared, and learners may write into what they hold.
      return encoder.encode(fields.map(([name, value]): [string, string] => [name.toLowerCase(), value])).slice();
    },
  };
}
