import type { RequestRecord } from '@interleave/trace';
import type { ConnectionLog, Noted } from './counter/log.ts';
import type { Origins } from './origins.ts';

export type { Origins } from './origins.ts';

/** What the deployment binds. Everything is optional: the app runs without any of it. */
export interface Bindings {
  /** Secret that connection ids on Cloudflare are keyed with: `wrangler secret put CONNECTION_KEY`. */
  readonly CONNECTION_KEY?: string;
  readonly VERSION?: { readonly id: string };
  /** `on` counts the exchanges of each connection on Cloudflare; anything else does not. */
  readonly COUNT_EXCHANGES?: string;
  /** Where they are counted: one Durable Object for each connection. */
  readonly CONNECTION_COUNTER?: { getByName(name: string): CounterStub };
  /** The scripts of the pages, as static assets. */
  readonly SCRIPTS?: Fetcher;
}

/** What the app asks of a counter: `ConnectionCounter`, seen from outside. */
export interface CounterStub {
  note(exchange: Noted): Promise<ConnectionLog>;
  read(): Promise<ConnectionLog | null>;
  fetch(request: Request): Promise<Response>;
}

/** What the `conn` middleware knows when a page is made. */
export interface Variables {
  readonly record: RequestRecord;
  readonly origins: Origins;
}

export interface AppEnv {
  Bindings: Bindings;
  Variables: Variables & { secureHeadersNonce?: string };
}
