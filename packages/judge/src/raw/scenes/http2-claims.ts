/** Plays the steps about single frames, credit, and the end of the connection. */
import type { ExpectEndStep, ExpectSettledStep, Http2Step } from '../../exercise.ts';
import { bytesOf, latin1 } from '../bytes.ts';
import { codeText, FRAME_SIZE, FRAME_TYPES, SETTINGS, type SettingName } from '../http2/names.ts';
import { has, settingsOf, uint32, type WireFrame } from '../http2/parse.ts';
import { frameText } from '../http2/words.ts';
import { data } from '../http2/write.ts';
import { grouped } from '../numbers.ts';
import { count } from '../steps.ts';
import type { Http2Parts } from './http2.ts';
import type { Http2Conn } from './http2-connection.ts';
import type { Http2Failures } from './http2-failures.ts';
import { type FrameMatch, matchText } from './http2-steps.ts';

type ClaimStep =
  | ExpectEndStep
  | ExpectSettledStep
  | Extract<
      Http2Step,
      {
        do:
          | 'expectFrame'
          | 'expectNoFrame'
          | 'expectFirstFrame'
          | 'expectGoaway'
          | 'expectReset'
          | 'expectFault'
          | 'expectLetGo'
          | 'expectCredit'
          | 'expectQuiet';
      }
    >;

/** Timers of the learner's in half a second in which nothing happens. One for idle connections is fine, looking every few milliseconds is not. */
const MOST_WAKES = 20;

export class Http2Claims {
  #failures: Http2Failures;
  #parts: Http2Parts;

  constructor(failures: Http2Failures, parts: Http2Parts) {
    this.#failures = failures;
    this.#parts = parts;
  }

