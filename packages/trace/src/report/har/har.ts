import type { Connection, Exchange, Interval, Page, Recording } from '../model.ts';
import { dateOf, durationOf, objectOf, textOf } from '../values.ts';
import { Warnings } from '../warnings.ts';
import { connectionsOf } from './connections.ts';
import { type HarEntry, readEntry } from './entry.ts';

/** Takes a HAR piece by piece (HAR 1.1 and 1.2, of any writer), and makes a recording of it. */
export class HarReader {
  readonly #warnings = new Warnings();
  readonly #entries: HarEntry[] = [];
  readonly #pages: Page[] = [];
  #version: string | null = null;
  #browser: string | null = null;
  #creator: string | null = null;

  /** Entries that were understood. */
  get count(): number {
    return this.#entries.length;
  }

  get warnings(): Warnings {
    return this.#warnings;
  }

  version(value: unknown): void {
    this.#version = textOf(value);
  }

  creator(value: unknown): void {
    this.#creator = nameOf(value) ?? this.#creator;
  }

  browser(value: unknown): void {
    this.#browser = nameOf(value) ?? this.#browser;
  }

  page(value: unknown, index: number): void {
    const page = objectOf(value);
    const id = textOf(page?.['id']);
    if (page === null || id === null) {
      this.#warnings.add(`log.pages[${index}]`, 'A page without an id was passed over.');
      return;
    }
    const timings = objectOf(page['pageTimings']) ?? {};
    this.#pages.push({
      id,
      title: textOf(page['title']) ?? '',
      start: dateOf(page['startedDateTime']),
      onContentLoad: durationOf(timings['onContentLoad']),
      onLoad: durationOf(timings['onLoad']),
    });
  }

  entry(value: unknown, index: number): void {
    const entry = readEntry(value, index, this.#warnings);
    if (entry !== null) this.#entries.push(entry);
  }

  recording(complete: boolean): Recording {
    const starts = [...this.#entries.map(({ exchange }) => exchange.start), ...this.#pages.map(({ start }) => start)];
    const known = starts.filter((start) => start !== null);
    const startedAt = known.length === 0 ? null : known.reduce((a, b) => Math.min(a, b));
    const { connections, of } = connectionsOf(this.#entries, {
      // Firefox writes the server's port there, or its proxy's.
      trustIds: !/firefox/i.test(this.#browser ?? this.#creator ?? ''),
    });
    // In order of time; what has none keeps its place behind.
    const order = this.#entries
      .map((_, index) => index)
      .sort((a, b) => compare(this.#startOf(a), this.#startOf(b)) || a - b);
    const place = new Map(order.map((from, to) => [from, to]));
    const zero = startedAt ?? 0;
    return {
      kind: 'har',
      writer: this.#writer(),
      formatVersion: this.#version,
      startedAt,
      pages: this.#pages.map((page) => ({ ...page, start: page.start === null ? null : page.start - zero })),
      connections: connections.map((connection) => shifted(connection, zero, place)),
      exchanges: order.map((from, index): Exchange => {
        const { exchange } = this.#entries[from] as HarEntry;
        return {
          ...exchange,
          index,
          connection: of[from] ?? null,
          start: exchange.start === null ? null : exchange.start - zero,
          end: exchange.end === null ? null : exchange.end - zero,
        };
      }),
      incidents: [],
      warnings: this.#warnings.list(),
      complete,
    };
  }

  #startOf(index: number): number {
    return (this.#entries[index] as HarEntry).exchange.start ?? Number.POSITIVE_INFINITY;
  }

  #writer(): string | null {
    if (this.#browser === null || this.#creator === null || this.#creator === this.#browser) {
      return this.#browser ?? this.#creator;
    }
    return `${this.#browser}, by ${this.#creator}`;
  }
}

function compare(a: number, b: number): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

function nameOf(value: unknown): string | null {
  const said = objectOf(value);
  const name = textOf(said?.['name'])?.trim().slice(0, 80) ?? '';
  const version = textOf(said?.['version'])?.trim().slice(0, 40) ?? '';
  return name === '' ? null : `${name} ${version}`.trim();
}

function shifted(connection: Connection, zero: number, place: ReadonlyMap<number, number>): Connection {
  const time = (at: number | null): number | null => (at === null ? null : at - zero);
  const span = (interval: Interval | null): Interval | null =>
    interval === null ? null : { from: interval.from - zero, to: interval.to - zero };
  const { dns, connect, tls } = connection.handshake;
  return {
    ...connection,
    opened: time(connection.opened),
    closed: time(connection.closed),
    handshake: { dns: span(dns), connect: span(connect), tls: span(tls) },
    exchanges: connection.exchanges.map((index) => place.get(index) as number).sort((a, b) => a - b),
  };
}
