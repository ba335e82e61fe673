import type { RequestRecord } from '@interleave/trace';

/** What an exchange with `/echo` says back. */
export interface Echo {
  readonly v: 1;
  readonly said: string;
  /** The request's head as HTTP/1.1 spells it, without what stands between the visitor and this app. */
  readonly head: { readonly fields: number; readonly bytes: number };
  readonly record: RequestRecord;
}
