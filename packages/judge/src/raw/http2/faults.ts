/** What no HTTP/2 peer would take, whichever exercise it is: each rule with its section, and what it is called in words. */

import type { Spec } from '../../exercise.ts';
import { rfc } from '../../exercise.ts';
import type { Fields } from '../../given/hpack.ts';
import type { Cause } from '../../result.ts';
import { grouped } from '../numbers.ts';
import { FRAME_TYPES, HEAD, PREFACE, typeText } from './names.ts';
import { contentOf, has, uint32, type WireFrame } from './parse.ts';
import type { Received, Role, Stream } from './received.ts';
import type { Sent } from './sent.ts';

/** A frame that breaks the rules, or the place where bytes stop being frames. */
export type WireFault = {
  readonly cause: Cause;
  /** A sentence, a fact. */
  readonly headline: string;
  readonly expected: string;
  readonly spec: Spec;
  /** Where in what the learner wrote. */
  readonly at: number;
  /** At the caret. */
  readonly note: string;
  readonly frame: WireFrame | null;
};

/** These are about one HTTP/1.1 connection (§8.2.2). */
const NOT_HERE = ['connection', 'keep-alive', 'proxy-connection', 'transfer-encoding', 'upgrade'];
const SIZES: Readonly<Record<number, number>> = {
  [FRAME_TYPES.RST_STREAM]: 4,
  [FRAME_TYPES.PING]: 8,
  [FRAME_TYPES.WINDOW_UPDATE]: 4,
  [FRAME_TYPES.PRIORITY]: 5,
};
/** Of the connection only, of a stream only (§5.1.1). */
const CONNECTION: readonly number[] = [FRAME_TYPES.SETTINGS, FRAME_TYPES.PING, FRAME_TYPES.GOAWAY];
const STREAM: readonly number[] = [
  FRAME_TYPES.DATA,
  FRAME_TYPES.HEADERS,
  FRAME_TYPES.PRIORITY,
  FRAME_TYPES.RST_STREAM,
  FRAME_TYPES.CONTINUATION,
];

function fault(
  frame: WireFrame,
  headline: string,
  expected: string,
  section: string,
  more: { cause?: Cause; at?: number; note?: string } = {},
): WireFault {
  return {
    cause: more.cause ?? 'wrong bytes',
    headline,
    expected,
    spec: rfc(9113, section),
    at: more.at ?? frame.from,
    note: more.note ?? 'this frame',
    frame,
  };
}

