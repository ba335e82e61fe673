import { hc } from 'hono/client';
import type { App } from '../index.tsx';

export type { RequestRecord } from '@interleave/trace';
export type { ApiProblem, ConnectionReport, WatchMessage, WatchRequest } from '@interleave/trace/events';

/**
 * A typed client for the API of a running app: `apiClient('https://localhost:4112').request.$get()`.
 *
 * @param origin - of the app, such as `https://localhost:4112`
 * @param options - Hono's; `fetch` replaces the one that is used
 */
export function apiClient(origin: string, options?: Parameters<typeof hc>[1]) {
  return hc<App>(origin, options).api.v1;
}
