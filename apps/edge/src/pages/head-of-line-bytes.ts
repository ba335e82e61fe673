import { shared } from '../story/head-of-line/roads.ts';
import type { HoleRun } from '../story/head-of-line/run.ts';
import { NAMES } from '../story/names.ts';
import { type ByteParts, partsHtml } from '../story/parts.ts';

/** The bytes around the hole, with frames and hole as parts, and the caret on the first that is lost. */
export function holeBytesHtml({ around, frames, hole }: HoleRun, columns = 16): string {
  const { base, bytes } = around;
  const edge = (at: number): number => Math.min(bytes.length, Math.max(0, at - base));
  // Cut at the edges of the hole, so that what is lost is a part of its own.
  const pieces = (from: number, to: number, label: string): ByteParts[] => [
    { from: edge(from), to: edge(Math.min(to, hole.from)), label },
    { from: edge(Math.max(from, hole.from)), to: edge(Math.min(to, hole.to)), label: `${label}: lost` },
    { from: edge(Math.max(from, hole.to)), to: edge(to), label },
  ];
  const parts = frames
    .filter((frame) => shared(frame, base, base + bytes.length) > 0)
    .flatMap(({ from, to, kind, reply }) => {
      const whose = reply === null ? 'the connection' : `/${NAMES[reply]}`;
      return [
        ...pieces(from, from + 9, `head of ${kind.toUpperCase()}, ${whose}`),
        ...pieces(from + 9, to, reply === null ? kind.toUpperCase() : `content of ${whose}`),
      ];
    });
  const title = `Bytes ${base} to ${base + bytes.length - 1} of the connection. Lost: ${hole.from} to ${hole.to - 1}.`;
  return partsHtml(title, bytes, parts, {
    caret: { at: hole.from - base, note: `the hole begins here, ${hole.to - hole.from} long` },
    columns,
    base,
  });
}
