import { shared } from '../story/head-of-line/roads.ts';
import type { HoleRun } from '../story/head-of-line/run.ts';
import { NAMES } from '../story/names.ts';
import { type ByteParts, partsHtml } from '../story/parts.ts';

/** The bytes around the hole, with frames and hole as parts, and the caret on the first that is lost. */
export function holeBytesHtml({ around, frames, hole }: HoleRun, columns = 16): string {
  const { base, bytes } = around;
  const edge = (at: number): number => Math.min(bytes.length, Math.max(0, at - base));
  const parts = frames
    .filter((frame) => shared(frame, base, base + bytes.length) > 0)
    .flatMap(({ from, to, kind, reply }): ByteParts[] => {
      const whose = reply === null ? 'the connection' : `/${NAMES[reply]}`;
      return [
        { from: edge(from), to: edge(from + 9), label: `head of ${kind.toUpperCase()}, ${whose}` },
        { from: edge(from + 9), to: edge(to), label: reply === null ? kind.toUpperCase() : `content of ${whose}` },
      ];
    });
  const title = `Bytes ${base} to ${base + bytes.length - 1} of the connection. Lost: ${hole.from} to ${hole.to - 1}.`;
  return partsHtml(title, bytes, parts, {
    caret: { at: hole.from - base, note: `the hole begins here, ${hole.to - hole.from} long` },
    columns,
  });
}
