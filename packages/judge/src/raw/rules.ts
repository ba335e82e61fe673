/** Which rule of a handler fits a request. A star at the end of a rule stands for the rest of the target, so that one rule answers thousands. */
import type { Bytes, HandlerRule, Reply } from '../exercise.ts';
import { bytesOf, latin1 } from './bytes.ts';

export type Fit = {
  readonly rule: HandlerRule;
  /** What the star of the rule stands for; null where it has none. */
  readonly star: string | null;
};

/** The first rule that fits; null when none does. */
export function fitOf(rules: readonly HandlerRule[], request: string, headers: Headers | null = null): Fit | null {
  for (const rule of rules) {
    if (rule.when !== undefined && headers?.get(rule.when[0]) !== rule.when[1]) continue;
    if (rule.on === request) return { rule, star: null };
    const begin = rule.on.endsWith('*') ? rule.on.slice(0, -1) : null;
    if (begin !== null && request.startsWith(begin)) return { rule, star: request.slice(begin.length) };
  }
  return null;
}

/** The text with each star replaced by what it stands for. */
export function filled(text: string, star: string | null): string {
  return star === null ? text : text.replaceAll('*', star);
}

/** A body that is known before the request comes; null for none, for one in pieces, and for an echo. */
export function wholeBody(body: Reply['body'], star: string | null = null): Bytes | null {
  if (body === undefined) return null;
  if (typeof body === 'object' && 'starred' in body) return filled(body.starred, star);
  if (typeof body === 'object' && ('pieces' in body || 'echo' in body)) return null;
  return body;
}

/** The request that these bytes would answer, other than `not`; null when there is none. `got`: one character a byte. */
export function answeredBy(rules: readonly HandlerRule[], got: string, not: string): string | null {
  for (const { on, reply } of rules) {
    const { body } = reply;
    if (typeof body === 'object' && 'starred' in body) {
      const [before = '', after = ''] = body.starred.split('*');
      const isLike = got.length > before.length + after.length && got.startsWith(before) && got.endsWith(after);
      const request = filled(on, got.slice(before.length, got.length - after.length));
      if (isLike && request !== not && fitOf(rules, request)?.rule.on === on) return request;
      continue;
    }
    const whole = on === not ? null : wholeBody(body);
    if (whole === null) continue;
    const bytes = latin1(bytesOf(whole));
    if (bytes !== '' && bytes === got) return on;
  }
  return null;
}
