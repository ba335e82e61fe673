/** What one section may name, while it is being encoded. */
interface SectionInProgress {
  mayUse(entry: number): boolean;
  use(entry: number): void;
  /** Its Required Insert Count: 0 when it names no dynamic entry. */
  end(): number;
}

interface Section {
  readonly required: number;
  readonly entries: readonly number[];
}

/**
 * What the encoder has sent and the peer has not acknowledged: which entries are in use and must stay (RFC 9204 §2.1.1), and
 * which streams may be blocked (§2.1.2).
 */
export class Outstanding {
  maxBlockedStreams = 0;
  readonly #maxSections: number;
  readonly #sections = new Map<number, Section[]>();
  readonly #uses = new Map<number, number>();
  /** Streams at risk of being blocked, with the highest insert count they need. */
  readonly #atRisk = new Map<number, number>();
  #size = 0;
  #known = 0;

  /** A peer that never acknowledges makes us remember at most `maxSections` sections; later ones name no entries. */
  constructor(maxSections: number) {
    this.#maxSections = maxSections;
  }

  get size(): number {
    return this.#size;
  }

  /** The Known Received Count (RFC 9204 §2.1.4). */
  get known(): number {
    return this.#known;
  }

  begin(streamId: number): SectionInProgress {
    const full = this.#size >= this.#maxSections;
    const mayBlock = this.#atRisk.has(streamId) || this.#atRisk.size < this.maxBlockedStreams;
    const entries: number[] = [];
    let required = 0;
    return {
      mayUse: (entry) => !full && (entry < this.#known || mayBlock),
      use: (entry) => {
        entries.push(entry);
        this.#uses.set(entry, (this.#uses.get(entry) ?? 0) + 1);
        if (entry >= required) required = entry + 1;
      },
      end: () => {
        if (required > 0) this.#add(streamId, { required, entries });
        return required;
      },
    };
  }

  /** True when nobody needs the entry any more and the peer has seen its insertion. */
  mayEvict(entry: number): boolean {
    return entry < this.#known && !this.#uses.has(entry);
  }

  /** The peer has decoded the oldest section of the stream; false when there is none. */
  acknowledge(streamId: number): boolean {
    const queue = this.#sections.get(streamId);
    const section = queue?.shift();
    if (queue === undefined || section === undefined) return false;
    if (queue.length === 0) this.#sections.delete(streamId);
    this.#release(section);
    this.raise(section.required);
    return true;
  }

  /** The peer will not decode what is outstanding on the stream. */
  cancel(streamId: number): void {
    for (const section of this.#sections.get(streamId) ?? []) this.#release(section);
    this.#sections.delete(streamId);
    this.#atRisk.delete(streamId);
  }

  /** The peer has at least this many insertions. */
  raise(count: number): void {
    if (count <= this.#known) return;
    this.#known = count;
    for (const [streamId, required] of this.#atRisk) if (required <= count) this.#atRisk.delete(streamId);
  }

  #add(streamId: number, section: Section): void {
    const queue = this.#sections.get(streamId);
    if (queue === undefined) this.#sections.set(streamId, [section]);
    else queue.push(section);
    this.#size++;
    if (section.required > this.#known) {
      this.#atRisk.set(streamId, Math.max(section.required, this.#atRisk.get(streamId) ?? 0));
    }
  }

  #release(section: Section): void {
    this.#size--;
    for (const entry of section.entries) {
      const uses = (this.#uses.get(entry) ?? 1) - 1;
      if (uses === 0) this.#uses.delete(entry);
      else this.#uses.set(entry, uses);
    }
  }
}
