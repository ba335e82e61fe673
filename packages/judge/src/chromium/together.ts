/** Handlers that wait for each other: nobody of a group goes on before so many of them run at the same time. */
import type { BrowserCheck, HandlerRule } from '../exercise.ts';
import { rulesOf } from '../raw/handler.ts';
import { fitOf } from '../raw/rules.ts';
import { count } from '../raw/steps.ts';
import type { Failure } from '../result.ts';
import type { TcpReport } from './tcp-scene.ts';

type Waiting = { readonly go: () => void };

/** Groups by name. A group that is full goes on as one, and the next to come wait for each other anew. */
export class Together {
  readonly #groups = new Map<string, Waiting[]>();

  wait(name: string, size: number): Promise<void> {
    return new Promise((go) => {
      const group = [...(this.#groups.get(name) ?? []), { go }];
      this.#groups.set(name, group.length < size ? group : []);
      if (group.length >= size) for (const each of group) each.go();
    });
  }
}

/**
 * Why a group never fills up: its requests came whole on enough connections, and the handler was not called for all of them.
 * Null when that is not so: then the page, the network or a slow machine is what one waits for.
 */
export function heldApart(check: BrowserCheck, report: TcpReport): Failure | null {
  const rules = rulesOf(check);
  const groups = new Map(
    rules.flatMap(({ together }) => (together === undefined ? [] : [[together.name, together.size]])),
  );
  for (const [name, size] of groups) {
    const open = report.connections.flatMap(({ id, exchanges }) =>
      exchanges
        .filter((it) => it.asked !== null && it.last === null && groupOf(rules, it.request) === name)
        .map((it) => ({ id, ...it })),
    );
    const called = open.filter(({ handled }) => handled !== null);
    if (open.length < size || called.length >= size) continue;
    const waiting = open.length - called.length;
    const call = report.calls.findLast(({ request }) => called.some((it) => it.request === request));
    const isOne = new Set(open.map(({ id }) => id)).size === 1;
    const who = called.length === 1 ? 'one of them' : `${called.length} of them`;
    return {
      cause: 'handler',
      headline: `${count(open.length, 'request')} came whole, ${isOne ? 'on one connection' : 'each on its own connection'}; the handler was called for ${called.length === 0 ? 'none' : who}.`,
      // Which request a browser puts on which connection is a race, so the picture tells that and not the text.
      facts: [
        isOne ? `all of them on ${open[0]?.id}` : `one request each on ${open.map(({ id }) => id).join(', ')}`,
        `${waiting} of them wait for a call`,
      ],
      expected: `a call for each of the ${open.length}, whatever the others do`,
      spec: check.spec,
      idea: check.idea,
      at: call?.place == null ? [] : [call.place],
    };
  }
  return null;
}

function groupOf(rules: readonly HandlerRule[], request: string): string | undefined {
  return fitOf(rules, request)?.rule.together?.name;
}
