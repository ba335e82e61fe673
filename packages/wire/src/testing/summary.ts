import type { Event } from '../events.ts';
import { unwire } from './text.ts';

/**
 * Events without what depends on where bytes were cut: data of one stream that follows data of the same stream is joined, and
 * empty data that ends nothing is left out. Content is shown as text, so that a failure can be read.
 */
export function summarise(events: readonly Event[]): unknown[] {
  const summary: unknown[] = [];
  let last: { type: 'data'; streamId: number; text: string; credit: number; endStream: boolean } | null = null;
  for (const event of events) {
    if (event.type !== 'data') {
      last = null;
      summary.push(event.type === 'upgrade' ? { ...event, rest: unwire([event.rest]) } : event);
      continue;
    }
    if (last === null || last.streamId !== event.streamId || last.endStream) {
      if (event.data.length === 0 && !event.endStream) continue;
      last = { type: 'data', streamId: event.streamId, text: '', credit: 0, endStream: false };
      summary.push(last);
    }
    last.text += unwire([event.data]);
    last.credit += event.flowControlledLength;
    last.endStream = event.endStream;
  }
  return summary;
}