export const faultOf: {
  preface(bytes: Uint8Array): WireFault | null;
  head(bytes: Uint8Array, at: number, sent: Sent): WireFault | null;
  frame(frame: WireFrame, received: Received, sent: Sent): WireFault | null;
  block(frame: WireFrame, why: string): WireFault;
  fields(frame: WireFrame, fields: Fields, stream: Stream, role: Role): WireFault | null;
  windows(frame: WireFrame, received: Received, sent: Sent): WireFault | null;
} = {
  /** What a client says before its first frame, as far as it is there. */
  preface(bytes) {
    const at = [...PREFACE].findIndex((character, i) => i < bytes.length && bytes[i] !== character.charCodeAt(0));
    if (at < 0) return null;
    return {
      cause: 'wrong bytes',
      headline: `Byte ${at} is not the one that a client's preface has there.`,
      expected: 'PRI * HTTP/2.0, two line ends, SM, two line ends: 24 bytes',
      spec: rfc(9113, '3.4'),
      at,
      note: 'differs from here',
      frame: null,
    };
  },

  /** A head that announces more than may come: known before its payload is there, and often no frame at all. */
  head(bytes, at, sent) {
    if (bytes.length - at < HEAD) return null;
    const length = (bytes[at] ?? 0) * 65536 + (bytes[at + 1] ?? 0) * 256 + (bytes[at + 2] ?? 0);
    if (length <= sent.maxFrameSize) return null;
    const type = bytes[at + 3] ?? 0;
    return {
      cause: 'wrong length',
      headline: `These nine bytes say that ${grouped(length)} bytes of ${typeText(type)} follow; at most ${grouped(sent.maxFrameSize)} may.`,
      expected: `the nine bytes of a frame, with a length of at most ${grouped(sent.maxFrameSize)}`,
      spec: rfc(9113, '4.2'),
      at,
      note: 'the length: three bytes',
      frame: null,
    };
  },

  frame(frame, received, sent) {
    const { type, stream, payload } = frame;
    const name = typeText(type);
    if (payload.length > sent.maxFrameSize)
      return fault(
        frame,
        `A ${name} frame holds ${grouped(payload.length)} bytes; the peer takes at most ${grouped(sent.maxFrameSize)}.`,
        `frames of at most ${grouped(sent.maxFrameSize)} bytes`,
        '4.2',
        { cause: 'wrong length', note: 'the length: three bytes' },
      );
    const { block } = received;
    if (block !== null && (type !== FRAME_TYPES.CONTINUATION || stream !== block.frame.stream))
      return fault(
        frame,
        `A ${name} frame on stream ${stream} stands inside the header block of stream ${block.frame.stream}.`,
        `CONTINUATION frames on stream ${block.frame.stream}, and nothing else, up to END_HEADERS`,
        '6.10',
      );
    if (block === null && type === FRAME_TYPES.CONTINUATION)
      return fault(frame, 'A CONTINUATION frame continues nothing.', 'HEADERS without END_HEADERS before it', '6.10');
    if (CONNECTION.includes(type) && stream !== 0)
      return fault(frame, `A ${name} frame came on stream ${stream}.`, `${name} on stream 0`, '5.1.1');
    if (STREAM.includes(type) && stream === 0)
      return fault(frame, `A ${name} frame came on stream 0.`, `${name} on the stream of an exchange`, '5.1.1', {
        at: frame.from + 5,
        note: 'the stream id: four bytes',
      });
    return sizes(frame) ?? places(frame, received, sent);
  },

  block(frame, why) {
    return fault(
      frame,
      `The header block on stream ${frame.stream} cannot be decoded: ${why.replace(/^COMPRESSION_ERROR: /, '')}.`,
      'blocks that the other side’s memory can follow, in the order in which they were encoded',
      '4.3',
    );
  },

  fields(frame, fields, stream, role) {
    const bad = fields.find(([name]) => name !== name.toLowerCase() || NOT_HERE.includes(name));
    if (bad !== undefined)
      return fault(
        frame,
        `The block on stream ${frame.stream} has a field "${bad[0]}".`,
        NOT_HERE.includes(bad[0]) ? 'no fields about one connection' : 'names in small letters',
        NOT_HERE.includes(bad[0]) ? '8.2.2' : '8.2.1',
      );
    const isFirst = stream.head === null;
    const pseudo = fields.filter(([name]) => name.startsWith(':')).map(([name]) => name);
    const behind = fields.findLastIndex(([name]) => name.startsWith(':')) >= pseudo.length;
    if (behind)
      return fault(
        frame,
        `On stream ${frame.stream}, "${pseudo.at(-1)}" stands behind a field that is none of its kind.`,
        'fields that begin with a colon first',
        '8.3',
      );
    if (!isFirst) {
      if (pseudo.length > 0)
        return fault(
          frame,
          `A second head came on stream ${frame.stream}: ${pseudo.join(', ')}.`,
          'one reply on a stream',
          '8.1',
        );
      if (!has(frame, 'END_STREAM'))
        return fault(
          frame,
          `A second block on stream ${frame.stream} does not end it.`,
          'trailers with END_STREAM',
          '8.1',
        );
      return null;
    }
    if (role === 'server') {
      const status = fields.find(([name]) => name === ':status')?.[1];
      if (status === undefined || !/^[1-5]\d\d$/.test(status))
        return fault(
          frame,
          status === undefined
            ? `The block on stream ${frame.stream} has no :status.`
            : `The :status on stream ${frame.stream} is "${status}".`,
          'a response begins with :status, three digits',
          '8.3.2',
        );
      return null;
    }
    const missing = [':method', ':scheme', ':path'].find((name) => !pseudo.includes(name));
    return missing === undefined
      ? null
      : fault(frame, `The request on stream ${frame.stream} has no ${missing}.`, `a request with ${missing}`, '8.3.1');
  },

  windows(frame, received, sent) {
    const { stream } = frame;
    const own = received.stream(stream).spent - sent.granted(stream);
    const all = received.spent - sent.granted(0);
    if (own <= 0 && all <= 0) return null;
    const over = Math.max(own, all);
    const where = own > 0 ? `stream ${stream}` : 'the connection';
    return fault(
      frame,
      `This DATA frame is ${grouped(over)} ${over === 1 ? 'byte' : 'bytes'} beyond the window of ${where}.`,
      `at most ${grouped(sent.granted(own > 0 ? stream : 0))} bytes of DATA on ${where} so far`,
      '6.9.1',
      { cause: 'unbounded', at: frame.to - over, note: 'nobody has given credit for these' },
    );
  },
};

