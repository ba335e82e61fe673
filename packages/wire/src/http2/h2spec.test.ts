import { describe, expect, it } from 'vitest';
import { encodeLatin1 } from '../bytes/latin1.ts';
import type { FieldSection } from '../fields/field.ts';
import { withLimits } from '../limits.ts';
import { block, concat, frame, frames, GET, Http2Tester, POST, uint32 } from '../testing/http2.ts';
import { splits } from '../testing/splits.ts';
import { Flag, FrameType } from './frame.ts';

/**
 * The cases of h2spec, by its names and sections, against the server: a request is answered with 200 and ten octets. Each
 * runs whole, byte by byte and at random splits. `stream` and `connection` say what the error ends; where h2spec allows
 * either, the connection is ended for what costs us more than it costs the peer (`MadeYouReset`).
 */
type Expected = 'response' | 'ping ack' | 'settings ack' | 'nothing' | `connection ${string}` | `stream ${string}`;

interface Case {
  readonly name: string;
  readonly send: readonly Uint8Array[];
  readonly expected: Expected;
  /** Without preface and SETTINGS before. */
  readonly bare?: boolean;
}

const END = Flag.END_STREAM | Flag.END_HEADERS;
const OPEN = Flag.END_HEADERS;
const huge = 'x'.repeat(4000);
const post = (length: number): FieldSection => [...POST, ['content-length', String(length)]];
const settings = frames.settings;
const test = (name: string, expected: Expected, ...send: readonly Uint8Array[]): Case => ({ name, expected, send });
const bare = (name: string, expected: Expected, ...send: readonly Uint8Array[]): Case => ({
  name,
  expected,
  send,
  bare: true,
});
const malformed = (name: string, ...fields: FieldSection): Case =>
  test(name, 'stream PROTOCOL_ERROR', frames.headers(1, fields));
const without = (name: string): FieldSection => GET.filter(([known]) => known !== name);
const padded = (type: number, flags: number, streamId: number, content: Uint8Array, padding = 8): Uint8Array =>
  frame(type, flags | Flag.PADDED, streamId, concat(Uint8Array.of(padding), content, new Uint8Array(padding)));
const prioritised = (streamId: number, dependsOn: number): Uint8Array =>
  frame(FrameType.HEADERS, END | Flag.PRIORITY, streamId, concat(uint32(dependsOn), Uint8Array.of(255), block(GET)));

