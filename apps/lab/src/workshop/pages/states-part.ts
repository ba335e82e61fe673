/** The diagram of RFC 9113 §5.1 with the streams of the run in it: each is a token that stands in its state. */
import { type States, type StreamWay, statesTitle, wayNotes } from '@interleave/judge/watch';
import { html } from 'hono/html';
import type { Html } from './layout.ts';
import { areaOf, type Box, layoutOf, MOST, type StatesLayout, WORDS } from './states-layout.ts';

/** `isTold`: what it comes to is said above. */
export function statesHeading(states: States, isTold: boolean): Html {
  return html`<h3>The states of its streams <span class="quiet">${isTold ? states.connection : statesTitle(states)}</span></h3>`;
}

export function statesFigure(states: States): Html {
  const isServer = states.learner === 'server';
  const more = states.ways.length > MOST ? ` The first ${MOST} streams are drawn.` : '';
  return html`<figure class="run-figure"><div class="wide">${picture(states, true)}</div><div class="narrow">${picture(states, false)}</div>
<figcaption class="small quiet">Seen from your ${isServer ? 'server' : 'client'} (RFC 9113 §5.1). Each circle is a stream of your run, with its id; a dashed one was given up. The number at an arrow says how many streams took it.${more}</figcaption></figure>`;
}

type Arrow = {
  /** `open / receive END_STREAM`: the steps that it stands for. */
  readonly steps: readonly string[];
  readonly d: string;
  readonly label: { readonly x: number; readonly y: number; readonly anchor: 'start' | 'middle' | 'end' };
  readonly words: string;
};

function picture(states: States, isWide: boolean): Html {
  const layout = layoutOf(states, isWide);
  const { width, height, idle, open, remote, local, closed } = layout;
  const peer = states.learner === 'server' ? 'the client' : 'the server';
  const ended = areaOf(layout, 'given up');
  return html`<svg viewBox="0 0 ${width} ${height}" width="100%" role="img" aria-label="${statesTitle(states)}" class="states-picture">
${(isWide ? wideArrows(layout) : narrowArrows(layout)).map((arrow) => arrowShape(arrow, states.ways))}
${box(idle, 'idle', '')}${box(open, 'open', 'both sides may send')}
${box(remote, 'half-closed (remote)', isWide ? `${peer} has said all, you have not` : `${peer} has said all`)}
${box(local, 'half-closed (local)', isWide ? `you have said all, ${peer} has not` : 'you have said all')}
${box(closed, 'closed', 'ended from both sides')}
<line x1="${ended.x}" x2="${ended.x + ended.width}" y1="${(ended.y - WORDS).toFixed(1)}" y2="${(ended.y - WORDS).toFixed(1)}" class="st-part"/>
<text x="${ended.x + 10}" y="${(ended.y - 3).toFixed(1)}" class="st-words">given up by RST_STREAM</text>
${layout.tokens.map((token) => tokenShape(token, layout.radius))}</svg>`;
}

function box({ x, y, width, height }: Box, name: string, words: string): Html {
  return html`<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="6" class="st-box"/>
<text x="${words === '' ? x + width / 2 : x + 10}" y="${words === '' ? y + height / 2 + 5 : y + 20}" ${words === '' ? html`text-anchor="middle"` : ''} class="st-name">${name}</text>
${words === '' ? '' : html`<text x="${x + 10}" y="${y + 36}" class="st-words">${words}</text>`}`;
}

function tokenShape({ stream, isGivenUp, isClosed, stops }: StatesLayout['tokens'][number], radius: number): Html {
  const last = stops.at(-1) ?? { x: 0, y: 0 };
  const way = stops.map(({ at, x, y }) => `${at},${x.toFixed(1)},${y.toFixed(1)}`).join(' ');
  const text = `${stream}`;
  const size = Math.min(12, (2.1 * radius) / Math.max(1.6, text.length * 0.62));
  return html`<g class="st-token${isGivenUp ? ' given-up' : ''}${isClosed ? ' is-closed' : ''}" ${isClosed ? html`data-closes` : ''} data-way="${way}" transform="translate(${last.x.toFixed(1)} ${last.y.toFixed(1)})"><title>stream ${stream}</title><circle r="${radius}"/>${radius < 9 ? '' : html`<text y="${(size * 0.36).toFixed(1)}" text-anchor="middle" font-size="${size.toFixed(1)}">${text}</text>`}</g>`;
}

