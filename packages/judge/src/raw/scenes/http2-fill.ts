/** Plays `fillWindow`: sends a body that nobody reads, for as long as the learner's windows let it. */
import type { Http2Step } from '../../exercise.ts';
import { bytesOf } from '../bytes.ts';
import { FRAME_SIZE, FRAME_TYPES } from '../http2/names.ts';
import { data } from '../http2/write.ts';
import { grouped } from '../numbers.ts';
import { count } from '../steps.ts';
import type { Http2Parts } from './http2.ts';
import type { Http2Failures } from './http2-failures.ts';

/** @throws StepFailed when the windows allow more than `atMost` bytes. */
export async function fillWindow(
  step: Extract<Http2Step, { do: 'fillWindow' }>,
  failures: Http2Failures,
  parts: Http2Parts,
): Promise<void> {
  const { stream: id, atMost } = step;
  const conn = parts.conn(step.on);
  const { received, sent } = conn;
  conn.sendFrom = conn.pipe.offered;
  const room = (): number =>
    Math.min(received.granted(id) - (sent.streams.get(id)?.data ?? 0), received.granted(0) - sent.data);
  for (let at = 0; ; ) {
    await parts.settle(conn);
    parts.faults(conn);
    // Credit that comes late is credit too.
    if (room() <= 0) await parts.watch(conn, () => room() > 0);
    if (room() <= 0) return;
    if (at === atMost) {
      const credit = received.streams.get(id)?.credit ?? 0;
      const last = received.frames.findLast((frame) => frame.type === FRAME_TYPES.WINDOW_UPDATE && frame.stream === id);
      throw failures.missing(
        conn,
        `Your windows let in more than ${count(atMost)} on stream ${id}, and nobody has read one of them.`,
        `at most ${grouped(atMost)} bytes for a body that nobody reads`,
        {
          cause: 'unbounded',
          facts: [`credit so far on stream ${id}: ${grouped(credit)} bytes`],
          at: [last === undefined ? null : failures.writer(conn, last.from, 'wrote the last credit')],
        },
      );
    }
    const n = Math.min(FRAME_SIZE, room(), atMost - at);
    at += n;
    parts.deliver(conn, bytesOf(data(id, { repeat: 'u', times: n })));
  }
}
