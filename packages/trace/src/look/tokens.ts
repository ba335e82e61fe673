import type { ProtocolKey } from './protocol.ts';

/** A colour on light paper and on dark paper, and the nearest of the terminal's 256. */
export interface Colour {
  readonly light: string;
  readonly dark: string;
  readonly ansi: number | null;
}

/** Ink on paper, and one accent. */
export const INK: Readonly<Record<'paper' | 'sunk' | 'ink' | 'quiet' | 'hair' | 'accent' | 'good' | 'bad', Colour>> = {
  paper: { light: '#fdfcf8', dark: '#161512', ansi: null },
  /** Behind bytes and code, one step from the paper. */
  sunk: { light: '#f5f2ea', dark: '#1f1e1a', ansi: null },
  ink: { light: '#1c1a16', dark: '#ebe6da', ansi: null },
  quiet: { light: '#625d52', dark: '#a8a191', ansi: 244 },
  hair: { light: '#d8d2c4', dark: '#403c33', ansi: 240 },
  accent: { light: '#9b1150', dark: '#f58cb4', ansi: 168 },
  good: { light: '#2f6b2b', dark: '#93c98b', ansi: 71 },
  bad: { light: '#ab1f12', dark: '#ff9184', ansi: 167 },
};

/**
 * One hue a protocol, after Okabe and Ito's set for colour-blind readers, darkened or lightened until text in it is
 * legible on its paper (at least 4.5 : 1, tested).
 */
export const PROTOCOL_COLOURS: Readonly<Record<ProtocolKey, Colour>> = {
  h1: { light: '#0f62ac', dark: '#79b8f2', ansi: 32 },
  h2: { light: '#ac4a00', dark: '#f2a25c', ansi: 172 },
  h3: { light: '#00705a', dark: '#55c9a6', ansi: 36 },
  ws: { light: '#5d5a7c', dark: '#b3aed8', ansi: 103 },
};

/** The scale of four sizes. */
export const SIZES: readonly [small: string, text: string, lead: string, headline: string] = [
  '0.8125rem',
  '1.0625rem',
  '1.375rem',
  'clamp(1.75rem, 1.2rem + 2.6vw, 2.75rem)',
];

/** System faces: a humanist serif for prose, a monospaced face for bytes and numbers. */
export const FACES: Readonly<Record<'prose' | 'mono', string>> = {
  prose: `'Iowan Old Style', 'Palatino Nova', Palatino, 'Palatino Linotype', 'URW Palladio L', P052, 'Book Antiqua', Charter, Georgia, serif`,
  mono: `ui-monospace, 'SF Mono', 'Cascadia Mono', Menlo, Consolas, 'DejaVu Sans Mono', 'Liberation Mono', monospace`,
};