const SECTIONS: Record<string, readonly Case[]> = {
  'generic 1. Starting HTTP/2': [
    bare('Sends a client connection preface', 'settings ack', frames.preface(), settings()),
  ],
  'generic 2. Streams and Multiplexing': [
    test('idle: Sends a PRIORITY frame', 'response', frames.priority(1), frames.headers(1)),
    test('half-closed (remote): Sends a WINDOW_UPDATE frame', 'response', frames.headers(1), frames.windowUpdate(1, 1)),
    test('half-closed (remote): Sends a PRIORITY frame', 'response', frames.headers(1), frames.priority(1)),
    test(
      'half-closed (remote): Sends a RST_STREAM frame',
      'ping ack',
      frames.headers(1),
      frames.rstStream(1),
      frames.ping(),
    ),
    test(
      'closed: Sends a PRIORITY frame',
      'ping ack',
      frames.headers(1),
      frames.rstStream(1),
      frames.priority(1),
      frames.ping(),
    ),
  ],
  'generic 3. Frame Definitions': [
    test('3.1 Sends a DATA frame', 'response', frames.headers(1, POST, OPEN), frames.data(1, 'test', Flag.END_STREAM)),
    test(
      '3.1 Sends multiple DATA frames',
      'response',
      frames.headers(1, POST, OPEN),
      frames.data(1, 'te'),
      frames.data(1, 'st', Flag.END_STREAM),
    ),
    test(
      '3.1 Sends a DATA frame with padding',
      'response',
      frames.headers(1, POST, OPEN),
      padded(FrameType.DATA, Flag.END_STREAM, 1, encodeLatin1('test')),
    ),
    test('3.2 Sends a HEADERS frame', 'response', frames.headers(1)),
    test('3.2 Sends a HEADERS frame with padding', 'response', padded(FrameType.HEADERS, END, 1, block(GET))),
    test('3.2 Sends a HEADERS frame with priority', 'response', prioritised(1, 0)),
    test('3.3 Sends a PRIORITY frame with priority 1', 'response', frames.priority(1), frames.headers(1)),
    test('3.3 Sends a PRIORITY frame with stream dependency', 'response', frames.priority(1, 3), frames.headers(1)),
    test(
      '3.3 Sends a PRIORITY frame for an idle stream, then send a HEADER frame for a lower stream ID',
      'response',
      frames.priority(5),
      frames.headers(1),
    ),
    test('3.4 Sends a RST_STREAM frame', 'ping ack', frames.headers(1, POST, OPEN), frames.rstStream(1), frames.ping()),
    test('3.5 Sends a SETTINGS frame', 'settings ack', settings([3, 100])),
    test('3.7 Sends a PING frame', 'ping ack', frames.ping()),
    test('3.8 Sends a GOAWAY frame', 'ping ack', frames.goaway(0), frames.ping()),
    test('3.9 Sends a WINDOW_UPDATE frame with stream ID 0', 'response', frames.windowUpdate(0, 1), frames.headers(1)),
    test('3.9 Sends a WINDOW_UPDATE frame with stream ID 1', 'response', frames.headers(1), frames.windowUpdate(1, 1)),
    test(
      '3.10 Sends a CONTINUATION frame',
      'response',
      frames.headers(1, GET, Flag.END_STREAM),
      frames.continuation(1, block([['a', 'b']])),
    ),
    test(
      '3.10 Sends multiple CONTINUATION frames',
      'response',
      frames.headers(1, GET, Flag.END_STREAM),
      frames.continuation(1, block([['a', 'b']]), 0),
      frames.continuation(1, block([['c', 'd']])),
    ),
  ],
  'generic 4. HTTP Message Exchanges': [
    test('Sends a GET request', 'response', frames.headers(1)),
    test('Sends a HEAD request', 'response', frames.headers(1, [[':method', 'HEAD'], ...GET.slice(1)])),
    test('Sends a POST request', 'response', frames.headers(1, POST, OPEN), frames.data(1, 'test', Flag.END_STREAM)),
    test(
      'Sends a POST request with trailers',
      'response',
      frames.headers(1, POST, OPEN),
      frames.data(1, 'test'),
      frames.headers(1, [['x-trailer', 'y']]),
    ),
  ],
  'generic 5. HPACK': [
    test('Sends a indexed header field representation', 'response', frame(FrameType.HEADERS, END, 1, '828784')),
    test(
      'Sends a literal header field with incremental indexing - indexed name',
      'response',
      frame(FrameType.HEADERS, END, 1, '828784 41 0161'),
    ),
    test(
      'Sends a literal header field with incremental indexing - indexed name (with Huffman coding)',
      'response',
      frame(FrameType.HEADERS, END, 1, '828784 41 811f'),
    ),
    test(
      'Sends a literal header field with incremental indexing - new name',
      'response',
      frame(FrameType.HEADERS, END, 1, '828784 400161 0162'),
    ),
    test(
      'Sends a literal header field with incremental indexing - new name (with Huffman coding)',
      'response',
      frame(FrameType.HEADERS, END, 1, '828784 40811f 811f'),
    ),
    test(
      'Sends a literal header field without indexing - indexed name',
      'response',
      frame(FrameType.HEADERS, END, 1, '828784 01 0161'),
    ),
    test(
      'Sends a literal header field without indexing - indexed name (with Huffman coding)',
      'response',
      frame(FrameType.HEADERS, END, 1, '828784 01 811f'),
    ),
    test(
      'Sends a literal header field without indexing - new name',
      'response',
      frame(FrameType.HEADERS, END, 1, '828784 000161 0162'),
    ),
    test(
      'Sends a literal header field without indexing - new name (huffman encoded)',
      'response',
      frame(FrameType.HEADERS, END, 1, '828784 00811f 811f'),
    ),
    test(
      'Sends a literal header field never indexed - indexed name',
      'response',
      frame(FrameType.HEADERS, END, 1, '828784 11 0161'),
    ),
    test(
      'Sends a literal header field never indexed - indexed name (huffman encoded)',
      'response',
      frame(FrameType.HEADERS, END, 1, '828784 11 811f'),
    ),
    test(
      'Sends a literal header field never indexed - new name',
      'response',
      frame(FrameType.HEADERS, END, 1, '828784 100161 0162'),
    ),
    test(
      'Sends a literal header field never indexed - new name (huffman encoded)',
      'response',
      frame(FrameType.HEADERS, END, 1, '828784 10811f 811f'),
    ),
    test('Sends a dynamic table size update', 'response', frame(FrameType.HEADERS, END, 1, '3f6b 828784')),
    test('Sends multiple dynamic table size update', 'response', frame(FrameType.HEADERS, END, 1, '20 3fe11f 828784')),
  ],
  '3.5. HTTP/2 Connection Preface': [
    bare('Sends client connection preface', 'settings ack', frames.preface(), settings()),
    bare(
      'Sends invalid connection preface',
      'connection PROTOCOL_ERROR',
      encodeLatin1('INVALID CONNECTION PREFACE\r\n\r\n'),
    ),
    bare('Sends a first frame that is not SETTINGS', 'connection PROTOCOL_ERROR', frames.preface(), frames.ping()),
    bare(
      'Sends a SETTINGS acknowledgement as the first frame',
      'connection PROTOCOL_ERROR',
      frames.preface(),
      frames.settingsAck(),
    ),
  ],
  '4.1. Frame Format': [
    test('Sends a frame with unknown type', 'ping ack', frame(0xff, 0, 0, '0000000000000000'), frames.ping()),
    test('Sends a frame with undefined flag', 'ping ack', frame(FrameType.PING, 0xfe, 0, '0102030405060708')),
    test(
      'Sends a frame with reserved field bit',
      'ping ack',
      concat(frame(FrameType.PING, 0, 0x8000_0000, '0102030405060708')),
    ),
  ],
  '4.2. Frame Size': [
    test(
      'Sends a DATA frame with 2^14 octets in length',
      'response',
      frames.headers(1, POST, OPEN),
      frames.data(1, new Uint8Array(16_384), Flag.END_STREAM),
    ),
    test(
      'Sends a large size DATA frame that exceeds the SETTINGS_MAX_FRAME_SIZE',
      'connection FRAME_SIZE_ERROR',
      frames.headers(1, POST, OPEN),
      frames.data(1, new Uint8Array(16_385)),
    ),
    test(
      'Sends a large size HEADERS frame that exceeds the SETTINGS_MAX_FRAME_SIZE',
      'connection FRAME_SIZE_ERROR',
      frames.headers(1, [...GET, ...Array.from({ length: 5 }, (_, index) => [`x-${index}`, huge] as const)]),
    ),
  ],
  '4.3. Header Compression and Decompression': [
    test('Sends invalid header block fragment', 'connection COMPRESSION_ERROR', frame(FrameType.HEADERS, END, 1, '40')),
    test(
      'Sends a PRIORITY frame while sending the header blocks',
      'connection PROTOCOL_ERROR',
      frames.headers(1, GET, Flag.END_STREAM),
      frames.priority(1),
    ),
    test(
      'Sends a HEADERS frame to another stream while sending the header blocks',
      'connection PROTOCOL_ERROR',
      frames.headers(1, GET, Flag.END_STREAM),
      frames.headers(3),
    ),
  ],
  '5.1. Stream States': [
    test('idle: Sends a DATA frame', 'connection PROTOCOL_ERROR', frames.data(1, 'test', Flag.END_STREAM)),
    test('idle: Sends a RST_STREAM frame', 'connection PROTOCOL_ERROR', frames.rstStream(1)),
    test('idle: Sends a WINDOW_UPDATE frame', 'connection PROTOCOL_ERROR', frames.windowUpdate(1, 100)),
    test('idle: Sends a CONTINUATION frame', 'connection PROTOCOL_ERROR', frames.continuation(1, block(GET))),
    test(
      'half closed (remote): Sends a DATA frame',
      'connection STREAM_CLOSED',
      frames.headers(1),
      frames.data(1, 'test', Flag.END_STREAM),
    ),
    test(
      'half closed (remote): Sends a HEADERS frame',
      'connection STREAM_CLOSED',
      frames.headers(1),
      frames.headers(1),
    ),
    test(
      'half closed (remote): Sends a CONTINUATION frame',
      'connection PROTOCOL_ERROR',
      frames.headers(1),
      frames.continuation(1, block(GET)),
    ),
    test(
      'closed: Sends a DATA frame after sending RST_STREAM frame',
      'connection STREAM_CLOSED',
      frames.headers(1, POST, OPEN),
      frames.rstStream(1),
      frames.data(1, 'test'),
    ),
    test(
      'closed: Sends a HEADERS frame after sending RST_STREAM frame',
      'connection STREAM_CLOSED',
      frames.headers(1, POST, OPEN),
      frames.rstStream(1),
      frames.headers(1),
    ),
    test(
      'closed: Sends a CONTINUATION frame after sending RST_STREAM frame',
      'connection PROTOCOL_ERROR',
      frames.headers(1, POST, OPEN),
      frames.rstStream(1),
      frames.continuation(1, block(GET)),
    ),
    test('closed: Sends a DATA frame', 'connection STREAM_CLOSED', frames.headers(1), frames.data(1, 'test')),
    test('closed: Sends a HEADERS frame', 'connection STREAM_CLOSED', frames.headers(1), frames.headers(1)),
    test(
      'closed: Sends a CONTINUATION frame',
      'connection PROTOCOL_ERROR',
      frames.headers(1),
      frames.continuation(1, block(GET)),
    ),
  ],
  '5.1.1. Stream Identifiers': [
    test('Sends even-numbered stream identifier', 'connection PROTOCOL_ERROR', frames.headers(2)),
    test(
      'Sends stream identifier that is numerically smaller than previous',
      'connection PROTOCOL_ERROR',
      frames.headers(5),
      frames.headers(3),
    ),
  ],
  '5.1.2. Stream Concurrency': [
    test(
      'Sends HEADERS frames that causes their advertised concurrent stream limit to be exceeded',
      'stream REFUSED_STREAM',
      ...Array.from({ length: 101 }, (_, index) => frames.headers(2 * index + 1, POST, OPEN)),
    ),
  ],
  '5.3.1. Stream Dependencies': [
    test('Sends HEADERS frame that depends on itself', 'connection PROTOCOL_ERROR', prioritised(1, 1)),
    test('Sends PRIORITY frame that depend on itself', 'connection PROTOCOL_ERROR', frames.priority(2, 2)),
  ],
  '5.4.1. Connection Error Handling': [
    test(
      'Sends an invalid PING frame for connection close',
      'connection PROTOCOL_ERROR',
      frame(FrameType.PING, 0, 3, '0000000000000000'),
    ),
    test(
      'Sends an invalid PING frame to receive GOAWAY frame',
      'connection PROTOCOL_ERROR',
      frame(FrameType.PING, 0, 3, '0000000000000000'),
    ),
  ],
  '5.5. Extending HTTP/2': [
    test('Sends an unknown extension frame', 'ping ack', frame(0x16, 0, 0, '0000000000000000'), frames.ping()),
    test(
      'Sends an unknown extension frame in the middle of a header block',
      'connection PROTOCOL_ERROR',
      frames.headers(1, GET, Flag.END_STREAM),
      frame(0x16, 0, 0, '0000000000000000'),
    ),
  ],
  '6.1. DATA': [
    test('Sends a DATA frame with 0x0 stream identifier', 'connection PROTOCOL_ERROR', frames.data(0, 'test')),
    test(
      'Sends a DATA frame on the stream that is not in "open" or "half-closed (local)" state',
      'connection STREAM_CLOSED',
      frames.headers(1),
      frames.data(1, 'test', Flag.END_STREAM),
    ),
    test(
      'Sends a DATA frame with invalid pad length',
      'connection PROTOCOL_ERROR',
      frames.headers(1, POST, OPEN),
      frame(FrameType.DATA, Flag.PADDED | Flag.END_STREAM, 1, '06 54657374'),
    ),
  ],
  '6.2. HEADERS': [
    test(
      'Sends a HEADERS frame without the END_HEADERS flag, and a PRIORITY frame',
      'connection PROTOCOL_ERROR',
      frames.headers(1, GET, Flag.END_STREAM),
      frames.priority(1),
    ),
    test(
      'Sends a HEADERS frame to another stream while sending a HEADERS frame',
      'connection PROTOCOL_ERROR',
      frames.headers(1, GET, Flag.END_STREAM),
      frames.headers(3),
    ),
    test('Sends a HEADERS frame with 0x0 stream identifier', 'connection PROTOCOL_ERROR', frames.headers(0)),
    test(
      'Sends a HEADERS frame with invalid pad length',
      'connection PROTOCOL_ERROR',
      frame(FrameType.HEADERS, END | Flag.PADDED, 1, '04 828784'),
    ),
  ],
  '6.3. PRIORITY': [
    test('Sends a PRIORITY frame with 0x0 stream identifier', 'connection PROTOCOL_ERROR', frames.priority(0)),
    test(
      'Sends a PRIORITY frame with a length other than 5 octets',
      'connection FRAME_SIZE_ERROR',
      frame(FrameType.PRIORITY, 0, 1, '80000001'),
    ),
  ],
  '6.4. RST_STREAM': [
    test('Sends a RST_STREAM frame with 0x0 stream identifier', 'connection PROTOCOL_ERROR', frames.rstStream(0)),
    test('Sends a RST_STREAM frame on a idle stream', 'connection PROTOCOL_ERROR', frames.rstStream(1)),
    test(
      'Sends a RST_STREAM frame with a length other than 4 octets',
      'connection FRAME_SIZE_ERROR',
      frames.headers(1, POST, OPEN),
      frame(FrameType.RST_STREAM, 0, 1, '000000'),
    ),
  ],
  '6.5. SETTINGS': [
    test(
      'Sends a SETTINGS frame with ACK flag and payload',
      'connection FRAME_SIZE_ERROR',
      frame(FrameType.SETTINGS, Flag.ACK, 0, '00'),
    ),
    test(
      'Sends a SETTINGS frame with a stream identifier other than 0x0',
      'connection PROTOCOL_ERROR',
      frame(FrameType.SETTINGS, 0, 1, '000300000064'),
    ),
    test(
      'Sends a SETTINGS frame with a length other than a multiple of 6 octets',
      'connection FRAME_SIZE_ERROR',
      frame(FrameType.SETTINGS, 0, 0, '000300'),
    ),
  ],
  '6.5.2. Defined SETTINGS Parameters': [
    test(
      'SETTINGS_ENABLE_PUSH (0x2): Sends the value other than 0 or 1',
      'connection PROTOCOL_ERROR',
      settings([2, 2]),
    ),
    test(
      'SETTINGS_INITIAL_WINDOW_SIZE (0x4): Sends the value above the maximum flow control window size',
      'connection FLOW_CONTROL_ERROR',
      settings([4, 0x8000_0000]),
    ),
    test(
      'SETTINGS_MAX_FRAME_SIZE (0x5): Sends the value below the initial value',
      'connection PROTOCOL_ERROR',
      settings([5, 16_383]),
    ),
    test(
      'SETTINGS_MAX_FRAME_SIZE (0x5): Sends the value above the maximum allowed frame size',
      'connection PROTOCOL_ERROR',
      settings([5, 16_777_216]),
    ),
    test('Sends a SETTINGS frame with unknown identifier', 'settings ack', settings([0xff, 1])),
    test(
      'SETTINGS_ENABLE_CONNECT_PROTOCOL (0x8): Sends the value other than 0 or 1',
      'connection PROTOCOL_ERROR',
      settings([8, 2]),
    ),
    test(
      'SETTINGS_NO_RFC7540_PRIORITIES (0x9): Changes it after the first frame',
      'connection PROTOCOL_ERROR',
      settings([9, 1]),
    ),
    test(
      'Sends a value that is not allowed before one that is',
      'connection FLOW_CONTROL_ERROR',
      settings([4, 0x8000_0000], [4, 100]),
    ),
  ],
  '6.5.3. Settings Synchronization': [
    test(
      'Sends multiple values of SETTINGS_INITIAL_WINDOW_SIZE',
      'response',
      settings([4, 100], [4, 1]),
      frames.headers(1),
    ),
    test('Sends a SETTINGS frame without ACK flag', 'settings ack', settings()),
  ],
  '6.7. PING': [
    test('Sends a PING frame', 'ping ack', frames.ping()),
    test('Sends a PING frame with ACK', 'ping ack', frames.ping(true), frames.ping(false, 'ffffffffffffffff')),
    test(
      'Sends a PING frame with a stream identifier field value other than 0x0',
      'connection PROTOCOL_ERROR',
      frame(FrameType.PING, 0, 1, '0000000000000000'),
    ),
    test(
      'Sends a PING frame with a length field value other than 8',
      'connection FRAME_SIZE_ERROR',
      frame(FrameType.PING, 0, 0, '000000000000'),
    ),
  ],
  '6.8. GOAWAY': [
    test(
      'Sends a GOAWAY frame with a stream identifier other than 0x0',
      'connection PROTOCOL_ERROR',
      frame(FrameType.GOAWAY, 0, 1, '0000000000000000'),
    ),
    test(
      'Sends a GOAWAY frame that is too short',
      'connection FRAME_SIZE_ERROR',
      frame(FrameType.GOAWAY, 0, 0, '00000000'),
    ),
  ],
  '6.9. WINDOW_UPDATE': [
    test(
      'Sends a WINDOW_UPDATE frame with a flow control window increment of 0',
      'connection PROTOCOL_ERROR',
      frames.windowUpdate(0, 0),
    ),
    test(
      'Sends a WINDOW_UPDATE frame with a flow control window increment of 0 on a stream',
      'connection PROTOCOL_ERROR',
      frames.headers(1, POST, OPEN),
      frames.windowUpdate(1, 0),
    ),
    test(
      'Sends a WINDOW_UPDATE frame with a length other than 4 octets',
      'connection FRAME_SIZE_ERROR',
      frame(FrameType.WINDOW_UPDATE, 0, 0, '000001'),
    ),
  ],
  '6.9.1. The Flow-Control Window': [
    test(
      'Sends multiple WINDOW_UPDATE frames increasing the flow control window to above 2^31-1',
      'connection FLOW_CONTROL_ERROR',
      frames.windowUpdate(0, 0x7fff_ffff),
      frames.windowUpdate(0, 0x7fff_ffff),
    ),
    test(
      'Sends multiple WINDOW_UPDATE frames increasing the flow control window to above 2^31-1 on a stream',
      'connection FLOW_CONTROL_ERROR',
      frames.headers(1, POST, OPEN),
      frames.windowUpdate(1, 0x7fff_ffff),
      frames.windowUpdate(1, 0x7fff_ffff),
    ),
  ],
  '6.10. CONTINUATION': [
    test(
      'Sends multiple CONTINUATION frames preceded by a HEADERS frame',
      'response',
      frames.headers(1, GET, Flag.END_STREAM),
      frames.continuation(1, block([['a', 'b']]), 0),
      frames.continuation(1, block([['c', 'd']])),
    ),
    test(
      'Sends a CONTINUATION frame followed by any frame other than CONTINUATION',
      'connection PROTOCOL_ERROR',
      frames.headers(1, GET, Flag.END_STREAM),
      frames.continuation(1, block([['a', 'b']]), 0),
      frames.data(1, 'test', Flag.END_STREAM),
    ),
    test(
      'Sends a CONTINUATION frame with 0x0 stream identifier',
      'connection PROTOCOL_ERROR',
      frames.headers(1, GET, Flag.END_STREAM),
      frames.continuation(0, block([['a', 'b']])),
    ),
    test(
      'Sends a CONTINUATION frame preceded by a HEADERS frame with END_HEADERS flag',
      'connection PROTOCOL_ERROR',
      frames.headers(1),
      frames.continuation(1, block([['a', 'b']])),
    ),
    test(
      'Sends a CONTINUATION frame preceded by a CONTINUATION frame with END_HEADERS flag',
      'connection PROTOCOL_ERROR',
      frames.headers(1, GET, Flag.END_STREAM),
      frames.continuation(1, block([['a', 'b']])),
      frames.continuation(1, block([['c', 'd']])),
    ),
    test(
      'Sends a CONTINUATION frame preceded by a DATA frame',
      'connection PROTOCOL_ERROR',
      frames.headers(1, POST, OPEN),
      frames.data(1, 'test', Flag.END_STREAM),
      frames.continuation(1, block([['a', 'b']])),
    ),
  ],
  '7. Error Codes': [
    test('Sends a GOAWAY frame with unknown error code', 'ping ack', frames.goaway(0, 0xff), frames.ping()),
    test(
      'Sends a RST_STREAM frame with unknown error code',
      'ping ack',
      frames.headers(1, POST, OPEN),
      frames.rstStream(1, 0xff),
      frames.ping(),
    ),
  ],
  '8.1. HTTP Request/Response Exchange': [
    test(
      'Sends a second HEADERS frame without the END_STREAM flag',
      'stream PROTOCOL_ERROR',
      frames.headers(1, POST, OPEN),
      frames.headers(1, [['x', 'y']], OPEN),
    ),
  ],
  '8.1.2. HTTP Header Fields': [
    malformed('Sends a HEADERS frame that contains the header field name in uppercase letters', ...GET, [
      'X-TEST',
      'ok',
    ]),
  ],
  '8.1.2.1. Pseudo-Header Fields': [
    malformed('Sends a HEADERS frame that contains a unknown pseudo-header field', ...GET, [':test', 'ok']),
    malformed('Sends a HEADERS frame that contains the pseudo-header field defined for response', ...GET, [
      ':status',
      '200',
    ]),
    test(
      'Sends a HEADERS frame that contains a pseudo-header field as trailers',
      'stream PROTOCOL_ERROR',
      frames.headers(1, POST, OPEN),
      frames.headers(1, [[':method', '200']]),
    ),
    malformed(
      'Sends a HEADERS frame that contains a pseudo-header field that appears in a header block after a regular header field',
      ...without(':path'),
      ['x', 'y'],
      [':path', '/'],
    ),
  ],
  '8.1.2.2. Connection-Specific Header Fields': [
    malformed('Sends a HEADERS frame that contains the connection-specific header field', ...GET, [
      'connection',
      'keep-alive',
    ]),
    malformed('Sends a HEADERS frame that contains the TE header field with any value other than "trailers"', ...GET, [
      'te',
      'trailers, deflate',
    ]),
  ],
  '8.1.2.3. Request Pseudo-Header Fields': [
    malformed('Sends a HEADERS frame with empty ":path" pseudo-header field', ...without(':path'), [':path', '']),
    malformed('Sends a HEADERS frame that omits ":method" pseudo-header field', ...without(':method')),
    malformed('Sends a HEADERS frame that omits ":scheme" pseudo-header field', ...without(':scheme')),
    malformed('Sends a HEADERS frame that omits ":path" pseudo-header field', ...without(':path')),
    malformed('Sends a HEADERS frame with duplicated ":method" pseudo-header field', ...GET, [':method', 'GET']),
    malformed('Sends a HEADERS frame with duplicated ":scheme" pseudo-header field', ...GET, [':scheme', 'https']),
    malformed('Sends a HEADERS frame with duplicated ":path" pseudo-header field', ...GET, [':path', '/']),
  ],
  '8.1.2.6. Malformed Requests and Responses': [
    test(
      'Sends a HEADERS frame with the "content-length" header field which does not equal the DATA frame payload length',
      'stream PROTOCOL_ERROR',
      frames.headers(1, post(1), OPEN),
      frames.data(1, 'test', Flag.END_STREAM),
    ),
    test(
      'Sends a HEADERS frame with the "content-length" header field which does not equal the sum of the multiple DATA frames payload length',
      'stream PROTOCOL_ERROR',
      frames.headers(1, post(9), OPEN),
      frames.data(1, 'test'),
      frames.data(1, 'test', Flag.END_STREAM),
    ),
    test('Sends content-length and no content', 'stream PROTOCOL_ERROR', frames.headers(1, post(1))),
    test(
      'Sends content-length, less content and trailers',
      'stream PROTOCOL_ERROR',
      frames.headers(1, post(9), OPEN),
      frames.data(1, 'test'),
      frames.headers(1, [['x', 'y']]),
    ),
  ],
  '8.2. Server Push': [
    test(
      'Sends a PUSH_PROMISE frame',
      'connection PROTOCOL_ERROR',
      frames.headers(1, POST, OPEN),
      frame(FrameType.PUSH_PROMISE, Flag.END_HEADERS, 1, concat(uint32(2), block(GET))),
    ),
  ],
  'hpack 2.3.3. Index Address Space': [
    test(
      'Sends a indexed header field representation with invalid index',
      'connection COMPRESSION_ERROR',
      frame(FrameType.HEADERS, END, 1, '828784 c6'),
    ),
    test(
      'Sends a literal header field representation with invalid index',
      'connection COMPRESSION_ERROR',
      frame(FrameType.HEADERS, END, 1, '828784 7f07 0161'),
    ),
  ],
  'hpack 4.2. Maximum Table Size': [
    test(
      'Sends a dynamic table size update at the end of header block',
      'connection COMPRESSION_ERROR',
      frame(FrameType.HEADERS, END, 1, '828784 3f01'),
    ),
  ],
  'hpack 5.2. String Literal Representation': [
    test(
      'Sends a Huffman-encoded string literal representation with padding longer than 7 bits',
      'connection COMPRESSION_ERROR',
      frame(FrameType.HEADERS, END, 1, '828784 00 0161 82 1fff'),
    ),
    test(
      'Sends a Huffman-encoded string literal representation padded by zero',
      'connection COMPRESSION_ERROR',
      frame(FrameType.HEADERS, END, 1, '828784 00 0161 81 18'),
    ),
    test(
      'Sends a Huffman-encoded string literal representation containing the EOS symbol',
      'connection COMPRESSION_ERROR',
      frame(FrameType.HEADERS, END, 1, '828784 00 0161 84 ffffffff'),
    ),
  ],
  'hpack 6.1. Indexed Header Field Representation': [
    test(
      'Sends a indexed header field representation with index 0',
      'connection COMPRESSION_ERROR',
      frame(FrameType.HEADERS, END, 1, '828784 80'),
    ),
  ],
  'hpack 6.3. Dynamic Table Size Update': [
    test(
      'Sends a dynamic table size update larger than the value of SETTINGS_HEADER_TABLE_SIZE',
      'connection COMPRESSION_ERROR',
      frame(FrameType.HEADERS, END, 1, '3fe21f 828784'),
    ),
  ],
};

