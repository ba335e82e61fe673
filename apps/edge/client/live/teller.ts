import type { ConnTiming } from '@interleave/trace';
import type { BrowserSide } from '../../src/live/model.ts';

/** Takes down what happens to an exchange as it happens. Times are taken by who is told. */
export interface Teller {
  asked(key: string, label: string, path: string): void;
  answered(key: string, conn: ConnTiming | null, status: number | null): void;
  finished(key: string, browser: BrowserSide | null): void;
  failed(key: string, why: string): void;
}