function arrowShape({ steps, d, label, words }: Arrow, ways: readonly StreamWay[]): Html {
  const taken = ways.flatMap((way) => way.steps.filter(({ old, on }) => steps.includes(`${old} / ${on}`)));
  const places = [...new Set(taken.map(({ place }) => place))];
  const lines = words.split('|');
  return html`<g class="st-arrow${taken.length === 0 ? ' unused' : ''}" data-took="${places.join(' ')}"><path d="${d}"/>${headAt(d)}
${lines.map((line, i) => html`<text x="${label.x}" y="${label.y + 14 * i}" text-anchor="${label.anchor}">${line}${i === lines.length - 1 && taken.length > 0 ? html` <tspan class="st-count">${taken.length}</tspan>` : ''}</text>`)}</g>`;
}

/** The head of an arrow: markers need ids, and ids must differ in a document of many pictures. */
function headAt(d: string): Html {
  const points = [...d.matchAll(/(-?[\d.]+) (-?[\d.]+)/g)].map(([, x, y]) => [Number(x), Number(y)] as const);
  const [x, y] = points.at(-1) ?? [0, 0];
  const [fromX, fromY] = points.at(-2) ?? [0, 0];
  const angle = (Math.atan2(y - fromY, x - fromX) * 180) / Math.PI;
  return html`<path class="st-head" d="M0 0l-9 -4.5v9z" transform="translate(${x} ${y}) rotate(${angle.toFixed(1)})"/>`;
}

const RESET = ['send RST_STREAM', 'receive RST_STREAM'] as const;
const resets = (state: string): string[] => RESET.map((on) => `${state} / ${on}`);

const OPENED = ['idle / receive HEADERS', 'idle / send HEADERS'];
const REMOTE = ['open / receive END_STREAM'];
const LOCAL = ['open / send END_STREAM'];
const REMOTE_END = ['half-closed (remote) / send END_STREAM'];
const LOCAL_END = ['half-closed (local) / receive END_STREAM'];

function wideArrows({ idle, open, remote, local, closed }: StatesLayout): Arrow[] {
  const middle = open.y + open.height / 2;
  const right = (box: Box): number => box.x + box.width;
  const remoteY = remote.y + 52;
  const localY = local.y + 52;
  return [
    {
      steps: OPENED,
      d: `M${right(idle)} ${middle} L${open.x - 1} ${middle}`,
      label: { x: (right(idle) + open.x) / 2, y: middle - 24, anchor: 'middle' },
      words: 'HEADERS|opens it',
    },
    {
      steps: REMOTE,
      d: `M${right(open)} ${open.y + 34} C${right(open) + 60} ${open.y + 34} ${remote.x - 70} ${remoteY} ${remote.x - 1} ${remoteY}`,
      label: { x: remote.x - 12, y: remoteY - 26, anchor: 'end' },
      words: 'receive|END_STREAM',
    },
    {
      steps: LOCAL,
      d: `M${right(open)} ${open.y + 86} C${right(open) + 60} ${open.y + 86} ${local.x - 70} ${localY} ${local.x - 1} ${localY}`,
      label: { x: local.x - 12, y: localY + 20, anchor: 'end' },
      words: 'send|END_STREAM',
    },
    {
      steps: resets('open'),
      d: `M${right(open)} ${middle} L${closed.x - 1} ${middle}`,
      label: { x: (remote.x + right(remote)) / 2, y: middle - 8, anchor: 'middle' },
      words: 'RST_STREAM, sent or received',
    },
    {
      steps: REMOTE_END,
      d: `M${right(remote)} ${remote.y + 34} L${closed.x - 1} ${remote.y + 34}`,
      label: { x: (right(remote) + closed.x) / 2, y: remote.y + 26, anchor: 'middle' },
      words: 'send END_STREAM',
    },
    {
      steps: resets('half-closed (remote)'),
      d: `M${right(remote)} ${remote.y + 88} L${closed.x - 1} ${remote.y + 88}`,
      label: { x: (right(remote) + closed.x) / 2, y: remote.y + 80, anchor: 'middle' },
      words: 'RST_STREAM',
    },
    {
      steps: LOCAL_END,
      d: `M${right(local)} ${local.y + 88} L${closed.x - 1} ${local.y + 88}`,
      label: { x: (right(local) + closed.x) / 2, y: local.y + 80, anchor: 'middle' },
      words: 'receive END_STREAM',
    },
    {
      steps: resets('half-closed (local)'),
      d: `M${right(local)} ${local.y + 34} L${closed.x - 1} ${local.y + 34}`,
      label: { x: (right(local) + closed.x) / 2, y: local.y + 26, anchor: 'middle' },
      words: 'RST_STREAM',
    },
  ];
}