const CONTENT = encodeLatin1('0123456789');

/** What the server says to these chunks, and how the connection ended. */
function converse(one: Case, chunks: readonly Uint8Array[]): { lines: string[]; error: string | null } {
  const server = new Http2Tester({ role: 'server', limits: withLimits({ maxContinuationFrames: 8 }) }, one.bare);
  for (const chunk of chunks) {
    for (const event of server.send(chunk)) {
      const ended = (event.type === 'request' || event.type === 'data') && event.endStream;
      if (!ended && event.type !== 'trailers') continue;
      if (server.events.some((other) => other.type === 'reset' && other.streamId === event.streamId)) continue;
      server.connection.sendResponse(event.streamId, { status: 200, fields: [['content-length', '10']] });
      server.connection.sendData(event.streamId, CONTENT, { endStream: true });
    }
  }
  return { lines: server.output(), error: server.error?.reason ?? null };
}

function check(expected: Expected, { lines, error }: { lines: string[]; error: string | null }): void {
  const [scope, code] = expected.split(' ') as [string, string?];
  const last = lines.at(-1) ?? '';
  if (scope === 'connection') {
    expect(error).not.toBeNull();
    expect(last).toMatch(new RegExp(`^goaway \\d+ ${code} `));
    return;
  }
  expect(error).toBeNull();
  if (scope === 'stream')
    expect(lines.filter((one) => one.startsWith('rst_stream'))).toEqual([
      expect.stringMatching(new RegExp(`^rst_stream \\d+ ${code}$`)),
    ]);
  else if (expected === 'response') expect(lines.some((one) => /^headers \d+ :status=200/.test(one))).toBe(true);
  else expect(lines).toContain(expected);
}

