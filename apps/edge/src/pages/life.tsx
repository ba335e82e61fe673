import type { RequestRecord } from '@interleave/trace';
import { timelineSvg, timelineTableHtml } from '@interleave/trace/timeline';
import { raw } from 'hono/html';
import type { FC } from 'hono/jsx';
import { firstLife } from './first-life.ts';
import { Legend } from './legend.tsx';

/** The connections of this tab so far, as one drawing with its table; the page's script goes on with it. */
export const Life: FC<{ record: RequestRecord; turn?: boolean }> = ({ record, turn = false }) => {
  const life = firstLife(record, Date.now());
  const isEmpty = life.lanes.length === 0;
  return (
    <figure aria-labelledby="life-title">
      <div id="life" class={isEmpty ? '' : 'life'}>
        {isEmpty ? null : (
          <>
            <div class="wide">{raw(timelineSvg(life, { width: 860, idPrefix: 'life-wide' }))}</div>
            <div class="narrow">{raw(timelineSvg(life, { width: 350, idPrefix: 'life-narrow' }))}</div>
          </>
        )}
      </div>
      <figcaption>
        <p class="small life-note">
          <span id="life-title">{life.title}</span>{' '}
          <span id="life-how" class="quiet">
            A lane is a connection, a bar is one exchange. Where the line is cut, idle time is folded.
          </span>
        </p>
        {isEmpty ? null : <Legend protocol={record.facts.protocol.value} turn={turn} />}
        {isEmpty ? null : (
          <details>
            <summary>The same as a table</summary>
            <section id="life-table" class="table-scroll" tabindex={0} aria-label="Table of exchanges">
              {raw(timelineTableHtml(life))}
            </section>
          </details>
        )}
      </figcaption>
    </figure>
  );
};