  async play(step: ClaimStep): Promise<void> {
    const conn = this.#parts.conn(step.on);
    switch (step.do) {
      case 'expectFrame':
        return this.#frame(conn, step);
      case 'expectNoFrame': {
        const found = (): WireFrame | undefined => conn.received.frames.find((frame) => fits(frame, step.frame));
        await this.#parts.settle(conn);
        await this.#parts.watch(conn, () => found() !== undefined);
        const frame = found();
        if (frame !== undefined)
          throw this.#failures.badFrame(
            conn,
            frame,
            `A frame came that should not be there: ${frameText(frame)}.`,
            `no ${matchText(step.frame)}`,
          );
        return;
      }
      case 'expectFirstFrame': {
        await this.#parts.until(conn, () => conn.received.frames.length > 0 || conn.pipe.ended !== null);
        const [first] = conn.received.frames;
        const expected = `${matchText(step.frame)} before anything else`;
        if (first === undefined)
          throw (
            this.#failures.endedBefore(conn, 'the first frame', expected) ??
            this.#failures.missing(conn, 'Your code has said nothing.', expected)
          );
        if (!fits(first, step.frame))
          throw this.#failures.badFrame(conn, first, `The first frame is ${frameText(first)}.`, expected);
        return;
      }
      case 'expectGoaway':
        return this.#goaway(conn, step);
      case 'expectReset':
        return this.#reset(conn, step);
      case 'expectFault':
        return this.#fault(conn, step);
      case 'expectLetGo':
        return this.#letGo(conn, step);
      case 'expectCredit':
        return this.#credit(conn, step);
      case 'expectQuiet': {
        await this.#parts.settleFirmly(conn);
        this.#parts.faults(conn);
        const { written } = conn.pipe;
        const { clock } = this.#parts;
        const { times } = clock.fired;
        await this.#parts.watch(conn, () => conn.pipe.written > written || conn.pipe.ended !== null);
        const next = conn.received.frames.find(({ to }) => to > written);
        if (next !== undefined)
          throw this.#failures.badFrame(conn, next, `One more frame came: ${frameText(next)}.`, 'nothing more', {
            cause: 'extra bytes',
          });
        const over = this.#failures.endedBefore(
          conn,
          'anybody asked for that',
          'nothing more, and the connection stays open',
        );
        if (over !== null) throw over;
        const woke = clock.fired.times - times;
        if (woke > MOST_WAKES)
          throw this.#failures.missing(
            conn,
            `Nothing happened for half a second, and timers woke your code ${grouped(woke)} times.`,
            'nobody looks again and again: whoever waits is woken by what it waits for',
            { cause: 'unbounded', at: [this.#failures.place(clock.fired.trace ?? undefined, 'sets a timer')] },
          );
        return;
      }
      case 'expectEnd': {
        await this.#parts.until(conn, () => conn.pipe.ended !== null);
        if (conn.pipe.ended === null) throw this.#failures.neverEnded(conn);
        return;
      }
      case 'expectSettled': {
        await this.#parts.until(conn, () => conn.settled !== null);
        if (conn.settled === null) throw this.#failures.neverSettled(conn);
      }
    }
  }

  async #frame(conn: Http2Conn, step: Extract<ClaimStep, { do: 'expectFrame' }>): Promise<void> {
    const found = (): WireFrame[] => conn.received.frames.filter((frame) => fits(frame, step.frame));
    const least = step.atMost === true ? 0 : (step.times ?? 1);
    await this.#parts.until(conn, () => found().length >= least || conn.pipe.ended !== null);
    if (step.times !== undefined) await this.#parts.watch(conn, () => found().length > (step.times ?? 0));
    const have = found();
    const expected = `${matchText(step.frame)}${step.times === undefined ? '' : `, ${step.atMost === true ? 'at most ' : ''}${grouped(step.times)} ${step.times === 1 ? 'time' : 'times'}`}`;
    if (have.length < least) {
      const close = conn.received.frames.findLast(
        (frame) => frame.type === FRAME_TYPES[step.frame.type] && nearly(frame, step.frame),
      );
      if (close !== undefined && have.length === 0)
        throw this.#failures.badFrame(conn, close, nearlyText(close, step.frame), expected);
      throw (
        this.#failures.endedBefore(conn, matchText(step.frame), expected) ??
        this.#failures.missing(
          conn,
          have.length === 0
            ? `No ${matchText(step.frame)} came.`
            : `${matchText(step.frame)} came ${grouped(have.length)} of ${grouped(least)} times.`,
          expected,
        )
      );
    }
    const extra = step.times === undefined ? undefined : have[step.times];
    if (extra !== undefined)
      throw this.#failures.badFrame(
        conn,
        extra,
        `${matchText(step.frame)} came ${grouped(have.length)} times.`,
        expected,
        {
          cause: 'extra bytes',
        },
      );
  }

  async #goaway(conn: Http2Conn, step: Extract<ClaimStep, { do: 'expectGoaway' }>): Promise<void> {
    const match: FrameMatch = { ...step, type: 'GOAWAY' };
    const expected = matchText(match);
    const fit = (): boolean => conn.received.goaways.some(({ frame }) => fits(frame, match));
    await this.#parts.until(conn, () => fit() || conn.pipe.ended !== null);
    if (fit()) return;
    const last = conn.received.goaways.at(-1);
    if (last !== undefined)
      throw this.#failures.badFrame(
        conn,
        last.frame,
        `GOAWAY came with ${last.code} and last stream ${last.last}.`,
        expected,
      );
    throw (
      this.#failures.endedBefore(conn, 'any GOAWAY', expected) ??
      this.#failures.missing(conn, 'No GOAWAY came.', expected)
    );
  }

  async #reset(conn: Http2Conn, step: Extract<ClaimStep, { do: 'expectReset' }>): Promise<void> {
    const match: FrameMatch = { type: 'RST_STREAM', stream: step.stream, code: step.code };
    const expected = matchText(match);
    const found = (): { frame: WireFrame; code: string } | null =>
      conn.received.streams.get(step.stream)?.reset ?? null;
    await this.#parts.until(
      conn,
      () => found() !== null || conn.pipe.ended !== null || conn.received.goaways.length > 0,
    );
    const reset = found();
    if (reset === null) {
      const goaway = conn.received.goaways.at(-1);
      if (goaway !== undefined)
        throw this.#failures.badFrame(
          conn,
          goaway.frame,
          `GOAWAY with ${goaway.code} came: it ends the whole connection.`,
          expected,
        );
      throw (
        this.#failures.endedBefore(conn, expected, expected) ??
        this.#failures.missing(conn, `Stream ${step.stream} was not reset.`, expected)
      );
    }
    if (!fits(reset.frame, match))
      throw this.#failures.badFrame(conn, reset.frame, `Stream ${step.stream} was reset with ${reset.code}.`, expected);
  }

  async #fault(conn: Http2Conn, { stream, code }: Extract<ClaimStep, { do: 'expectFault' }>): Promise<void> {
    const told = (): boolean =>
      conn.received.goaways.length > 0 || (conn.received.streams.get(stream)?.reset ?? null) !== null;
    await this.#parts.until(conn, () => told() || conn.pipe.ended !== null);
    const { goaways } = conn.received;
    const found = conn.received.streams.get(stream)?.reset ?? goaways.at(-1) ?? null;
    const expected = `${matchText({ type: 'RST_STREAM', stream, code })}, or GOAWAY with it`;
    if (found === null)
      throw (
        this.#failures.endedBefore(conn, 'the fault was told', expected) ??
        this.#failures.missing(conn, `Nothing was said of the fault on stream ${stream}.`, expected)
      );
    const codes: readonly string[] = typeof code === 'string' ? [code] : code;
    if (!codes.includes(found.code))
      throw this.#failures.badFrame(conn, found.frame, `It was told with ${found.code}.`, expected);
  }

  /** The client goes on as far as it may: credit may come late, and at half a window as well. */
  async #letGo(conn: Http2Conn, { stream: id, rest }: Extract<ClaimStep, { do: 'expectLetGo' }>): Promise<void> {
    const { received, sent, pipe } = conn;
    const reset = (): { frame: WireFrame; code: string } | null => received.streams.get(id)?.reset ?? null;
    const room = (): number =>
      Math.min(received.granted(id) - (sent.streams.get(id)?.data ?? 0), received.granted(0) - sent.data);
    conn.sendFrom = pipe.offered;
    for (let at = 0; at < rest; ) {
      await this.#parts.settle(conn);
      await this.#parts.until(conn, () => reset() !== null || room() > 0 || pipe.ended !== null);
      if (reset() !== null || room() <= 0 || pipe.ended !== null) break;
      const n = Math.min(FRAME_SIZE, room(), rest - at);
      at += n;
      this.#parts.deliver(conn, bytesOf(data(id, { repeat: 'u', times: n }, { end: at === rest })));
      if (at === rest) return this.#parts.settle(conn);
    }
    const found = reset();
    const expected = `RST_STREAM on stream ${id} with NO_ERROR, or credit for the rest, on it and on the connection`;
    if (found === null)
      throw (
        this.#failures.endedBefore(conn, expected, expected) ??
        this.#failures.missing(conn, `The client still holds the rest of its body for stream ${id}.`, expected)
      );
    if (found.code !== 'NO_ERROR')
      throw this.#failures.badFrame(conn, found.frame, `Stream ${id} was reset with ${found.code}.`, expected);
  }

  async #credit(conn: Http2Conn, step: Extract<ClaimStep, { do: 'expectCredit' }>): Promise<void> {
    const { stream, exactly, atLeast = exactly ?? 0, atMost = exactly ?? Number.POSITIVE_INFINITY } = step;
    const sum = (): number => (stream === 0 ? conn.received.credit : (conn.received.streams.get(stream)?.credit ?? 0));
    await this.#parts.until(conn, () => sum() >= atLeast || conn.pipe.ended !== null);
    if (atMost < Number.POSITIVE_INFINITY) await this.#parts.watch(conn, () => sum() > atMost);
    const have = sum();
    if (have >= atLeast && have <= atMost) return;
    const where = stream === 0 ? 'for the connection' : `on stream ${stream}`;
    const bounds =
      exactly === undefined
        ? [
            atLeast > 0 ? `at least ${grouped(atLeast)}` : '',
            atMost < Number.POSITIVE_INFINITY ? `at most ${grouped(atMost)}` : '',
          ]
            .filter((part) => part !== '')
            .join(' and ')
        : grouped(exactly);
    const expected = `${bounds} bytes of credit ${where}`;
    const headline = `Your code gave ${count(have)} of credit ${where}.`;
    const last = conn.received.frames.findLast(
      (frame) => frame.type === FRAME_TYPES.WINDOW_UPDATE && frame.stream === stream,
    );
    throw have > atMost && last !== undefined
      ? this.#failures.badFrame(conn, last, headline, expected)
      : (this.#failures.endedBefore(conn, 'the credit', expected) ??
          this.#failures.missing(conn, headline, expected, { cause: 'incomplete' }));
  }
}

