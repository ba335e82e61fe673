/** `hints.md` of an exercise: under `## KA2-2`, three numbered rungs, from a question to near-code. */

export type Hints = ReadonlyMap<string, readonly string[]>;

export const RUNGS = 3;

/** Reads the hints. A rung is everything from its number to the next one; its Markdown is kept. */
export function parseHints(markdown: string): Hints {
  const hints = new Map<string, string[]>();
  let rungs: string[] | null = null;
  for (const line of markdown.replaceAll('\r\n', '\n').split('\n')) {
    const heading = /^##\s+([A-Z]{2}\d+-\w+)/.exec(line)?.[1];
    if (heading !== undefined) {
      rungs = [];
      hints.set(heading, rungs);
      continue;
    }
    if (rungs === null) continue;
    const begins = /^\d+\.\s+(.*)$/.exec(line)?.[1];
    if (begins !== undefined) rungs.push(begins);
    // Lines that go on with a rung are indented under its number.
    else if (rungs.length > 0) rungs[rungs.length - 1] += `\n${line.replace(/^ {1,3}/, '')}`;
  }
  return new Map([...hints].map(([id, texts]) => [id, texts.map((text) => text.trim())]));
}
