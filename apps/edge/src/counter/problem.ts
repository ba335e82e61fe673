import type { ApiProblem } from '@interleave/trace/events';
import { visibleText } from '@interleave/trace/look';

const TITLES = {
  400: 'This is no id of a connection',
  404: 'This connection is not known here',
  426: 'This takes a WebSocket, or a client of server-sent events',
  501: 'This deployment does not count exchanges',
  503: 'Not now',
} as const;

/** An error of the API (RFC 9457): what was sent, the rule, and what to do instead. */
export function problemOf(status: keyof typeof TITLES, detail: string, remedy: string, id: string | null): ApiProblem {
  return {
    type: 'about:blank',
    status,
    title: TITLES[status],
    detail,
    remedy,
    id: id === null ? null : visibleText(id).slice(0, 100),
  };
}

export function problemResponse(problem: ApiProblem): Response {
  return Response.json(problem, {
    status: problem.status,
    headers: { 'content-type': 'application/problem+json' },
  });
}
