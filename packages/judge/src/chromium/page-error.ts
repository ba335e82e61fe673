import type { PageError } from './client-page.ts';

const KINDS: Record<string, ErrorConstructor> = { TypeError, ReferenceError, RangeError };

/** The error that learner code threw in a page, as it was there: its kind decides how it is told. */
export function errorOf({ name, message, stack }: PageError): Error {
  const error = new (KINDS[name] ?? Error)(message);
  error.stack = stack;
  return error;
}
