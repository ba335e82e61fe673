import type { Exercise, Track } from '@interleave/judge';
import type { Progress } from '@interleave/judge/watch';
import { html } from 'hono/html';
import type { Html } from './layout.ts';

const TRACKS: Readonly<Record<Track, { readonly title: string; readonly idea: string }>> = {
  'keep-alive': {
    title: 'Keep-alive',
    idea: 'One connection outlives many exchanges, and every exchange is still a message of its own.',
  },
  pipelining: {
    title: 'Pipelining',
    idea: 'Several requests are under way at once, and only their order says whose answer is whose.',
  },
  demultiplexing: {
    title: 'Stream demultiplexing',
    idea: 'Frames of many exchanges come mixed; a number on each says whose it is.',
  },
  'head-of-line': {
    title: 'Head-of-line blocking',
    idea: 'One missing byte range holds all later bytes of the same order, whoever they belong to.',
  },
};

export interface ListPage {
  readonly exercises: readonly Exercise[];
  readonly progress: Progress;
  readonly next: Exercise | null;
}

/** Every exercise with how far it is. */
export function listPage({ exercises, progress, next }: ListPage): Html {
  const passed = exercises.filter((exercise) => progress.exercises[exercise.id]?.passedAt).length;
  const tracks = Object.keys(TRACKS) as Track[];
  const present = tracks.filter((track) => exercises.some((exercise) => exercise.track === track));
  const headline =
    passed === 0
      ? 'You write the server; bytes and a browser judge it.'
      : passed === exercises.length
        ? 'Every exercise here passes.'
        : `${passed} of ${exercises.length} exercises pass.`;
  return html`<h1>${headline}</h1>
<p class="standfirst">Each exercise is one file in your own editor. Save it: raw bytes judge it first, cut at every position, then an unmodified Chromium counts its connections. Begin where you like: what comes before, and you have not written, is given to you.</p>
${next === null ? '' : html`<p class="go-on"><a class="button primary" href="/workshop/${next.id}">${progress.current === next.id ? 'Go on with' : 'Begin with'} ${next.id}</a> <span class="quiet">${next.title}, ${next.minutes} minutes</span></p>`}
${present.map((track) => trackPart(track, exercises, progress, next))}
<p class="small quiet gate-link">How good is the judge? <a href="/workshop/gate">The kill matrix</a> shows each mistake it is proved with.</p>`;
}

function trackPart(track: Track, exercises: readonly Exercise[], progress: Progress, next: Exercise | null): Html {
  const { title, idea } = TRACKS[track];
  return html`<section class="track" aria-labelledby="t-${track}">
<h2 id="t-${track}">${title}</h2>
<p class="quiet">${idea}</p>
<ol class="exercises">${exercises.filter((exercise) => exercise.track === track).map((exercise) => row(exercise, progress, next))}</ol>
</section>`;
}

function row(exercise: Exercise, progress: Progress, next: Exercise | null): Html {
  const mine = progress.exercises[exercise.id];
  const passed = mine?.passedAt ?? null;
  const state =
    passed !== null
      ? { sign: '✓', name: 'good', text: `passed ${passed.slice(0, 10)}` }
      : mine?.failing
        ? {
            sign: '✗',
            name: 'bad',
            text: `${mine.passed.length} of ${exercise.checks.length} pass, ${mine.failing} fails first`,
          }
        : { sign: '·', name: 'quiet', text: 'not begun' };
  return html`<li><a href="/workshop/${exercise.id}" ${next?.id === exercise.id ? html`aria-current="step"` : ''}>
<span class="sign ${state.name}" aria-hidden="true">${state.sign}</span>
<span class="id">${exercise.id}</span>
<span class="title">${exercise.title}</span>
<span class="small quiet idea">${exercise.idea}</span>
<span class="small state ${state.name}">${state.text}</span>
<span class="small quiet minutes">${exercise.minutes} min</span></a></li>`;
}