function sizes(frame: WireFrame): WireFault | null {
  const { type, payload } = frame;
  const name = typeText(type);
  const wrong = (expected: string, section: string): WireFault =>
    fault(
      frame,
      `A ${name} frame has a payload of ${grouped(payload.length)} ${payload.length === 1 ? 'byte' : 'bytes'}.`,
      expected,
      section,
      { cause: 'wrong length' },
    );
  const size = SIZES[type];
  if (size !== undefined && payload.length !== size) return wrong(`${name} with ${size} bytes`, '4.2');
  if (type === FRAME_TYPES.SETTINGS && has(frame, 'ACK') && payload.length > 0)
    return wrong('an acknowledgement without a payload', '6.5');
  if (type === FRAME_TYPES.SETTINGS && payload.length % 6 !== 0) return wrong('six bytes for each setting', '6.5');
  if (type === FRAME_TYPES.GOAWAY && payload.length < 8) return wrong('eight bytes at least', '6.8');
  if (contentOf(frame) === null)
    return fault(frame, `A ${name} frame has more padding than payload.`, 'padding that fits into the payload', '6.1');
  if (type === FRAME_TYPES.WINDOW_UPDATE && uint32(payload) % 2 ** 31 === 0)
    return fault(frame, 'A WINDOW_UPDATE gives 0 bytes of credit.', 'an increment of at least 1', '6.9');
  return null;
}

/** Whether this frame may stand on this stream now. */
function places(frame: WireFrame, received: Received, sent: Sent): WireFault | null {
  const { type, stream: id } = frame;
  const name = typeText(type);
  if (type === FRAME_TYPES.PUSH_PROMISE)
    return fault(frame, 'A PUSH_PROMISE came, and the peer has forbidden it.', 'replies to what was asked for', '8.4');
  if (type !== FRAME_TYPES.HEADERS && type !== FRAME_TYPES.DATA) return null;
  const stream = received.streams.get(id);
  const idAt = { at: frame.from + 5, note: 'the stream id: four bytes' };
  if (received.role === 'server' && sent.isForeign)
    return fault(
      frame,
      `A ${name} frame came on stream ${id}, and what was sent does not begin with the preface.`,
      'no reply: whoever does not send the 24 bytes does not speak HTTP/2',
      '3.4',
      idAt,
    );
  if (received.role === 'server' && !sent.streams.has(id)) {
    const open = [...sent.streams.keys()];
    const asked = open.length === 0 ? 'nobody has asked for anything' : `requests came on ${open.join(', ')}`;
    return fault(
      frame,
      `A ${name} frame came on stream ${id}; ${asked}.`,
      'replies on the ids of the requests',
      '5.1',
      idAt,
    );
  }
  if (received.role === 'client' && type === FRAME_TYPES.HEADERS && stream?.head == null) {
    if (id % 2 === 0)
      return fault(frame, `A request came on stream ${id}.`, 'odd ids for what a client opens', '5.1.1', idAt);
    if (id <= received.lastOpened)
      return fault(
        frame,
        `A request came on stream ${id}, after stream ${received.lastOpened}.`,
        'each id higher than all before',
        '5.1.1',
        idAt,
      );
  }
  if (stream?.reset != null)
    return fault(
      frame,
      `A ${name} frame came on stream ${id}, which your code has reset.`,
      'nothing after RST_STREAM',
      '5.1',
    );
  if (stream?.ended != null)
    return fault(
      frame,
      `A ${name} frame came on stream ${id}, behind END_STREAM.`,
      'nothing behind END_STREAM',
      '5.1',
      {
        cause: 'extra bytes',
      },
    );
  if (type === FRAME_TYPES.DATA && stream?.head == null)
    return fault(frame, `DATA came on stream ${id} before any HEADERS.`, 'HEADERS first', '8.1');
  return null;
}
