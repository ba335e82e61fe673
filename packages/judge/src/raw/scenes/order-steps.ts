/** Steps for a server whose handlers run side by side: what they are, and each in words. */
import type { Bytes } from '../../exercise.ts';

type On = { readonly on?: string };

export type OrderStep =
  /** Handlers that wait for this name (`until`) may go on, those that are called later too. */
  | (On & { readonly do: 'release'; readonly name: string })
  /** The handlers of these requests have been called, and not one of them has answered: they run at the same time. */
  | (On & { readonly do: 'expectTogether'; readonly requests: readonly string[] })
  /** The handler of this request runs, and no other one beside it, however long one waits. */
  | (On & { readonly do: 'expectAlone'; readonly request: string })
  /** Not one of these bytes has come, however long one waits: the reply that they belong to is not next. */
  | (On & { readonly do: 'expectHeld'; readonly reply: string; readonly before: string; readonly bytes: Bytes });

/** One line, present tense. */
export function describeOrderStep(step: OrderStep): string {
  const on = step.on === undefined ? '' : ` on ${step.on}`;
  switch (step.do) {
    case 'release':
      return `Let the handler of ${step.name} go on.`;
    case 'expectTogether':
      return `Expect that the handlers of ${listed(step.requests)} run at the same time${on}.`;
    case 'expectAlone':
      return `Expect that the handler of ${step.request} runs${on}, and no other beside it.`;
    case 'expectHeld':
      return `Expect no byte of the reply to ${step.reply}${on} before the end of the reply to ${step.before}.`;
  }
}

/** `a, b and c`. */
export function listed(items: readonly string[]): string {
  return items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`;
}
