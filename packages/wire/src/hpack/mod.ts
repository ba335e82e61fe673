/**
 * HPACK, the compression of field sections in HTTP/2 (RFC 7541): one `HpackDecoder` and one `HpackEncoder` a connection.
 *
 * @module
 */

export { huffmanDecode } from '../huffman/huffman.ts';
export { type DecodedBlock, HpackDecoder, type HpackDecoderOptions } from './decoder.ts';
export { DynamicTable } from './dynamic_table.ts';
export { HpackEncoder, type HpackEncoderOptions } from './encoder.ts';
export { ENTRY_OVERHEAD, entrySize } from './entry_size.ts';
export { STATIC_SIZE, STATIC_TABLE } from './static_table.ts';
