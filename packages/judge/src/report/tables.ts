/** The memory that the header blocks of one direction share (RFC 7541 §2.3.2): what stood in it before each block, and behind it. */
import { http2Reader } from '@interleave/trace/events';
import { type FrameLine, FrameModel, type TableEntry } from '@interleave/trace/frames';
import { shortText } from '../raw/http2/excerpt-words.ts';
import { HEAD } from '../raw/http2/names.ts';
import { grouped } from '../raw/numbers.ts';
import type { CheckResult } from '../result.ts';
import { type Http2Run, http2Runs, type Side, type SidedFrame, unitOf } from './http2-runs.ts';

/** A line of the table. `size`: with the 32 bytes that each counts beside its name and value (§4.1). */
export type Remembered = {
  readonly name: string;
  /** Undefined where it says who somebody is: such values are not shown. */
  readonly value?: string;
  readonly size: number;
  /** How many lines were put in before it, ever: it stays what it is when others come and go. */
  readonly nth: number;
};

export type BlockLine = {
  readonly name: string;
  readonly value?: string;
  /** Bytes in the block. */
  readonly bytes: number;
  readonly how: 'taken whole' | 'name taken' | 'spelled out' | 'table size';
  /** From the table that is the same for all, or from the memory of this connection. */
  readonly table: 'static' | 'dynamic' | null;
  readonly isAdded: boolean;
};

export type BlockStory = {
  /** Of the frame that completes it. */
  readonly place: number;
  readonly stream: number;
  /** `HEADERS 3 GET /note/1 END_STREAM`. */
  readonly words: string;
  readonly bytes: number;
  /** In so many frames. */
  readonly parts: number;
  readonly lines: readonly BlockLine[];
  /** Oldest first, both. */
  readonly before: readonly Remembered[];
  readonly after: readonly Remembered[];
  readonly size: number;
  readonly capacity: number;
  /** `nth` of those that the block put in, took lines or names from, and pushed out. */
  readonly added: readonly number[];
  readonly used: readonly number[];
  readonly evicted: readonly number[];
};

export type Tables = { readonly connection: string; readonly by: Side; readonly blocks: readonly BlockStory[] };

const OVERHEAD = 32;
/** Lines of the static table come first in the numbering of both (§2.3.3). */
const STATIC_LINES = 61;
const CAPACITY = 4096;

/** One entry for each side of an HTTP/2 connection that sent a block, the client's first. */
export function tablesOf(test: Pick<CheckResult, 'connections' | 'transcript'>): Tables[] {
  return http2Runs(test).flatMap((run) => {
    const blocks = blocksOf(run);
    return (['client', 'server'] as const).flatMap((by) => {
      const own = blocks.filter((it) => it.by === by).map(({ block }) => block);
      return own.length === 0 ? [] : [{ connection: run.connection, by, blocks: own }];
    });
  });
}

function blocksOf(run: Http2Run): { by: Side; block: BlockStory }[] {
  const reader = http2Reader('h2', run.learner);
  const model = new FrameModel(run.learner);
  const entries = new Map<Side, Remembered[]>();
  const blocks: { by: Side; block: BlockStory }[] = [];
  for (const it of run.frames) {
    const unit = unitOf(it);
    const isBlock = unit.kind === 'headers' || unit.kind === 'continuation';
    const record = { kind: 'unit', time: 0, unit, bytes: isBlock ? withHead(it.frame.payload) : null } as const;
    const [view] = model.add(reader.read(record, 'own'));
    if (view === undefined || view.block === null) continue;
    const before = entries.get(it.from) ?? [];
    const first = view.table?.before.inserted ?? view.tableBefore.inserted;
    const after =
      view.table === null ? before : afterBlock(before, view.table.after.entries, view.table.inserted, first, it);
    entries.set(it.from, after);
    const kept = new Set(after.map(({ nth }) => nth));
    const held = new Set(before.map(({ nth }) => nth));
    blocks.push({
      by: it.from,
      block: {
        place: it.place,
        stream: it.frame.stream,
        words: shortText(it.frame, it.fields ?? null),
        bytes: view.block.bytes.length,
        parts: view.block.parts,
        lines: view.block.lines.map(lineOf),
        before,
        after,
        size: after.reduce((sum, { size }) => sum + size, 0),
        capacity: view.table?.after.capacity ?? (view.tableBefore.capacity || CAPACITY),
        added: after.map(({ nth }) => nth).filter((nth) => !held.has(nth)),
        used: usedOf(view.block.lines, first).filter((nth) => held.has(nth)),
        evicted: before.map(({ nth }) => nth).filter((nth) => !kept.has(nth)),
      },
    });
  }
  return blocks;
}

