/** A line that was encoded: where it stands in the table, if it does, and how often it came lately. */
export interface LineRecord {
  /** Absolute index of its newest copy, or -1. */
  entry: number;
  count: number;
  /** The section that it last came in. */
  section: number;
}

interface NameRecord {
  /** Absolute index of the newest entry with this name, or -1. */
  latest: number;
  /** Insertions with this name, and how often they were used. */
  inserted: number;
  hits: number;
  readonly lines: Map<string, LineRecord>;
}

/** Lines after which all counts are halved: what was common long ago gives way to what is common now. */
const HALVE_EVERY = 1024;

/** Fields whose value seldom comes twice: only a second sighting earns them a place. */
const CHANGING: ReadonlySet<string> = new Set([
  ':path',
  'age',
  'content-length',
  'etag',
  'if-modified-since',
  'if-none-match',
  'location',
  'set-cookie',
]);

/**
 * Finds lines and names in the encoder's table, and remembers how often lines came, so that what is common stays and what
 * is not does not push it out.
 */
export class LineIndex {
  readonly #names = new Map<string, NameRecord>();
  #sightings = 0;
  #section = 0;

  /** The next section begins. */
  begin(): void {
    this.#section++;
    // Between sections only: one that is being encoded holds on to its records.
    if (this.#sightings >= HALVE_EVERY) this.#halve();
  }

  /** Counts one more sighting of this line. */
  see(name: string, value: string): LineRecord {
    this.#sightings++;
    let named = this.#names.get(name);
    if (named === undefined) {
      named = { latest: -1, inserted: 0, hits: CHANGING.has(name) ? -2 : 0, lines: new Map() };
      this.#names.set(name, named);
    }
    let line = named.lines.get(value);
    if (line === undefined) {
      line = { entry: -1, count: 0, section: 0 };
      named.lines.set(value, line);
    }
    line.count++;
    line.section = this.#section;
    if (line.entry >= 0) named.hits++;
    return line;
  }

  /**
   * Whether the line, just seen and not in the table, should get a place. A value that comes twice does. At first sight, a name
   * whose entries are used earns places for new values; where the section cannot use the entry yet (nobody may wait for it),
   * the line is sent twice for that, and only the first value of a name is worth it.
   */
  deserves(name: string, line: LineRecord, usable: boolean): boolean {
    const named = this.#names.get(name) as NameRecord;
    return line.count > 1 || (usable ? named.inserted - named.hits < 2 : named.inserted === 0);
  }

  /** The newest entry with this name, or -1. */
  named(name: string): number {
    return this.#names.get(name)?.latest ?? -1;
  }

  /**
   * What the entry is worth keeping: how often its line came lately, less with every section that went by without it. 0 when a
   * newer copy of it is in the table.
   */
  worth(name: string, value: string, entry: number): number {
    const line = this.#names.get(name)?.lines.get(value);
    if (line === undefined || line.entry !== entry) return 0;
    return line.count / (1 + (this.#section - line.section) / 2);
  }

  inserted(name: string, value: string, entry: number): void {
    const named = this.#names.get(name) as NameRecord;
    const line = named.lines.get(value) as LineRecord;
    if (line.entry < 0) named.inserted++;
    named.latest = entry;
    line.entry = entry;
  }

  evicted(name: string, value: string, entry: number): void {
    const named = this.#names.get(name) as NameRecord;
    if (named.latest === entry) named.latest = -1;
    const line = named.lines.get(value);
    if (line !== undefined && line.entry === entry) line.entry = -1;
  }

  #halve(): void {
    this.#sightings = 0;
    for (const [name, named] of this.#names) {
      named.inserted >>= 1;
      named.hits >>= 1;
      for (const [value, line] of named.lines) {
        line.count >>= 1;
        if (line.count === 0 && line.entry < 0) named.lines.delete(value);
      }
      if (named.lines.size === 0) this.#names.delete(name);
    }
  }
}
