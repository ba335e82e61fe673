/** Gets a realm ready for learner code: the judge's clock in place of the real one, printing caught, statics hidden that some hosts lack. */
import { VirtualClock } from './clock.ts';
import { HIDDEN_STATICS } from './engine.ts';
import { typeName } from './handler.ts';
import { ownFrames } from './place.ts';

export type Realm = { readonly clock: VirtualClock };

/** Call once, before any learner code is loaded, and after the host has kept the real timers that it needs. */
export function prepareRealm(on: { threw(error: unknown): void; said(text: string): void }): Realm {
  const clock = new VirtualClock();
  clock.install(globalThis, (error) => on.threw(error));
  prepareConsole(on.said);
  hideStatics();
  return { clock };
}

/** What the learner's code prints goes to the judge. */
export function prepareConsole(said: (text: string) => void): void {
  for (const level of ['log', 'info', 'warn', 'error', 'debug', 'trace', 'dir', 'table'] as const) {
    const value = (...values: unknown[]): void => said(values.map(print).join(' '));
    Object.defineProperty(console, level, { value, configurable: true, writable: true });
  }
}

/** Takes away what some hosts do not have. */
export function hideStatics(): void {
  for (const [object, name] of HIDDEN_STATICS) {
    const holder = (globalThis as Record<string, unknown>)[object];
    if (Object(holder) === holder) Reflect.deleteProperty(holder as object, name);
  }
}

/** What a learner wants to see of a value: bytes as text, objects as JSON, never an exception. */
function print(value: unknown): string {
  if (typeof value === 'string') return value.includes('\n    at ') ? ownFrames(value) : value;
  if (value instanceof Error) return value.stack === undefined ? String(value) : ownFrames(value.stack);
  if (value instanceof Uint8Array) {
    const text = Array.from(value.subarray(0, 100), (b) =>
      b === 13
        ? '␍'
        : b === 10
          ? '␊'
          : b >= 32 && b < 127
            ? String.fromCharCode(b)
            : `\\x${b.toString(16).padStart(2, '0')}`,
    );
    return `Uint8Array(${value.length}) "${text.join('')}"${value.length > 100 ? '…' : ''}`;
  }
  if (value instanceof Headers) return `Headers ${JSON.stringify([...value])}`;
  if (typeof value !== 'object' || value === null) return String(value);
  try {
    return JSON.stringify(value) ?? typeName(value);
  } catch {
    return typeName(value);
  }
}
