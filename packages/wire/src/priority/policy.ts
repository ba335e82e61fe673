import type { FieldLine, FieldSection } from '../fields/field.ts';
import { parsePriority } from './parse.ts';
import { DEFAULT_PRIORITY, type Priority } from './priority.ts';

/** For whoever says nothing about priorities, or speaks for several clients: everybody takes turns. */
const FAIR: Priority = { urgency: DEFAULT_PRIORITY.urgency, incremental: true };

/**
 * Which priority a request starts with, after golang.org/x/net/http2.
 *
 * A client that has never signalled does not know RFC 9218, and its default of one response after the other would be a
 * surprise. Requests that came through an intermediary may be of many users, who must not be able to push each other aside
 * (RFC 9218 §13.1): on such a connection signals count for nothing.
 */
export class PriorityPolicy {
  /** The client has signalled: a Priority field, a PRIORITY_UPDATE frame or SETTINGS_NO_RFC7540_PRIORITIES. */
  aware = false;
  #intermediary = false;

  /** False when signals are to be ignored. */
  get listens(): boolean {
    return !this.#intermediary;
  }

  /** The priority that a request's own fields give it. */
  ofRequest(fields: FieldSection): Priority {
    let signal: string | null = null;
    for (let index = 0; index < fields.length; index++) {
      const [name, value] = fields[index] as FieldLine;
      switch (name.length) {
        case 3:
          if (name === 'via') this.#intermediary = true;
          break;
        case 8:
          if (name === 'priority') signal = signal === null ? value : `${signal}, ${value}`;
          break;
        case 9:
          if (name === 'forwarded') this.#intermediary = true;
          break;
        case 15:
          if (name === 'x-forwarded-for') this.#intermediary = true;
          break;
      }
    }
    if (signal !== null) this.aware = true;
    if (this.#intermediary || !this.aware) return FAIR;
    return signal === null ? DEFAULT_PRIORITY : (parsePriority(signal) ?? DEFAULT_PRIORITY);
  }
}
