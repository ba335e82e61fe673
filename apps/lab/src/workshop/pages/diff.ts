import type { DiffLine } from '@interleave/judge/watch';
import { html } from 'hono/html';
import type { Html } from './layout.ts';

const WORD = { ' ': '', '-': 'yours: ', '+': 'the model: ' } as const;
const CLASS = { ' ': '', '-': 'minus', '+': 'plus' } as const;

/** The learner's files beside the model: minus is yours, plus is the model. */
export function diffPart(files: readonly { path: string; lines: readonly DiffLine[] }[]): Html {
  return html`${files.map(({ path, lines }) => {
    if (!lines.some((line) => line.sign !== ' '))
      return html`<p><code>work/${path}</code> is the model, line by line.</p>`;
    return html`<h3><code>work/${path}</code></h3>
<p class="small quiet">− yours, + the model</p>
<pre class="diff" tabindex="0">${lines.map(
      (
        line,
      ) => html`<span class="${CLASS[line.sign]}">${line.sign} <span class="visually-hidden">${WORD[line.sign]}</span>${line.text}
</span>`,
    )}</pre>`;
  })}`;
}
