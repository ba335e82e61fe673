/** Reading of values that a file may hold or not: what is not what it should be is null, and never NaN. */

export type Json = Readonly<Record<string, unknown>>;

export function objectOf(value: unknown): Json | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : null;
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** Text that is there; numbers become text, since ids are written either way. */
export function textOf(value: unknown): string | null {
  if (typeof value === 'string') return value;
  return typeof value === 'number' && Number.isFinite(value) ? String(value) : null;
}

/** A finite number, also where it was written as text. */
export function numberOf(value: unknown): number | null {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value !== 'string' || value.trim() === '') return null;
  const number = Number(value);
  return Number.isFinite(number) ? number : null;
}

/** A length of time in milliseconds: -1, which HAR writes for "not paid", is null like any other negative number. */
export function durationOf(value: unknown): number | null {
  const number = numberOf(value);
  return number !== null && number >= 0 ? number : null;
}

/** A count of bytes. */
export function bytesOf(value: unknown): number | null {
  const number = numberOf(value);
  return number !== null && number >= 0 ? Math.round(number) : null;
}

/** Epoch milliseconds of a date as text, as HAR has it, or of a number. */
export function dateOf(value: unknown): number | null {
  if (typeof value === 'number') {
    // Seconds, milliseconds or microseconds since 1970: years 2001 to 2100 decide.
    for (const scale of [1, 1_000, 0.001]) {
      const ms = value * scale;
      if (ms > 978_307_200_000 && ms < 4_102_444_800_000) return ms;
    }
    return null;
  }
  if (typeof value !== 'string') return null;
  const text = value.trim();
  for (const candidate of [
    text,
    // `+0200` for `+02:00`, a comma before the fraction, more digits than a date knows, a space for the T.
    text
      .replace(',', '.')
      .replace(/(\.\d{3})\d+/, '$1')
      .replace(/([+-]\d{2})(\d{2})$/, '$1:$2')
      .replace(/^(\d{4}-\d{2}-\d{2}) /, '$1T'),
  ]) {
    const ms = Date.parse(candidate);
    if (Number.isFinite(ms)) return ms;
  }
  return null;
}
