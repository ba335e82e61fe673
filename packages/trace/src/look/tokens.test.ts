import { describe, expect, it } from 'vitest';
import { INK, PROTOCOL_COLOURS } from './tokens.ts';

/** WCAG 2.2 relative luminance of `#rrggbb`. */
function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = channels(hex).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function channels(hex: string): number[] {
  return [1, 3, 5].map((i) => Number.parseInt(hex.slice(i, i + 2), 16) / 255);
}

function contrast(a: string, b: string): number {
  const [light = 0, dark = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (light + 0.05) / (dark + 0.05);
}

const THEMES = ['light', 'dark'] as const;
const TEXT = { ink: INK.ink, quiet: INK.quiet, accent: INK.accent, good: INK.good, bad: INK.bad, ...PROTOCOL_COLOURS };

describe('colours', () => {
  for (const theme of THEMES) {
    it(`are legible as text on paper and behind bytes (${theme})`, () => {
      for (const [name, colour] of Object.entries(TEXT)) {
        for (const paper of [INK.paper, INK.sunk]) {
          expect(contrast(colour[theme], paper[theme]), name).toBeGreaterThanOrEqual(4.5);
        }
      }
    });

    it(`of the protocols stay apart without red-green vision (${theme})`, () => {
      const seen = Object.values(PROTOCOL_COLOURS).map((c) => deuteranope(channels(c[theme])));
      for (const [i, a] of seen.entries()) {
        for (const b of seen.slice(i + 1)) {
          const distance = Math.hypot(...a.map((value, k) => value - (b[k] ?? 0)));
          expect(distance).toBeGreaterThan(0.1);
        }
      }
    });
  }
});

/** Machado, Oliveira and Fernandes (2009), severity 1, on sRGB. */
function deuteranope([r = 0, g = 0, b = 0]: number[]): number[] {
  return [
    0.367322 * r + 0.860646 * g - 0.227968 * b,
    0.280085 * r + 0.672501 * g + 0.047413 * b,
    -0.01182 * r + 0.04294 * g + 0.968881 * b,
  ];
}
