import type { FC } from 'hono/jsx';
import { INSTRUMENTS } from '../instruments/instruments.ts';
import { IDEAS } from '../story/ideas.ts';
import { CAPABILITIES_HEADLINE } from './capabilities.tsx';
import { Page, type PageProps } from './layout.tsx';

type IndexProps = Omit<PageProps, 'title' | 'path' | 'children'>;

/** The story's pages, in the order of reading. */
export const Story: FC<IndexProps> = (props) => (
  <Page {...props} title="The story · Interleave" path="/story">
    <h1>How can many exchanges use one connection without becoming one message?</h1>
    <p class="standfirst">
      Each page is one true sentence, with an experiment that your own browser runs. Read them in order, or take the one
      you doubt. Every click is one more exchange on the connection above.
    </p>
    <ol class="contents">
      {IDEAS.map((idea, index) => (
        <li>
          <span class="contents-number" aria-hidden="true">
            {index + 1}
          </span>
          <a href={idea.path}>
            <span class="contents-name">{idea.name}</span>
            <span class="contents-headline">{idea.headline}</span>
          </a>
        </li>
      ))}
    </ol>
  </Page>
);

/** What reads a connection, as against what explains it. */
export const Instruments: FC<IndexProps> = (props) => (
  <Page {...props} title="Instruments · Interleave" path="/instruments">
    <h1>These read connections; what they mean stands in the story.</h1>
    <p class="standfirst">
      An instrument shows what it finds and who measured it. None of them sends anything to anybody else.
    </p>
    <ul class="contents">
      {INSTRUMENTS.map(({ path, name, headline }) => (
        <li>
          <a href={path}>
            <span class="contents-name">{name}</span>
            <span class="contents-headline">{headline}</span>
          </a>
        </li>
      ))}
      <li>
        <a href="/analyse">
          <span class="contents-name">The connection report</span>
          <span class="contents-headline">
            Drop a HAR, a NetLog or a qlog: how many connections carried it, and which need not have been.
          </span>
        </a>
      </li>
      <li>
        <a href="/capabilities">
          <span class="contents-name">Who knows what</span>
          <span class="contents-headline">{CAPABILITIES_HEADLINE}</span>
        </a>
      </li>
      <li>
        <a href="/reqinfo">
          <span class="contents-name">This request as text</span>
          <span class="contents-headline">Every fact about the request that asks, one a line, with its source.</span>
        </a>
      </li>
      <li>
        <a href="/api/v1/request">
          <span class="contents-name">This request as JSON</span>
          <span class="contents-headline">The same, for programs: version 1 of the record.</span>
        </a>
      </li>
    </ul>
  </Page>
);
