/** HL2's picture of a run in which each stream has its own order: the same kind of hole, and only the row waits whose bytes are in it. */
import type { CheckResult } from '@interleave/judge';
import { type PacketRow, type PacketRows, packetRowsOf, packetRowsTitle } from '@interleave/judge/watch';
import { html } from 'hono/html';
import type { Companion } from './companion.ts';
import { heldFigure } from './held-part.ts';
import type { Html } from './layout.ts';

const ROW = 30;
const TOP = 30;

/** Null where no packet was lost. The companion is a run of HL2: one order for all. */
export function packetsPart(test: CheckResult, companion: Companion | null): Html | null {
  const rows = packetRowsOf(test);
  if (rows === null) return null;
  const [one] = companion?.test.held ?? [];
  const beside =
    companion === null || one === undefined
      ? ''
      : html`<h3>One order for all <span class="quiet">${companion.label}</span></h3>${heldFigure(one)}`;
  return html`<h3>Each its own order <span class="quiet">${test.checkId}</span></h3>
<figure class="run-figure"><div class="wide">${picture(rows, 1230)}</div><div class="narrow">${picture(rows, 350)}</div>
<figcaption class="small quiet">${packetRowsTitle(rows)}. A column is a packet; a bar in it is what it carried of that stream. An outline is a wait: from the bytes that could not go on to the packet that brought what was missing.</figcaption></figure>${beside}`;
}

function picture({ last, lost, rows }: PacketRows, width: number): Html {
  const isWide = width > 600;
  const left = isWide ? 150 : 62;
  const each = (width - left - 2) / (last + 1);
  const x = (packet: number): number => left + packet * each;
  const bottom = TOP + rows.length * ROW;
  const n = (value: number): string => value.toFixed(1);
  const title = packetRowsTitle({ last, lost, rows });
  return html`<svg viewBox="0 0 ${width} ${bottom + 24}" width="100%" role="img" aria-label="${title}">
${lost.map(
  (
    packet,
  ) => html`<rect x="${n(x(packet) + 2)}" y="${TOP - 8}" width="${n(each - 4)}" height="${bottom - TOP + 8}" fill="var(--bad)" fill-opacity="0.5"/>
<text x="${n(x(packet) + each / 2)}" y="16" text-anchor="middle" font-size="12" fill="currentColor">${isWide ? 'the hole' : 'lost'}</text>`,
)}
${rows.map((row, i) => streamRow(row, TOP + i * ROW, { x, each, left, width, isWide }))}
${Array.from({ length: last + 1 }, (_, packet) => html`<text x="${n(x(packet) + each / 2)}" y="${bottom + 16}" text-anchor="middle" font-size="12" fill="currentColor">${isWide ? `packet ${packet}` : packet}</text>`)}
</svg>`;
}

type Space = {
  readonly x: (packet: number) => number;
  readonly each: number;
  readonly left: number;
  readonly width: number;
  readonly isWide: boolean;
};

function streamRow({ name, frames, waits }: PacketRow, y: number, { x, each, left, width, isWide }: Space): Html {
  const n = (value: number): string => value.toFixed(1);
  const isHeld = (packet: number): boolean => waits !== null && packet >= waits.from && packet < waits.to;
  const room = isWide ? 90 : 44;
  return html`<g><title>${name}: ${waits === null ? 'never waits' : `waits from packet ${waits.from} to packet ${waits.to}`}</title>
<text x="1" y="${y + 15}" font-size="12" fill="currentColor">${isWide ? `${name}${waits === null ? '' : ': waits'}` : name.replace('stream ', 'id ')}</text>
<line x1="${left}" x2="${width - 2}" y1="${y + 11}" y2="${y + 11}" stroke="currentColor" stroke-opacity="0.15"/>
${waits === null ? '' : html`<rect x="${n(x(waits.from) + 1)}" y="${y}" width="${n(x(waits.to + 1) - x(waits.from) - 2)}" height="22" fill="currentColor" fill-opacity="0.08" stroke="var(--accent)" stroke-width="1.5" stroke-dasharray="5 3"/>`}
${frames.map(({ packet, from, to }) => html`<rect x="${n(x(packet) + 4)}" y="${y + 3}" width="${n(each - 8)}" height="16" fill="currentColor" fill-opacity="${isHeld(packet) ? '0.7' : '0.25'}"/>${each > room ? html`<text x="${n(x(packet) + each / 2)}" y="${y + 15}" text-anchor="middle" font-size="11" fill="${isHeld(packet) ? 'var(--paper)' : 'currentColor'}">${to > from ? `${from}–${to - 1}` : 'empty'}</text>` : ''}`)}</g>`;
}
