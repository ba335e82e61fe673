/**
 * QPACK, the compression of field sections in HTTP/3 (RFC 9204): one `QpackDecoder` and one `QpackEncoder` a connection.
 *
 * @module
 */
export { type DecodedSection, QpackDecoder, type QpackDecoderOptions } from './decoder.ts';
export { DynamicTable } from './dynamic_table.ts';
export { QpackEncoder, type QpackEncoderOptions } from './encoder.ts';
export { QPACK_DECODER_STREAM_ERROR, QPACK_DECOMPRESSION_FAILED, QPACK_ENCODER_STREAM_ERROR } from './fault.ts';
export { STATIC_TABLE } from './static_table.ts';