for (const [section, cases] of Object.entries(SECTIONS)) {
  describe(section, () => {
    it.each(cases.map((one) => [one.name, one] as const))('%s', (_, one) => {
      for (const { chunks } of splits(concat(...one.send), { maxCuts: 3, random: 3 }))
        check(one.expected, converse(one, chunks));
    });
  });
}

describe('flow control (h2spec 6.9)', () => {
  const request = (server: Http2Tester): void => {
    server.send(frames.headers(1));
    server.connection.sendResponse(1, { status: 200 });
  };

  it('Sends SETTINGS frame to set the initial window size to 1 and sends HEADERS frame', () => {
    const server = new Http2Tester({ role: 'server' });
    server.send(settings([4, 1]));
    request(server);
    expect(server.connection.sendData(1, CONTENT, { endStream: true })).toBe(1);
    expect(server.output()).toEqual(['settings ack', 'headers 1 :status=200', 'data 1 "0"']);
  });

  it('Changes SETTINGS_INITIAL_WINDOW_SIZE after sending HEADERS frame', () => {
    const server = new Http2Tester({ role: 'server' });
    server.send(settings([4, 0]));
    request(server);
    expect(server.connection.sendData(1, CONTENT)).toBe(0);
    expect(server.send(settings([4, 1]))).toContainEqual({ type: 'writable', streamId: 1, capacity: 1 });
    expect(server.connection.sendData(1, CONTENT)).toBe(1);
    expect(server.output().at(-1)).toBe('data 1 "0"');
  });

  it('Sends multiple values of SETTINGS_INITIAL_WINDOW_SIZE after sending HEADERS frame', () => {
    const server = new Http2Tester({ role: 'server' });
    server.send(settings([4, 1]));
    request(server);
    expect(server.connection.sendData(1, CONTENT)).toBe(1);
    server.send(settings([4, 2], [4, 4]));
    expect(server.connection.capacity(1)).toBe(3);
  });

  it('Sends a SETTINGS frame for window size to be negative', () => {
    const server = new Http2Tester({ role: 'server' });
    server.send(settings([4, 3]));
    request(server);
    expect(server.connection.sendData(1, CONTENT)).toBe(3);
    server.output();
    server.send(settings([4, 2]));
    expect(server.connection.capacity(1)).toBe(0);
    expect(server.send(frames.windowUpdate(1, 2))).toEqual([{ type: 'writable', streamId: 1, capacity: 1 }]);
    expect(server.connection.sendData(1, CONTENT.subarray(3))).toBe(1);
    expect(server.output()).toEqual(['settings ack', 'data 1 "3"']);
  });

  it('Sends a SETTINGS_INITIAL_WINDOW_SIZE that exceeds the maximum of a window that was opened', () => {
    const server = new Http2Tester({ role: 'server' });
    request(server);
    server.send(frames.windowUpdate(1, 0x7fff_ffff - 65_535), settings([4, 65_536]));
    expect(server.output().at(-1)).toMatch(/^goaway 1 FLOW_CONTROL_ERROR /);
  });
});
