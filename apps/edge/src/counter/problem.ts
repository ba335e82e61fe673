import type { ApiProblem } from '@interleave/trace/events';
import { visibleText } from '@interleave/trace/look';
import type { Context } from 'hono';

const TITLES = {
  400: 'This is no id of a connection',
  404: 'This connection is not known here',
  501: 'This deployment does not count exchanges',
  503: 'Not now',
} as const;

type Status = keyof typeof TITLES;

/** An `ApiProblem` that knows which statuses there are. */
export type Problem = ApiProblem & { readonly status: Status };

/** An error of the API (RFC 9457): what was sent, the rule, and what to do instead. */
export function problemOf(status: Status, detail: string, remedy: string, id: string | null): Problem {
  return {
    type: 'about:blank',
    status,
    title: TITLES[status],
    detail,
    remedy,
    id: id === null ? null : visibleText(id).slice(0, 100),
  };
}

/** The problem as a response, typed, so that Hono's client knows of it. */
export function problemJson(c: Context, problem: Problem) {
  return c.json<ApiProblem, Status>(problem, problem.status, { 'Content-Type': 'application/problem+json' });
}
