/** A run on HTTP/2, connection by connection: what the exercise is about first, then the frames, and what else there is folded. */
import type { CheckResult } from '@interleave/judge';
import {
  type Purses,
  pursesOf,
  pursesTitle,
  type States,
  statesOf,
  statesTitle,
  type Tables,
  type Tiles,
  tablesOf,
  tilesOf,
  tilesTitle,
} from '@interleave/judge/watch';
import { html } from 'hono/html';
import { bandsBefore, bandsPart } from './bands-part.ts';
import type { Companion } from './companion.ts';
import { conversationFigure } from './conversation-part.ts';
import { idMatchPart } from './id-match-part.ts';
import { lanesBefore } from './lanes-part.ts';
import type { Html } from './layout.ts';
import { heldList, pursesBefore, pursesFigure, pursesHeading } from './purses-part.ts';
import { statesFigure, statesHeading, statesTable } from './states-part.ts';
import { linesTable, tablesFigure, tablesHeading, tablesTitle } from './tables-part.ts';
import { tilesFigure } from './tiles-part.ts';

/** An upload from here on is worth a picture of the windows, whatever the exercise. */
const WORTH = 32 * 1024;

/** Connections that are drawn frame by frame. */
const CONNECTIONS = 4;

type Told = {
  readonly tiles: Tiles;
  readonly tables: readonly Tables[];
  readonly states: States | undefined;
  readonly purses: Purses | undefined;
  readonly credit: Purses | undefined;
  /** Nobody else is in the run: the heading above says what is drawn. */
  readonly isAlone: boolean;
};

/** Nothing where no connection spoke HTTP/2. `id` keeps ids apart when several checks stand in one document. */
export function http2Part(test: CheckResult, id: string, companion: Companion | null = null): Html {
  const all = tilesOf(test);
  if (all.length === 0) return html``;
  const shown = mostTelling(all, test);
  const some = {
    ...test,
    connections: test.connections.filter((it) => shown.some(({ connection }) => connection === it.id)),
  };
  const [tables, states] = [tablesOf(some), statesOf(some)];
  const [purses, credit] = [pursesOf(some, 'learner'), pursesOf(some, 'peer')];
  const of = <T extends { readonly connection: string }>(list: readonly T[], tiles: Tiles): T | undefined =>
    list.find(({ connection }) => connection === tiles.connection);
  const before =
    companion === null
      ? ''
      : test.picture === 'bands'
        ? bandsBefore(companion)
        : test.picture === 'credit'
          ? pursesBefore(companion, `${id}-before`)
          : test.picture === 'lanes'
            ? lanesBefore(companion, `${id}-before`)
            : '';
  return html`${before}${shown.map((tiles, i) =>
    connectionPart(test, companion, `${id}-${i}`, {
      tiles,
      tables: tables.filter(({ connection }) => connection === tiles.connection),
      states: of(states, tiles),
      purses: of(purses, tiles),
      credit: of(credit, tiles),
      isAlone: all.length === 1,
    }),
  )}${all.length > shown.length ? html`<p class="small quiet">${all.length - shown.length} more connections spoke HTTP/2; the timeline has all of them.</p>` : ''}`;
}

/** The first ones, and the one that a failure is about. */
function mostTelling(all: readonly Tiles[], { failure }: CheckResult): readonly Tiles[] {
  const failing = failure?.received?.connection ?? failure?.sent?.connection;
  const first = all.slice(0, CONNECTIONS);
  const other = all.slice(CONNECTIONS).find(({ connection }) => connection === failing);
  return other === undefined ? first : [other, ...first.slice(0, -1)];
}

/** What is drawn of it, where the exercise is about something that the timeline does not show; null where it is not. */
export function http2Title(test: CheckResult): string | null {
  const { picture } = test;
  const [states] = picture === 'states' ? statesOf(test) : [];
  if (states !== undefined) return statesTitle(states);
  const [tables] = picture === 'tables' ? tablesOf(test) : [];
  if (tables?.by === 'client') return tablesTitle(tables);
  const [purses] =
    picture === 'purses' ? pursesOf(test, 'learner') : picture === 'credit' ? pursesOf(test, 'peer') : [];
  return purses === undefined ? null : pursesTitle(purses);
}

