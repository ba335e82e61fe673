import { html } from 'hono/html';
import { type Html, layout } from './layout.ts';

/** Says what is not there or went wrong, and where to go on. */
export function problemPage(nonce: string, what: string, why: string): Html {
  const body = html`<h1>${what}</h1><p class="standfirst">${why}</p><p><a href="/workshop">All exercises</a></p>`;
  return layout({ title: what, nonce, body, path: '' });
}