/** Whether the frame is as it is said to be. */
export function fits(frame: WireFrame, match: FrameMatch): boolean {
  if (frame.type !== FRAME_TYPES[match.type]) return false;
  if (match.stream !== undefined && frame.stream !== match.stream) return false;
  if (match.ack !== undefined && has(frame, 'ACK') !== match.ack) return false;
  if (match.end !== undefined && has(frame, 'END_STREAM') !== match.end) return false;
  if (match.setting !== undefined && settingIn(frame, match.setting.name) !== match.setting.value) return false;
  if (match.bytes !== undefined && latin1(frame.payload) !== latin1(bytesOf(match.bytes))) return false;
  const isGoaway = match.type === 'GOAWAY';
  if (match.last !== undefined && uint32(frame.payload) % 2 ** 31 !== match.last) return false;
  if (match.code === undefined) return true;
  const code = codeText(uint32(frame.payload, isGoaway ? 4 : 0));
  return (typeof match.code === 'string' ? [match.code] : match.code).some((name) => name === code);
}

/** The right frame but for what it holds. */
/** The last value counts where one id stands twice (RFC 9113 §6.5.3). Undefined where there is none. */
function settingIn(frame: WireFrame, name: SettingName): number | undefined {
  return settingsOf(frame.payload).findLast(({ id }) => id === SETTINGS[name])?.value;
}

function nearlyText(frame: WireFrame, { setting }: FrameMatch): string {
  if (setting === undefined) return `${frameText(frame)} came, and not what was expected.`;
  const told = settingIn(frame, setting.name);
  return `These SETTINGS ${told === undefined ? `do not name ${setting.name}` : `say ${setting.name} ${grouped(told)}`}.`;
}

function nearly(frame: WireFrame, { type, stream, ack }: FrameMatch): boolean {
  return fits(frame, { type, ...(stream === undefined ? {} : { stream }), ...(ack === undefined ? {} : { ack }) });
}
