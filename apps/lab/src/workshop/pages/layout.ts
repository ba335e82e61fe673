import { html, raw } from 'hono/html';
import type { HtmlEscapedString } from 'hono/utils/html';
import { css } from './css.ts';

export type Html = HtmlEscapedString | Promise<HtmlEscapedString>;

export interface LayoutOptions {
  readonly title: string;
  readonly nonce: string;
  readonly body: Html;
  readonly path: string;
  /** The page's script, or none. */
  readonly script?: string;
  /** Two columns need more room than prose alone. */
  readonly wide?: boolean;
}

/** Two exchanges on one line. Inside the page: an icon that is fetched would be one exchange more. */
const ICON =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Cpath d='M0 8h16' stroke='%230f62ac' stroke-width='2'/%3E%3Cpath d='M2 4h4v8H2zm7 0h5v8H9z' fill='%230f62ac'/%3E%3C/svg%3E";

/** The document that every page of the workshop is. */
export function layout({ title, nonce, body, path, script, wide = false }: LayoutOptions): Html {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} · Interleave</title>
<link rel="icon" href="${ICON}">
<style nonce="${nonce}">${raw(css)}</style>
</head>
<body class="${wide ? 'wide-page' : ''}">
<a class="skip" href="#main">To the content</a>
<header>
<nav class="nav frame" aria-label="Main">
<a class="brand" href="/">Inter<i>leave</i></a>
<a href="/">This connection</a>
<a href="/story">The story</a>
<a href="/instruments">Instruments</a>
<a href="/workshop" ${path === '/workshop' ? raw('aria-current="page"') : ''}>Workshop</a>
</nav>
</header>
<main id="main" class="frame" tabindex="-1">
${body}
</main>
<footer><div class="frame"><p>The workshop runs on this machine. Your code, your attempts and your progress stay here.</p></div></footer>
${script === undefined ? '' : html`<script type="module" nonce="${nonce}">${raw(script.replaceAll('</script', '<\\/script'))}</script>`}
</body>
</html>`;
}