function connectionPart(test: CheckResult, companion: Companion | null, id: string, told: Told): Html {
  const { picture } = test;
  const { tiles, states } = told;
  const first =
    picture === undefined
      ? ''
      : picture === 'bands'
        ? bandsPart(test, tiles.connection, companion === null ? 'Whose turn it was' : 'After')
        : picture === 'arrows'
          ? idMatchPart(test, tiles.connection, id, companion)
          : pictureOf(picture, told, id, true);
  // Who meets frames for the first time has not heard of a table yet.
  const isBeforeTables = picture === undefined || picture === 'lanes';
  const others = (['states', 'tables', 'purses', 'credit'] as const).filter(
    (it) => it !== picture && !(it === 'tables' && isBeforeTables) && isTelling(it, told),
  );
  return html`<div class="replay" data-frames="${tiles.frames}">
${replayBar(tiles)}
${first}
${picture === 'bands' ? html`<details><summary>Frames: ${tilesTitle([tiles])}</summary>${framesPart(tiles)}</details>` : html`<h3>Frames <span class="quiet">${tilesTitle([tiles])}</span></h3>${framesPart(tiles)}`}
${others.map((it) => html`<details><summary>${FOLDED[it]}</summary>${pictureOf(it, told, id, false)}</details>`)}
<details><summary>Each frame in words</summary>${frameList(tiles, states)}</details>
</div>`;
}

function framesPart(tiles: Tiles): Html {
  const cut = tiles.isCut
    ? html`<p class="small quiet">Frames are kept up to the first 256 kB of a run: what came behind is not drawn among them.</p>`
    : '';
  return html`${tilesFigure(tiles)}${cut}`;
}

const FOLDED = {
  states: 'The states of the streams',
  tables: 'The header blocks, and the table behind each',
  purses: 'What your code may send, and who was held',
  credit: 'What came, and what was given back',
} as const;

/** `isFirst`: the exercise is about it, so that it is told in full. */
function pictureOf(picture: NonNullable<CheckResult['picture']>, told: Told, id: string, isFirst: boolean): Html {
  const { tiles, states, tables, purses, credit } = told;
  const isTold = isFirst && told.isAlone;
  if (picture === 'connection') return conversationFigure(tiles);
  if (picture === 'states' && states !== undefined)
    return html`${statesHeading(states, isTold)}${statesFigure(states)}${statesTable(states)}`;
  const client = tables.find(({ by }) => by === 'client');
  if (picture === 'tables' && client !== undefined)
    return html`${tablesHeading(client, isTold)}${tablesFigure(client)}${isFirst ? linesTable(client) : ''}`;
  const paid = picture === 'purses' ? purses : picture === 'credit' ? credit : undefined;
  return paid === undefined
    ? html``
    : html`${pursesHeading(paid, isTold)}${pursesFigure(paid, `${id}-${picture}`)}${heldList(paid, tiles)}`;
}

/** Whether a picture says something that the frames do not, in a run that is about something else. */
function isTelling(picture: keyof typeof FOLDED, { states, tables, purses, credit }: Told): boolean {
  if (picture === 'states')
    return (states?.ways ?? []).some(({ reset, misplaced }) => reset !== null || misplaced.length > 0);
  if (picture === 'tables')
    return tables.some(({ by, blocks }) => by === 'client' && blocks.some(({ used }) => used.length > 0));
  if (picture === 'purses') return (purses?.held ?? []).length > 0;
  return (credit?.held ?? []).length > 0 || (credit?.purses[0]?.spent ?? 0) >= WORTH;
}

/** Steps through the run, frame by frame; every picture below it follows. */
function replayBar({ connection, frames }: Tiles): Html {
  return html`<div class="replay-bar" role="group" aria-label="The run of ${connection}, frame by frame">
<button type="button" data-replay="play">Play</button>
<button type="button" data-replay="back" aria-label="One frame back">←</button>
<input type="range" min="0" max="${frames}" value="${frames}" aria-label="How many frames of ${connection}" aria-valuetext="all ${frames} frames">
<button type="button" data-replay="on" aria-label="One frame on">→</button>
<output class="small">All ${frames} frames. Play them, or step back through them.</output>
</div>`;
}

/** In the order of the wire, with what each does to its stream. The bar above says the one at which it stands. */
function frameList(tiles: Tiles, states: States | undefined): Html {
  const notes = notesOf(states);
  return html`<ol class="small frame-list" tabindex="0">${tiles.rows
    .flatMap(({ tiles: own }) => own)
    .toSorted((a, b) => a.place - b.place)
    .map(({ place, by, words }) => {
      const note = notes.get(place);
      return html`<li data-at="${place}">${by === 'client' ? '→' : '←'} <code>${words}</code>${note === undefined ? '' : html` <span class="quiet">· ${note}</span>`}</li>`;
    })}</ol>`;
}

function notesOf(states: States | undefined): Map<number, string> {
  const notes = new Map<number, string>();
  for (const { stream, steps, misplaced } of states?.ways ?? []) {
    for (const { place, old, next } of steps)
      notes.set(place, `${notes.get(place) ?? `stream ${stream}: ${old}`} → ${next}`);
    for (const { place, state } of misplaced) notes.set(place, `stream ${stream} is ${state}`);
  }
  return notes;
}
