/** How far a request had come when its connection broke: from the bytes that went over, and from nothing that a program says. */
import { latin1 } from '../bytes.ts';
import { parseReply } from '../replies.ts';
import type { Carried } from './link.ts';

/**
 * `unanswered`: no byte of its reply had come. `half`: a part of it had. `almost`: all but the line that ends the last chunk;
 * whether that is whole can be argued. `whole`: all of it. All of this on the connection that carried it last.
 */
export type Progress = 'never sent' | 'unanswered' | 'half' | 'almost' | 'whole';

/** Whoever was left with this may be told that the answer broke off. */
export const HALF: ReadonlySet<Progress> = new Set<Progress>(['half', 'almost']);

export function progressOf(carried: readonly Carried[], request: string): Progress {
  let best: Progress = 'never sent';
  for (const { conn } of carried) {
    conn.readOn();
    const sent = conn.pipe.sent;
    let at = 0;
    for (const one of conn.requests) {
      const parsed = parseReply(sent, at, { method: one.method, ended: false, lenient: true });
      const isWhole = parsed.kind === 'reply';
      if (one.request === request) {
        if (isWhole) return 'whole';
        best = at >= sent.length ? 'unanswered' : /\r\n0+\r\n\r?$/.test(latin1(sent.subarray(at))) ? 'almost' : 'half';
      }
      at = isWhole ? parsed.reply.to : sent.length;
    }
    // A request that is not whole on the wire may have been seen all the same: its beginning is there.
    if (conn.begins(request)) best = 'unanswered';
  }
  return best;
}
