import type { PipeClient } from '../pipe/client.ts';
import { frameWords } from '../story/frame-strip.ts';
import { type Frame, framesOf } from '../story/multiplexing-run.ts';
import { type ByteParts, partsHtml } from '../story/parts.ts';

/** The nine bytes before every frame, by name (RFC 9113 §4.1). */
const HEAD: readonly ByteParts[] = [
  { from: 0, to: 3, label: 'length' },
  { from: 3, to: 4, label: 'type' },
  { from: 4, to: 5, label: 'flags' },
  { from: 5, to: 9, label: 'stream' },
];

/** One frame as it came, by its place in the order. */
export function frameBytesHtml(
  client: Pick<PipeClient, 'received' | 'units' | 'exchanges'>,
  n: number,
  columns = 16,
): string {
  const frame: Frame | undefined = framesOf(client)[n];
  if (frame === undefined) return '';
  const bytes = client.received.subarray(frame.offset, frame.offset + frame.length);
  const parts = [
    ...HEAD,
    { from: 9, to: bytes.length, label: frame.kind === 'headers' ? 'fields, compressed' : 'content' },
  ];
  return partsHtml(`Frame ${n + 1}: ${frameWords(frame)}`, bytes, parts, { columns });
}

/** The first frame that belongs to a message. */
export function firstOfMessage(client: Pick<PipeClient, 'units' | 'exchanges'>): number {
  return Math.max(
    0,
    framesOf(client).findIndex(({ kind }) => kind === 'headers'),
  );
}
