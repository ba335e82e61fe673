import type { Context } from 'hono';
import { accepts } from 'hono/accepts';

export type Form = 'html' | 'text' | 'json';

const FORMS: Readonly<Record<string, Form>> = {
  'text/html': 'html',
  'text/plain': 'text',
  'application/json': 'json',
};

/**
 * The form that the client asked for (RFC 9110 §12.5.1). A browser names text/html; `curl` takes anything (its field is
 * the lone wildcard), and gets text, which a terminal can show.
 */
export function formOf(c: Context): Form {
  const type = accepts(c, { header: 'Accept', supports: Object.keys(FORMS), default: 'text/plain' });
  return FORMS[type] ?? 'text';
}
