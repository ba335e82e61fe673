import type { ProtocolKey } from './protocol.ts';
import { INK, PROTOCOL_COLOURS } from './tokens.ts';

/** What a stretch of terminal text is; `null` is plain ink. */
export type Style = ProtocolKey | 'quiet' | 'hair' | 'accent' | 'good' | 'bad' | 'strong' | null;

/** Gives text a style, or leaves it as it is when the terminal shall have no colour. */
export interface Paint {
  (text: string, style: Style): string;
  readonly colour: boolean;
}

/** A painter for terminals. Pass `colour: false` for NO_COLOR, pipes and files: signs and letters still tell all. */
export function terminalPaint(options: { readonly colour: boolean }): Paint {
  const paint = (text: string, style: Style): string => {
    if (!options.colour || style === null || text === '') return text;
    const code = style === 'strong' ? '1' : `38;5;${colourOf(style)}`;
    const weight = style === 'bad' || style === 'accent' ? '1;' : '';
    return `\u001b[${weight}${code}m${text}\u001b[0m`;
  };
  return Object.assign(paint, { colour: options.colour });
}

function colourOf(style: Exclude<Style, null | 'strong'>): number {
  if (style === 'h1' || style === 'h2' || style === 'h3' || style === 'ws') return PROTOCOL_COLOURS[style].ansi ?? 7;
  return INK[style].ansi ?? 7;
}

/** A grid of styled characters that shapes are drawn on, row by row. */
export class TextCanvas {
  readonly width: number;
  readonly height: number;
  readonly #cells: { char: string; style: Style }[][];

  constructor(width: number, height: number) {
    this.width = width;
    this.height = height;
    this.#cells = Array.from({ length: height }, () =>
      Array.from({ length: width }, () => ({ char: ' ', style: null as Style })),
    );
  }

  /** Writes text from a cell to the right; what does not fit is lost. */
  put(x: number, y: number, text: string, style: Style): void {
    const row = this.#cells[Math.round(y)];
    if (!row) return;
    let column = Math.round(x);
    for (const char of text) {
      if (column >= 0 && column < this.width) row[column] = { char, style };
      column++;
    }
  }

  /** Fills cells from `x1` up to, not including, `x2`. */
  fill(x1: number, x2: number, y: number, char: string, style: Style): void {
    const length = Math.round(x2) - Math.round(x1);
    if (length > 0) this.put(x1, y, char.repeat(length), style);
  }

  /** True where only the given characters stand. */
  isFree(x1: number, x2: number, y: number, free = ' '): boolean {
    const row = this.#cells[Math.round(y)];
    return row?.slice(Math.max(0, Math.round(x1)), Math.round(x2)).every((c) => free.includes(c.char)) ?? false;
  }

  /** The grid as lines without trailing blanks. */
  lines(paint: Paint): string[] {
    return this.#cells.map((row) => {
      const end = row.findLastIndex((c) => c.char !== ' ') + 1;
      let line = '';
      for (let i = 0; i < end; ) {
        const style = row[i]?.style ?? null;
        let run = '';
        while (i < end && (row[i]?.style ?? null) === style) run += row[i++]?.char ?? '';
        line += paint(run, style);
      }
      return line;
    });
  }
}
