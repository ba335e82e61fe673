import { timelineSvg, timelineTableHtml } from '@interleave/trace/timeline';
import { raw } from 'hono/html';
import type { FC } from 'hono/jsx';
import { type RecordedLane, recordedTimeline } from '../story/recorded/run.ts';
import { RECORDED_WITH } from '../story/recorded/runs.ts';

export interface RecordedRun {
  /** Unique on the page. */
  readonly id: string;
  readonly what: string;
  /** What is true of it, in one sentence. */
  readonly title: string;
  readonly lanes: readonly RecordedLane[];
  readonly dense?: boolean;
}

/** Runs from the lab, for who reads where the app cannot make them: each says that it is a recording, and none is a visitor's own. */
export const Recorded: FC<{ why: string; runs: readonly RecordedRun[] }> = ({ why, runs }) => (
  <section class="recorded" aria-labelledby="recorded-title">
    <h2 class="part" id="recorded-title">
      Recorded, not yours.
    </h2>
    <p class="small quiet">
      {why} So these are recordings: {RECORDED_WITH}, of each the calmest of four runs. Lengths tell less than who waits
      for whom. With <code>npm start</code> you make your own.
    </p>
    {runs.map(({ id, what, title, lanes, dense = false }) => {
      const timeline = recordedTimeline(title, lanes);
      const svg = (width: number, name: string): string =>
        timelineSvg(timeline, { width, idPrefix: `recorded-${id}-${name}`, dense });
      return (
        <figure>
          <figcaption class="small">
            <b>{what}</b> <span class="quiet">recorded · {title}</span>
          </figcaption>
          <div class="life">
            {/* Thin bars have no words, so one drawing is right at every width. */}
            {dense ? raw(svg(640, 'all')) : <div class="wide">{raw(svg(860, 'wide'))}</div>}
            {dense ? null : <div class="narrow">{raw(svg(350, 'narrow'))}</div>}
          </div>
          <details>
            <summary>The same as a table</summary>
            <section class="table-scroll" tabindex={0} aria-label={`Recorded exchanges: ${what}`}>
              {raw(timelineTableHtml(timeline))}
            </section>
          </details>
        </figure>
      );
    })}
  </section>
);
