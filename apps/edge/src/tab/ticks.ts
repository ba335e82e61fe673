/** Beyond this many, the number says more than ticks do. */
const MOST_TICKS = 48;

/**
 * A tick for each exchange on a connection so far: tall for those of this tab, short for others (other tabs, pictures,
 * exchanges from before), the last one in the accent colour. Beside words that say the same.
 */
export function ribbonTicks(nth: number, own: readonly (number | null)[]): string {
  const first = Math.max(1, nth - MOST_TICKS + 1);
  const mine = new Set(own);
  let path = '';
  for (let n = first; n < nth; n++) path += `M${(n - first) * 4 + 1.5} 12V${mine.has(n) ? 2 : 7}`;
  const x = (nth - first) * 4 + 1.5;
  const width = x + 1.5;
  return (
    `<svg aria-hidden="true" class="ticks" width="${width}" height="13" viewBox="0 0 ${width} 13">` +
    `<path d="${path}"/><path class="tick-now" d="M${x} 12V1"/></svg>`
  );
}
