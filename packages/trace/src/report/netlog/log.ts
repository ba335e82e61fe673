import { type Json, numberOf, objectOf, textOf } from '../values.ts';

/** An event of a NetLog with its names looked up: files of different versions number them differently. */
export interface LogEvent {
  readonly name: string;
  readonly phase: 'begin' | 'end' | 'none';
  /** Milliseconds on the log's own clock. */
  readonly time: number;
  readonly source: number;
  readonly sourceType: string;
  readonly params: Json;
}

/** What the head of a NetLog says about the numbers in its events. */
export class LogConstants {
  readonly writer: string | null;
  readonly formatVersion: string | null;
  /** Epoch milliseconds of the log clock's zero; null where it is not told. */
  readonly offset: number | null;
  readonly #events: ReadonlyMap<number, string>;
  readonly #sources: ReadonlyMap<number, string>;
  readonly #phases: ReadonlyMap<number, string>;
  readonly #wanted: ReadonlySet<number>;

  constructor(constants: Json, wanted: ReadonlySet<string>) {
    this.#events = byNumber(constants['logEventTypes']);
    this.#sources = byNumber(constants['logSourceType']);
    this.#phases = byNumber(constants['logEventPhase']);
    this.#wanted = new Set([...this.#events].filter(([, name]) => wanted.has(name)).map(([number]) => number));
    const client = objectOf(constants['clientInfo']);
    const name = textOf(client?.['name']);
    this.writer = name === null ? null : `${name} ${textOf(client?.['version']) ?? ''}`.trim().slice(0, 80);
    this.formatVersion = textOf(constants['logFormatVersion']);
    this.offset = numberOf(constants['timeTickOffset']);
  }

  /** True when there are names to go by. */
  get usable(): boolean {
    return this.#events.size > 0 && this.#sources.size > 0;
  }

  /** False for events that nobody asks about, judged by their text alone: parsing is what costs. */
  mayConcern(text: string): boolean {
    const type = /"type":\s*(\d+)\s*\}\s*$/.exec(text)?.[1];
    return type === undefined || this.#wanted.has(Number(type));
  }

  /** Null for an event of no interest, or one that is none. */
  event(value: unknown): LogEvent | null {
    const event = objectOf(value);
    const source = objectOf(event?.['source']);
    const name = this.#events.get(numberOf(event?.['type']) ?? -1);
    const id = numberOf(source?.['id']);
    const time = numberOf(event?.['time']);
    if (event === null || name === undefined || id === null || time === null) return null;
    const phase = this.#phases.get(numberOf(event['phase']) ?? -1);
    return {
      name,
      phase: phase === 'PHASE_BEGIN' ? 'begin' : phase === 'PHASE_END' ? 'end' : 'none',
      time,
      source: id,
      sourceType: this.#sources.get(numberOf(source?.['type']) ?? -1) ?? '',
      params: objectOf(event['params']) ?? {},
    };
  }
}

function byNumber(value: unknown): Map<number, string> {
  const names = new Map<number, string>();
  for (const [name, number] of Object.entries(objectOf(value) ?? {})) {
    const id = numberOf(number);
    // Until 2018 HTTP/2 went by the name of what came before it.
    if (id !== null) names.set(id, name.replace(/^SPDY_(?=SESSION|STREAM)/, 'HTTP2_'));
  }
  return names;
}

/** The source that an event's parameters point to. */
export function dependency(params: Json): number | null {
  return numberOf(objectOf(params['source_dependency'])?.['id']);
}
