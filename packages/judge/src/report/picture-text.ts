/** What an exercise is about, as a few lines below the frames of its run: for the terminal. */
import { clip } from '@interleave/trace/look';
import type { CheckResult } from '../result.ts';
import { bandsOf, bandsText, bandsTitle } from './bands.ts';
import { wrap } from './failure.ts';
import { idMatchesOf, idMatchesText, idMatchesTitle } from './id-matches.ts';
import { protocolsOf, protocolsText, protocolsTitle } from './protocols.ts';
import { pursesOf, pursesText, pursesTitle } from './purses.ts';
import { statesOf, statesText, statesTitle } from './states.ts';
import { tablesOf, tablesText } from './tables.ts';
import { tilesOf } from './tiles.ts';

/** Frames of stream 0 that are told. */
const SAID = 14;

/** A heading and its lines; empty where the exercise names no picture, or the run holds nothing of it. */
export function pictureText(test: CheckResult, columns: number): string[] {
  switch (test.picture) {
    case 'tables': {
      const text = tablesText(tablesOf(test), columns - 2);
      return text === '' ? [] : told('Each block of the client, and how full the table is behind it', text, columns);
    }
    case 'states': {
      const states = statesOf(test);
      return states.length === 0
        ? []
        : told(states.map(statesTitle).join('; '), statesText(states, columns - 2), columns);
    }
    case 'purses':
    case 'credit': {
      const purses = pursesOf(test, test.picture === 'purses' ? 'learner' : 'peer');
      const what = test.picture === 'purses' ? 'What your code may send' : 'What may still come to your code';
      return purses.length === 0
        ? []
        : told(`${what}: ${purses.map(pursesTitle).join('; ')}`, pursesText(purses, columns - 2), columns);
    }
    case 'connection':
      return conversation(test, columns);
    case 'bands': {
      const [bands] = bandsOf(test);
      return bands === undefined ? [] : told(bandsTitle(bands), bandsText(bands, columns - 2), columns);
    }
    case 'arrows': {
      const matches = idMatchesOf(test);
      return matches === null ? [] : told(idMatchesTitle(matches), idMatchesText(matches, columns - 2), columns);
    }
    case 'protocols': {
      const loads = protocolsOf(test);
      return loads === null ? [] : told(protocolsTitle(loads), protocolsText(loads, columns - 2), columns);
    }
    default:
      return [];
  }
}

/** The picture says what timeline and frames would say, in fewer lines. */
export function standsAlone({ picture }: CheckResult): boolean {
  return picture === 'bands' || picture === 'arrows' || picture === 'protocols';
}

function told(title: string, text: string, columns: number): string[] {
  return [
    ...wrap(`${title}.`, columns - 2, 0).map((line) => `  ${line}`),
    '',
    ...text.split('\n').map((line) => `  ${line}`),
    '',
  ];
}

/** The run that shows best what the exercise is about, where that is not the browser's: Chromium gives more than a reply needs. */
export function tellingOf(tests: readonly CheckResult[]): CheckResult | undefined {
  const both = tests.find((test) => test.picture === 'protocols' && protocolsOf(test) !== null);
  if (both !== undefined) return both;
  const held = (test: CheckResult): number =>
    test.picture !== 'purses' ? 0 : pursesOf(test, 'learner').reduce((sum, it) => sum + it.held.length, 0);
  const [best] = tests.map((test) => ({ test, held: held(test) })).sort((a, b) => b.held - a.held);
  return best === undefined || best.held === 0 ? undefined : best.test;
}

/** `c1 client  SETTINGS …`: what is said on stream 0, in order. */
function conversation(test: CheckResult, columns: number): string[] {
  const lines = tilesOf(test).flatMap(({ connection, rows }) =>
    (rows.find(({ stream }) => stream === 0)?.tiles ?? []).map(
      ({ by, words }) => `${connection} ${by === 'client' ? '→' : '←'}  ${words}`,
    ),
  );
  if (lines.length === 0) return [];
  const left = lines.length - SAID;
  const shown = left > 0 ? [...lines.slice(0, SAID), `… and ${left} more`] : lines;
  return told('What is said on stream 0', shown.map((line) => clip(line, columns - 2)).join('\n'), columns);
}
