import { PROTOCOL_COLOURS } from '@interleave/trace/look';

/** The picture is cut into so many tiles. */
export const COLUMNS = 8;
export const ROWS = 6;
export const TILES: number = COLUMNS * ROWS;
/** Longer, and a Worker would stand for nothing. */
export const LONGEST_HOLD = 2_000;

const SIDE = 100;
const STRANDS = 13;
const KEYS = ['h1', 'h2', 'h3', 'ws'] as const;

/**
 * Tile `n` (from 0, row by row) of one picture: strands that run together through the whole width and stay apart. Every tile is
 * a picture of its own, so that each costs an exchange.
 */
export function tileSvg(n: number, theme: 'light' | 'dark'): string {
  const x = (n % COLUMNS) * SIDE;
  const y = Math.floor(n / COLUMNS) * SIDE;
  const strands = Array.from({ length: STRANDS }, (_, i) => strand(i, theme)).join('');
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="${x} ${y} ${SIDE} ${SIDE}" width="${SIDE}" height="${SIDE}">${strands}</svg>`;
}

/** One strand: a wave that crosses its neighbours, from the left edge of the picture to the right one. */
function strand(index: number, theme: 'light' | 'dark'): string {
  const share = index / (STRANDS - 1);
  const middle = 300 + Math.sin(index * 2.4) * 40;
  const reach = 60 + share * 190;
  const turn = index * 0.62;
  let path = '';
  for (let x = 0; x <= COLUMNS * SIDE; x += 20) {
    const at = (x / (COLUMNS * SIDE)) * Math.PI * 2;
    // Wide apart at both ends, woven together in the middle.
    const spread = 0.35 + 0.65 * Math.cos(at / 2) ** 2;
    const y = middle + Math.sin(at * (1 + share) + turn) * reach * spread;
    path += `${x === 0 ? 'M' : 'L'}${x} ${y.toFixed(1)}`;
  }
  const colour = PROTOCOL_COLOURS[KEYS[index % KEYS.length] ?? 'h1'][theme];
  return `<path d="${path}" fill="none" stroke="${colour}" stroke-width="${(3.5 + (1 - share) * 5).toFixed(1)}" stroke-linejoin="round" opacity=".85"/>`;
}
