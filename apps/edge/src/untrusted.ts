/**
 * Reading values of unknown shape. `request.cf` comes from the edge, but in development anyone can forge it, so nothing in
 * it is used before it has been looked at. Each reader gives null for what it does not accept.
 */

/** Text longer than this is not a fact about a connection. */
const MAX_TEXT = 300;

export type Bag = Readonly<Record<string, unknown>>;

export function bag(value: unknown): Bag | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Bag) : null;
}

/** Non-empty text. */
export function text(value: unknown): string | null {
  return typeof value === 'string' && value !== '' && value.length <= MAX_TEXT ? value : null;
}

export function flag(value: unknown): boolean | null {
  return typeof value === 'boolean' ? value : null;
}

/** A whole number of at least `least`. */
export function integer(value: unknown, least: number): number | null {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= least ? value : null;
}

/** A finite number of at least 0: a duration or an instant that a `Date` can hold. */
export function amount(value: unknown): number | null {
  return typeof value === 'number' && value >= 0 && value <= 8.64e15 ? value : null;
}

export function oneOf<const T extends string>(value: unknown, choices: readonly T[]): T | null {
  return choices.find((choice) => choice === value) ?? null;
}

/** A short list of texts. */
export function texts(value: unknown): readonly string[] | null {
  if (!Array.isArray(value) || value.length > 32) return null;
  const read = value.map(text);
  return read.every((t) => t !== null) ? read : null;
}

/** An http or https origin, in its normal form. */
export function origin(value: unknown): string | null {
  const address = text(value);
  if (address === null || !URL.canParse(address)) return null;
  const url = new URL(address);
  return url.protocol === 'http:' || url.protocol === 'https:' ? url.origin : null;
}
