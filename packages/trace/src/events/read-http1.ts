import type { WireUnit } from '@interleave/wire';
import { type MessageInput, type MessageState, REQUEST_STATES, RESPONSE_STATES } from '@interleave/wire/http1';
import { type Told, unitEvents } from './from-wire.ts';
import { hexOf, maskedInHead, withoutPrivateContent } from './masking.ts';
import type { ProtocolReader, VantagePoint } from './reader.ts';
import type { LogRecord } from './record.ts';
import type { ValuePolicy } from './values.ts';

type Message = 'request' | 'response';

/** What an exchange has come to. */
interface Exchange {
  readonly request: MessageState;
  readonly response: MessageState;
  /** Why the connection is to end with it, as far as its request says. */
  readonly ending: string | null;
}

const NEW: Exchange = { request: 'idle', response: 'idle', ending: null };

/** Follows the messages of HTTP/1.1 (RFC 9112): their borders, their states, and whether the connection stays. */
export class Http1Reader implements ProtocolReader {
  readonly #vantagePoint: VantagePoint;
  readonly #exchanges: Map<number, Exchange>;

  constructor(vantagePoint: VantagePoint, exchanges: ReadonlyMap<number, Exchange> = new Map()) {
    this.#vantagePoint = vantagePoint;
    this.#exchanges = new Map(exchanges);
  }

  read(record: LogRecord, frame: number, policy: ValuePolicy): Told[] {
    if (record.kind !== 'unit') return [];
    const { unit, bytes } = record;
    const more: Record<string, unknown> = { number: frame };
    if (bytes !== null) {
      const masked = unit.fields === null ? [] : maskedInHead(bytes, unit, policy);
      const shown = withoutPrivateContent(bytes, unit, this.#vantagePoint, policy);
      more['raw'] = { length: unit.length, payload_length: unit.payloadLength, data: hexOf(shown, masked) };
      if (masked.length > 0) more['masked'] = masked;
    }
    return [...unitEvents(unit, 'http/1.1', policy, more), ...this.#steps(unit, frame)];
  }

  absorb(record: LogRecord): void {
    if (record.kind === 'unit') this.#steps(record.unit, 0);
  }

  /** Nothing is carried from one message to the next. */
  state(): Told[] {
    return [];
  }

  clone(): Http1Reader {
    return new Http1Reader(this.#vantagePoint, this.#exchanges);
  }

  #steps(unit: WireUnit, frame: number): Told[] {
    const message: Message =
      (unit.direction === 'received') === (this.#vantagePoint === 'server') ? 'request' : 'response';
    const was = this.#exchanges.get(unit.streamId) ?? NEW;
    const told: Told[] = [];
    let state = was[message];
    for (const on of inputsOf(unit)) {
      const next = (message === 'request' ? REQUEST_STATES : RESPONSE_STATES)[state][on];
      if (next === undefined) break;
      if (next !== state || on === 'interim') {
        const data = { frame, exchange: unit.streamId, message, old: state, new: next, on };
        told.push({ name: 'http1:message_state_updated', data });
      }
      state = next;
    }
    const ending = was.ending ?? (unit.kind === 'request' ? endOf(unit, 'client') : null);
    if (unit.kind === 'response') {
      const why = ending ?? endOf(unit, 'server');
      const data = { frame, exchange: unit.streamId, keep: why === null, why: why ?? PERSISTENT };
      told.push({ name: 'http1:keepalive_decision', data });
    }
    const now: Exchange = { ...was, [message]: state, ending };
    if (message === 'response' && state === 'done') this.#exchanges.delete(unit.streamId);
    else this.#exchanges.set(unit.streamId, now);
    return told;
  }
}

const PERSISTENT = 'HTTP/1.1 connections persist unless one side says otherwise (RFC 9112 §9.3)';

/** What a unit is to the tables of states. */
function inputsOf({ kind, endStream, fields, startLine }: WireUnit): MessageInput[] {
  switch (kind) {
    case 'informational':
      return ['interim'];
    case 'request':
      return [endStream ? 'whole' : 'head'];
    case 'response':
      return [/^HTTP\/1\.\d 101\b/.test(startLine ?? '') ? 'switch' : endStream ? 'whole' : 'head'];
    case 'last-chunk':
      return [fields === null ? 'end' : 'trailers'];
    default:
      return endStream ? ['data', 'end'] : ['data'];
  }
}

/** Why a message's own head ends the connection behind it, else null (RFC 9112 §9.3). */
function endOf({ fields, startLine }: WireUnit, who: string): string | null {
  const options = (fields ?? [])
    .filter(([name]) => name.toLowerCase() === 'connection')
    .flatMap(([, value]) =>
      value
        .toLowerCase()
        .split(',')
        .map((option) => option.trim()),
    );
  if (options.includes('close')) return `the ${who} said Connection: close (RFC 9112 §9.6)`;
  if (startLine?.includes('HTTP/1.0') && !options.includes('keep-alive'))
    return 'HTTP/1.0 ends the connection with each exchange unless both say keep-alive';
  return null;
}
