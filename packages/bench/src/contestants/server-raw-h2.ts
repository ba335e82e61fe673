/**
 * A socket that walks HTTP/2 frames and answers each request with the same ready bytes, without looking at its fields:
 * the least that any HTTP/2 server in JavaScript can cost. No HPACK, no validation, no flow control.
 */
import { createServer } from 'node:net';
import {
  ACK,
  DATA,
  END_HEADERS,
  END_STREAM,
  FRAME_HEADER,
  FrameWalk,
  frame,
  HEADERS,
  SETTINGS,
  SETTINGS_ACK,
} from '../load/h2-bytes.ts';
import { serveContestant } from '../server-process.ts';
import { BODY_BYTES } from '../workloads/answer.ts';

const PREFACE = 24;
/** `:status: 200`, and three more fields of a byte each (static entry 16) for those that a real answer would have indexed. */
const BLOCK = Uint8Array.of(0x88, 0x90, 0x90, 0x90);

await serveContestant(() =>
  createServer({ noDelay: true }, (socket) => {
    const answer = Buffer.concat([frame(HEADERS, END_HEADERS, 0, BLOCK), frame(DATA, END_STREAM, 0, BODY_BYTES)]);
    const secondId = FRAME_HEADER + BLOCK.length + 5;
    let output: Buffer = Buffer.allocUnsafe(64 * answer.length);
    let end = 0;
    let skip = PREFACE;
    const room = (size: number): void => {
      if (end + size <= output.length) return;
      const larger = Buffer.allocUnsafe(2 * (end + size));
      output.copy(larger, 0, 0, end);
      output = larger;
    };
    const walk = new FrameWalk({
      frame(type, flags, streamId) {
        if (type === HEADERS && flags & END_STREAM) {
          room(answer.length);
          output.set(answer, end);
          output.writeUInt32BE(streamId, end + 5);
          output.writeUInt32BE(streamId, end + secondId);
          end += answer.length;
        } else if (type === SETTINGS && !(flags & ACK)) {
          room(SETTINGS_ACK.length);
          output.set(SETTINGS_ACK, end);
          end += SETTINGS_ACK.length;
        }
      },
    });
    socket.on('error', () => socket.destroy());
    socket.on('data', (bytes) => {
      const skipped = Math.min(skip, bytes.length);
      skip -= skipped;
      walk.push(bytes.subarray(skipped));
      if (end === 0) return;
      socket.write(output.subarray(0, end));
      output = Buffer.allocUnsafe(Math.max(1024, end));
      end = 0;
    });
    socket.write(frame(SETTINGS, 0, 0, new Uint8Array(0)));
  }).listen(0, '127.0.0.1'),
);
