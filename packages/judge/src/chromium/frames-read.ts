/** A learner's `frames` beside a given server: it reads what a browser has sent, and each frame is compared with the one that stands there. */
import type { BrowserCheck } from '../exercise.ts';
import { latin1 } from '../raw/bytes.ts';
import { messageOf } from '../raw/engine.ts';
import { typeName } from '../raw/handler.ts';
import { http2Words } from '../raw/http2/excerpt-words.ts';
import { HEAD } from '../raw/http2/names.ts';
import { framesIn, type WireFrame } from '../raw/http2/parse.ts';
import { frameText } from '../raw/http2/words.ts';
import type { Pipe } from '../raw/pipe.ts';
import type { GivenFrame, MakeFrames } from '../raw/scenes/frames.ts';
import { count } from '../raw/steps.ts';
import type { CodePlace, Failure } from '../result.ts';
import type { TcpReport } from './tcp-scene.ts';

/** What the learner's `frames` made of one connection. Plain data. */
export type FramesRead = {
  readonly connection: string;
  /** Whole frames that the browser has sent, those with requests among them, and how many of them were given. */
  readonly sent: number;
  readonly requests: number;
  readonly given: number;
  /** The first that differs, in words, and the bytes that stand there, one character each. */
  readonly wrong: null | {
    readonly nth: number;
    readonly sent: string;
    readonly given: string;
    readonly bytes: string;
  };
  /** Set when the generator has ended, or failed, while the browser was still there. */
  readonly over: string | null;
  readonly waits: CodePlace | null;
};

/** Runs the generator on a connection, and keeps what it gives. */
export class FramesReader {
  readonly pipe: Pipe;
  readonly #given: { readonly value: unknown; readonly bytes: string }[] = [];
  #over: string | null = null;

  constructor(pipe: Pipe, make: MakeFrames, noted: (nth: number, used: number) => void) {
    this.pipe = pipe;
    void this.#run(make, noted);
  }

  /** What is known now. `waits`: where the learner waits for bytes. */
  read(waits: CodePlace | null): FramesRead {
    const { frames } = framesIn(this.pipe.sent);
    const at = this.#given.findIndex(({ value, bytes }, i) => !isSame(value, bytes, frames[i]));
    const wrong = at < 0 ? null : this.#wrong(at, frames[at]);
    return {
      connection: this.pipe.id,
      sent: frames.length,
      requests: frames.filter(({ type }) => type === 1).length,
      given: this.#given.length,
      wrong,
      over: this.#over,
      waits,
    };
  }

  #wrong(at: number, frame: WireFrame | undefined): FramesRead['wrong'] {
    const { value, bytes } = this.#given[at] as { value: unknown; bytes: string };
    const it = value as Partial<GivenFrame> | null | undefined;
    const isFrame = typeof it === 'object' && it !== null && it.payload instanceof Uint8Array;
    const changed = isFrame && latin1(it.payload as Uint8Array) !== bytes ? ', and its payload has changed since' : '';
    const given = isFrame
      ? `type ${it.type}, flags ${it.flags}, streamId ${it.streamId}, ${count(bytes.length)}${changed}`
      : typeName(value);
    if (frame === undefined) return { nth: at + 1, sent: 'no such frame', given, bytes: '' };
    const shown = this.pipe.sent.subarray(frame.from, Math.min(frame.to, frame.from + 200));
    return { nth: at + 1, sent: frameText(frame), given, bytes: latin1(shown) };
  }

  async #run(make: MakeFrames, noted: (nth: number, used: number) => void): Promise<void> {
    try {
      let used = 0;
      for await (const value of make(this.pipe.connection.readable) as AsyncIterable<unknown>) {
        const payload = (value as Partial<GivenFrame> | null)?.payload;
        const bytes = payload instanceof Uint8Array ? latin1(payload) : '';
        used += HEAD + bytes.length;
        this.#given.push({ value, bytes });
        noted(this.#given.length, used);
      }
      this.#over = this.pipe.inputEnded === null ? 'the frames are said to be over' : null;
    } catch (error) {
      this.#over = this.pipe.inputEnded === null ? `your code rejected: ${messageOf(error)}` : null;
    }
  }
}

function isSame(value: unknown, bytes: string, frame: WireFrame | undefined): boolean {
  if (frame === undefined || typeof value !== 'object' || value === null) return false;
  const { type, flags, streamId, payload } = value as Partial<GivenFrame>;
  if (type !== frame.type || flags !== frame.flags || streamId !== frame.stream) return false;
  return payload instanceof Uint8Array && bytes === latin1(frame.payload) && latin1(payload) === bytes;
}

/** Whether everything that was sent is given, or something is wrong for good. */
export function isRead({ frames = [] }: TcpReport): boolean {
  return frames.every(({ sent, given, wrong, over }) => wrong !== null || over !== null || given >= sent);
}

/** Null when each frame of each connection was given as it stands there. */
export function otherFrames(check: BrowserCheck, atLeast: number, { frames = [] }: TcpReport): Failure | null {
  const base = { spec: check.spec, idea: check.idea };
  for (const { connection, sent, given, wrong, over, waits } of frames) {
    const at = waits === null ? [] : [waits];
    if (wrong !== null)
      return {
        cause: 'wrong bytes',
        headline: `Frame ${wrong.nth} of Chromium’s is not the one that your code gave.`,
        ...(wrong.bytes === '' ? {} : { sent: sentOf(connection, wrong.bytes) }),
        facts: [`your code gave ${wrong.given}`],
        expected: wrong.sent,
        ...base,
        at: [],
      };
    if (over === null && given >= sent) continue;
    return {
      cause: over === null ? 'silent' : 'incomplete',
      headline: `Your code gave ${count(given, 'frame')} of the ${sent} that Chromium sent on ${connection}.`,
      facts: [over ?? 'it waits for more bytes, and all of them have come'],
      expected: 'each of them, as soon as its last byte is there',
      ...base,
      at,
    };
  }
  const requests = frames.reduce((sum, it) => sum + it.requests, 0);
  if (requests >= atLeast) return null;
  return {
    cause: 'engine',
    headline: `Chromium sent ${count(requests, 'request')}, fewer than the page has parts. This is not your fault.`,
    ...base,
    at: [],
  };
}

function sentOf(connection: string, bytes: string): NonNullable<Failure['sent']> {
  const words = http2Words(
    Uint8Array.from(bytes, (c) => c.charCodeAt(0)),
    0,
    false,
  );
  const caret = { at: 0, text: 'this frame' };
  return { connection, bytes, from: 0, total: bytes.length, borders: [], caret, words };
}
