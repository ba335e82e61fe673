import { visibleHtml } from '@interleave/trace/look';
import { raw } from 'hono/html';
import type { FC } from 'hono/jsx';

/** Text whose parts between backticks are code. */
export const Prose: FC<{ text: string }> = ({ text }) => (
  <>{text.split('`').map((part, index) => (index % 2 === 1 ? <code>{raw(visibleHtml(part))}</code> : part))}</>
);
