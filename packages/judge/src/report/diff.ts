/** A line diff: what to take away from the first text and what to add, to get the second one. */

export type DiffLine = { readonly sign: ' ' | '-' | '+'; readonly text: string };

/** The shortest edit by lines (Myers). Equal lines keep a blank sign. */
export function diffLines(before: string, after: string): DiffLine[] {
  const a = splitLines(before);
  const b = splitLines(after);
  const trail: Map<number, number>[] = [];
  const reach = new Map<number, number>([[1, 0]]);
  for (let d = 0; d <= a.length + b.length; d++) {
    trail.push(new Map(reach));
    for (let k = -d; k <= d; k += 2) {
      const down = k === -d || (k !== d && at(reach, k - 1) < at(reach, k + 1));
      let x = down ? at(reach, k + 1) : at(reach, k - 1) + 1;
      while (x < a.length && x - k < b.length && a[x] === b[x - k]) x++;
      reach.set(k, x);
      if (x >= a.length && x - k >= b.length) return walkBack(a, b, trail);
    }
  }
  return [];
}

/** Only what changed, with `around` lines on both sides; `⋯` stands for what is left out. */
export function shortDiff(lines: readonly DiffLine[], around = 3): DiffLine[] {
  const near = new Set<number>();
  lines.forEach((line, i) => {
    if (line.sign !== ' ') for (let n = i - around; n <= i + around; n++) near.add(n);
  });
  const out: DiffLine[] = [];
  lines.forEach((line, i) => {
    if (near.has(i)) out.push(line);
    else if (out.at(-1)?.text !== '⋯') out.push({ sign: ' ', text: '⋯' });
  });
  return out;
}

function walkBack(a: readonly string[], b: readonly string[], trail: readonly Map<number, number>[]): DiffLine[] {
  const lines: DiffLine[] = [];
  let x = a.length;
  let y = b.length;
  for (let d = trail.length - 1; d >= 0; d--) {
    const reach = trail[d] ?? new Map();
    const k = x - y;
    const down = k === -d || (k !== d && at(reach, k - 1) < at(reach, k + 1));
    const fromK = down ? k + 1 : k - 1;
    const fromX = at(reach, fromK);
    while (x > fromX && y > fromX - fromK && x > 0 && y > 0) {
      lines.push({ sign: ' ', text: a[--x] ?? '' });
      y--;
    }
    if (d === 0) break;
    if (down) lines.push({ sign: '+', text: b[--y] ?? '' });
    else lines.push({ sign: '-', text: a[--x] ?? '' });
  }
  return lines.reverse();
}

function at(reach: ReadonlyMap<number, number>, k: number): number {
  return reach.get(k) ?? -1;
}

function splitLines(text: string): string[] {
  const lines = text.replaceAll('\r\n', '\n').split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines;
}