function narrowArrows({ idle, open, remote, local, closed }: StatesLayout): Arrow[] {
  const bottom = (box: Box): number => box.y + box.height;
  const middle = idle.x + idle.width / 2;
  const down = (x: number, from: Box, to: Box): string => `M${x} ${bottom(from)} L${x} ${to.y - 1}`;
  const gap = bottom(remote) + 16;
  return [
    {
      steps: OPENED,
      d: down(middle, idle, open),
      label: { x: middle + 10, y: bottom(idle) + 28, anchor: 'start' },
      words: 'HEADERS',
    },
    {
      steps: REMOTE,
      d: down(remote.x + 108, open, remote),
      label: { x: remote.x + 100, y: bottom(open) + 26, anchor: 'end' },
      words: 'receive|END_STREAM',
    },
    {
      steps: LOCAL,
      d: down(local.x + 60, open, local),
      label: { x: local.x + 68, y: bottom(open) + 26, anchor: 'start' },
      words: 'send|END_STREAM',
    },
    {
      steps: resets('open'),
      d: `M${middle} ${bottom(open)} L${middle} ${closed.y - 1}`,
      label: { x: middle, y: bottom(open) + 40, anchor: 'middle' },
      words: 'RST',
    },
    {
      steps: REMOTE_END,
      d: down(remote.x + 20, remote, closed),
      label: { x: remote.x + 28, y: gap + 4, anchor: 'start' },
      words: 'send|END_STREAM',
    },
    {
      steps: resets('half-closed (remote)'),
      d: down(remote.x + 128, remote, closed),
      label: { x: remote.x + 136, y: gap + 34, anchor: 'start' },
      words: 'RST',
    },
    {
      steps: LOCAL_END,
      d: down(local.x + 60, local, closed),
      label: { x: local.x + 68, y: gap + 4, anchor: 'start' },
      words: 'receive|END_STREAM',
    },
    {
      steps: resets('half-closed (local)'),
      d: down(local.x + 20, local, closed),
      label: { x: local.x + 28, y: gap + 34, anchor: 'start' },
      words: 'RST',
    },
  ];
}

/** The same as text: a row for each stream, with the frame at which it took each arrow. */
export function statesTable({ ways }: States): Html {
  return html`<details><summary>The states as a table</summary><div class="table-scroll" tabindex="0" role="group" aria-label="The states as a table"><table class="small">
<thead><tr><th scope="col">stream</th><th scope="col">request</th><th scope="col">from idle on, with the frame of each step</th><th scope="col">beside it</th></tr></thead>
<tbody>${ways.map(
    (way) =>
      html`<tr><th scope="row">${way.stream}</th><td>${way.request ?? ''}</td><td>${way.steps.length === 0 ? 'never opened' : way.steps.map(({ next, on, place }) => `${next} (${on}, ${place + 1})`).join(' → ')}</td><td>${[...wayNotes(way).slice(0, way.reset === null ? 0 : 1), ...way.misplaced.map(({ words, state }) => `${words}, when ${state}`)].join('; ')}</td></tr>`,
  )}</tbody></table></div></details>`;
}