/** `entries`: newest first. Sizes are of what was sent, also where a value is not shown. */
function afterBlock(
  before: readonly Remembered[],
  entries: readonly TableEntry[],
  inserted: number,
  first: number,
  { fields }: SidedFrame,
): Remembered[] {
  const last = first + inserted;
  const known = new Map(before.map((entry) => [entry.nth, entry]));
  return entries
    .map(({ name, value }, i): Remembered => {
      const nth = last - 1 - i;
      const sent = value ?? fields?.find(([own]) => own === name)?.[1] ?? '';
      return (
        known.get(nth) ?? {
          name,
          ...(value === undefined ? {} : { value }),
          size: name.length + sent.length + OVERHEAD,
          nth,
        }
      );
    })
    .toReversed();
}

function lineOf(line: FrameLine): BlockLine {
  const { name, value, form, index, table, from, to } = line;
  return {
    name: name ?? 'table size',
    ...(name === null ? { value: String(index ?? '') } : value === undefined ? {} : { value }),
    bytes: to - from,
    how:
      form === 'table size'
        ? 'table size'
        : form === 'indexed'
          ? 'taken whole'
          : index !== null
            ? 'name taken'
            : 'spelled out',
    table,
    isAdded: form === 'literal, added',
  };
}

/** Numbers count back from the newest line, and each line that the block adds moves them. */
function usedOf(lines: readonly FrameLine[], first: number): number[] {
  let inserted = first;
  const used: number[] = [];
  for (const { form, table, index } of lines) {
    if (table === 'dynamic' && index !== null) used.push(inserted - 1 - (index - STATIC_LINES - 1));
    if (form === 'literal, added') inserted += 1;
  }
  return [...new Set(used)];
}

/** What stands before a frame's payload tells the reader nothing that it asks for. */
function withHead(payload: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(HEAD + payload.length);
  bytes.set(payload, HEAD);
  return bytes;
}

/** `356 bytes: 2 lines added`, `26 bytes: 22 lines taken from the table`, `30,068 bytes in 3 frames: 23 lines made room`. */
export function blockWords({ bytes, parts, added, used, evicted }: BlockStory): string {
  const lines = (n: number): string => (n === 1 ? '1 line' : `${n} lines`);
  const parted = parts > 1 ? ` in ${parts} frames` : '';
  const did = [
    used.length === 0 ? '' : `${lines(used.length)} used`,
    added.length === 0 ? '' : `${lines(added.length)} added`,
    evicted.length === 0 ? '' : `${lines(evicted.length)} pushed out`,
  ].filter((part) => part !== '');
  return `${grouped(bytes)} ${bytes === 1 ? 'byte' : 'bytes'}${parted}: ${did.length === 0 ? 'the table is neither used nor changed' : did.join(', ')}`;
}

/** A line for each block of the client: its size, and how full the table is behind it. At most `most` of them. */
export function tablesText(all: readonly Tables[], columns: number, most: number = 14): string {
  const lines = all
    .filter(({ by }) => by === 'client')
    .flatMap(({ connection, blocks }) => {
      const names = blocks.map(({ words }) =>
        words.replace(/^HEADERS |^CONTINUATION /, '').replace(/( [A-Z_]+)+$/, ''),
      );
      const margin = Math.min(24, Math.max(...names.map((name) => name.length)) + connection.length + 4);
      return blocks.map(({ bytes, size, capacity, added, used, evicted }, i) => {
        const places = 16;
        const full = capacity === 0 ? 0 : Math.ceil((size / capacity) * places);
        const did = [
          used.length === 0 ? '' : `uses ${used.length}`,
          added.length === 0 ? '' : `+${added.length}`,
          evicted.length === 0 ? '' : `-${evicted.length}`,
        ].filter((part) => part !== '');
        const name = `${connection} · ${names[i] ?? ''}`.slice(0, margin - 1).padEnd(margin);
        return `${name}${grouped(bytes).padStart(7)} B  ${'█'.repeat(full).padEnd(places, '·')} ${grouped(size).padStart(5)} B  ${did.join(', ')}`
          .trimEnd()
          .slice(0, columns);
      });
    });
  const left = lines.length - most;
  return (left > 0 ? [...lines.slice(0, most), `… and ${left} more`] : lines).join('\n');
}
