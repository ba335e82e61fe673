/** The bytes of chunked replies with what each of them is, a row for all that left together. */
import type { CheckResult } from '@interleave/judge';
import { type ChunkedReply, chunkedReplies, type Leaving } from '@interleave/judge/watch';
import { visibleHtml } from '@interleave/trace/look';
import { html, raw } from 'hono/html';
import type { Html } from './layout.ts';

/** Enough to see the pattern; the transcript has all of them. */
const REPLIES = 2;
const ROWS = 8;

const CLASS: Partial<Record<Leaving['parts'][number]['what'], string>> = {
  size: 'size',
  data: 'data',
  'last chunk': 'last',
};

/** Nothing where no reply came in several chunks, or broke off. */
export function chunksPart(test: CheckResult): Html {
  const replies = chunkedReplies(test).filter(isTelling);
  if (replies.length === 0) return html``;
  const most = replies.toSorted((a, b) => b.leavings.length - a.leavings.length).slice(0, REPLIES);
  return html`${most.map((reply) => part(reply, test.oracle !== 'raw'))}`;
}

function part(reply: ChunkedReply, isTimed: boolean): Html {
  const began = reply.leavings[0]?.at ?? 0;
  const rest = reply.leavings.length - ROWS;
  const size = `${reply.size.toLocaleString('en')} ${reply.size === 1 ? 'byte' : 'bytes'} of data`;
  return html`<h3>The chunks of ${reply.request} <span class="quiet">${reply.connection}, ${size}${reply.isWhole ? '' : ', broken off: no last chunk came'}</span></h3>
<ol class="chunked">${reply.leavings.slice(0, ROWS).map((leaving, i) => row(leaving, leaving.at - began, i, isTimed))}</ol>
${rest > 0 ? html`<p class="small quiet">${rest} more ${rest === 1 ? 'row is' : 'rows are'} not shown.</p>` : ''}`;
}

function row({ parts }: Leaving, after: number, i: number, isTimed: boolean): Html {
  const when = i === 0 ? 'left first' : `after ${Math.round(after).toLocaleString('en')} ms`;
  return html`<li><span class="small quiet">${when}${i > 0 && !isTimed ? ', judge’s clock' : ''}</span><ul>${parts.map(
    ({ what, text, bytes }) =>
      html`<li class="${CLASS[what] ?? ''}"><code>${raw(visibleHtml(text))}</code><span class="small quiet">${what === 'data' ? `${bytes.toLocaleString('en')} ${bytes === 1 ? 'byte' : 'bytes'}` : what}</span></li>`,
  )}</ul></li>`;
}

/** One chunk and the last one tell nothing that a length would not. */
function isTelling({ leavings, isWhole }: ChunkedReply): boolean {
  const data = leavings.flatMap(({ parts }) => parts).filter(({ what }) => what === 'data');
  return data.length > 1 || !isWhole;
}
