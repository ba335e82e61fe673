import type { StateStep } from '@interleave/trace/frames';
import { escapeMarkup } from '@interleave/trace/look';
import { REQUEST_STATES, RESPONSE_STATES } from '@interleave/wire/http1';
import { STREAM_TRANSITIONS } from '@interleave/wire/http2';
import { MESSAGE_TRANSITIONS } from '@interleave/wire/http3';

/** One arrow of a table of states. */
interface Arrow {
  readonly from: string;
  readonly on: string;
  readonly to: string;
}

/** A table of states as the core has it: the code asks the very same one. */
export interface StateTable {
  readonly title: string;
  readonly arrows: readonly Arrow[];
}

function nested(table: Readonly<Record<string, Readonly<Partial<Record<string, string>>>>>): Arrow[] {
  return Object.entries(table).flatMap(([from, steps]) =>
    Object.entries(steps).map(([on, to]) => ({ from, on, to: to ?? from })),
  );
}

/** The table that a step was taken in. */
export function stateTable(protocol: 'http1' | 'http2' | 'http3', of: StateStep['of'], seenFrom: string): StateTable {
  if (protocol === 'http2') {
    // Push is refused here: its states are the RFC's, and nobody gets there.
    const used = STREAM_TRANSITIONS.filter(({ from, on }) => !`${from} ${on}`.match(/reserved|PUSH/));
    return { title: `A stream, seen from the ${seenFrom} (RFC 9113 §5.1)`, arrows: used };
  }
  if (protocol === 'http3') return { title: `One ${of} (RFC 9114 §4.1)`, arrows: nested(MESSAGE_TRANSITIONS) };
  const table = of === 'response' ? RESPONSE_STATES : REQUEST_STATES;
  return { title: `One ${of} (RFC 9112 §2.1)`, arrows: nested(table) };
}

/** The table with the steps of a stream so far: each has its number in the cell that it went through; `now` is the frame's own. */
export function stateTableHtml(table: StateTable, steps: readonly StateStep[], now: readonly StateStep[]): string {
  const inputs = unique(table.arrows.map(({ on }) => on));
  const states = unique(table.arrows.flatMap(({ from, to }) => [from, to])).filter((state) =>
    table.arrows.some(({ from }) => from === state),
  );
  const last = steps.at(-1)?.next ?? null;
  const rows = states.map((state) => {
    const cells = inputs.map((on) => {
      const to = table.arrows.find((arrow) => arrow.from === state && arrow.on === on)?.to;
      if (to === undefined) return '<td class="no">·</td>';
      const taken = steps.flatMap((step, at) => (step.old === state && step.on === on ? [at + 1] : []));
      const isNow = now.some((step) => step.old === state && step.on === on);
      const mark = taken.length > 0 ? `<b class="step">${taken.join(' ')}</b> ` : '';
      return `<td class="${isNow ? 'now' : taken.length > 0 ? 'went' : ''}">${mark}${escapeMarkup(to)}</td>`;
    });
    const here = state === last ? ' class="here"' : '';
    return `<tr${here}><th scope="row">${escapeMarkup(state)}</th>${cells.join('')}</tr>`;
  });
  const head = inputs.map((on) => `<th scope="col">${escapeMarkup(on)}</th>`).join('');
  return (
    `<table class="states"><caption>${escapeMarkup(table.title)}. Rows are states, columns what happens; numbers are the steps of this one, in order.</caption>` +
    `<thead><tr><th scope="col">state</th>${head}</tr></thead><tbody>${rows.join('')}</tbody></table>`
  );
}

/** `idle → open → half-closed (remote)`, with what happened over each arrow. */
export function pathHtml(steps: readonly StateStep[], now: readonly StateStep[]): string {
  const [first] = steps;
  if (first === undefined) return '<p class="quiet small">It moves no state.</p>';
  const arrows = steps.map((step) => {
    const isNow = now.includes(step);
    return `<li${isNow ? ' class="now"' : ''}><span class="on">${escapeMarkup(step.on)}</span> <span class="state">${escapeMarkup(step.next)}</span></li>`;
  });
  return `<ol class="path"><li><span class="on"></span><span class="state">${escapeMarkup(first.old)}</span></li>${arrows.join('')}</ol>`;
}

function unique(all: readonly string[]): string[] {
  return [...new Set(all)];
}
