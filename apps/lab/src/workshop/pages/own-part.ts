/** The page that the learner's server carries: each of its images with the connection that brought it, and a way to open it oneself. */
import type { CheckResult, Exercise, HandlerRule } from '@interleave/judge';
import { type OwnKind, type OwnPageView, ownKind, pageCheck, timelineOf } from '@interleave/judge/watch';
import { html } from 'hono/html';
import { figure } from './check-part.ts';
import type { Html } from './layout.ts';
import { loadsFigure } from './protocols-part.ts';

type Seen = Pick<CheckResult, 'connections'>;

/** The section below the run; nothing for an exercise without such a page. */
export function ownSection(exercise: Exercise): Html {
  const kind = ownKind(exercise);
  if (kind === null) return html``;
  const { title, text, button } = SAID[kind];
  return html`<section class="run own" aria-labelledby="own-title">
<h2 id="own-title">${title}</h2>
<p>${text}</p>
<p class="controls"><button type="button" data-action="own">${button}</button></p>
<div id="own" role="status" aria-live="polite"></div>
<div id="own-picture"></div>
</section>`;
}

const SAID: Readonly<
  Record<OwnKind, { readonly title: string; readonly text: Html | string; readonly button: string }>
> = {
  server: {
    title: 'The same page, in this browser.',
    text: 'Your server starts on a port of this machine, with your file as it is now. What this browser does with it is drawn below.',
    button: 'Start your server',
  },
  'secure server': {
    title: 'The same page, in your own browser.',
    text: html`Your server starts on a port of this machine, with your files as they are now, behind TLS: a browser asks for <code>h2</code> by ALPN and gets it from your code. The certificate is the lab’s own, so yours warns of it once, as on the lab’s other ports: choose <i>Advanced</i>, and go on to localhost. The Chromium of <code>npm run browser</code> trusts it. What your browser does is drawn below.`,
    button: 'Start your server',
  },
  roads: {
    title: 'The three roads, in this browser.',
    text: 'A page of its own loads your files as they are now, and packets come to them over a WebSocket, slot by slot, so that you can follow them.',
    button: 'Start the roads',
  },
};

/** What a browser has done on the learner's server, as a picture; nothing before it came. */
export function ownPicture(exercise: Exercise, view: OwnPageView): Html {
  if (view.connections.every(({ exchanges }) => exchanges.length === 0)) return html``;
  const timeline = timelineOf(view);
  const told = 'Real time, measured at the sockets of your server. Load the page again, and more is drawn.';
  if (ownKind(exercise) === 'secure server') return html`<h3>${timeline.title}.</h3>${loadsFigure(view, told)}`;
  return html`<h3>${timeline.title}.</h3>${imagesPart(exercise, view)}${figure(timeline, 'own', told)}`;
}

/** The images of the page, named by the connection that brought them last. */
export function imagesPart(exercise: Exercise, test: Seen): Html {
  const check = pageCheck(exercise);
  if (check === null || check.scene.kind !== 'server') return html``;
  const images = check.scene.handler.flatMap((rule) => imageOf(rule) ?? []);
  const carriers = images.map(({ on }) => carrierOf(on, test));
  if (carriers.every((carrier) => carrier === null)) return html``;
  const came = carriers.filter((carrier) => carrier !== null);
  const lanes = new Set(came).size;
  return html`<figure class="run-figure"><ol class="carried">${images.map(
    ({ source, on }, i) =>
      html`<li><img src="${source}" alt="${on}"><span class="id">${carriers[i] ?? 'did not come'}</span></li>`,
  )}</ol>
<figcaption class="small quiet">The images of the page, as your code carried them: ${lanes} ${lanes === 1 ? 'connection' : 'connections'} brought ${came.length} of ${images.length}.</figcaption></figure>`;
}

function imageOf({ on, reply }: HandlerRule): { on: string; source: string } | null {
  const type = reply.fields?.find(([name]) => name.toLowerCase() === 'content-type')?.[1];
  if (type !== 'image/svg+xml' || typeof reply.body !== 'string') return null;
  return { on, source: `data:image/svg+xml,${encodeURIComponent(reply.body)}` };
}

function carrierOf(request: string, { connections }: Seen): string | null {
  const carrier = connections.findLast(({ exchanges }) =>
    exchanges.some((it) => it.request === request && it.last !== null),
  );
  return carrier?.id ?? null;
}
