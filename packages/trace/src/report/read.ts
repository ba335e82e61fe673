import { HarReader } from './har/har.ts';
import { type Source, utf8Bytes } from './json/bytes.ts';
import { parseLenient } from './json/lenient.ts';
import { JsonSplitter, type Piece, type Plan } from './json/split.ts';
import { type Recording, UnreadableRecording } from './model.ts';
import { NetLogReader } from './netlog/netlog.ts';
import { QlogReader } from './qlog/qlog.ts';

/** How far the reading has come. */
export interface ReadProgress {
  /** Bytes of text; of a packed file, once unpacked. */
  readonly bytes: number;
  /** Exchanges so far. */
  readonly exchanges: number;
}

export interface ReadOptions {
  /** Called for about every megabyte. */
  readonly onProgress?: (progress: ReadProgress) => void;
  readonly signal?: AbortSignal;
}

const RECORD_SEPARATOR = 0x1e;
const EVERY = 1_000_000;
/** Text that is looked at to see what a file that cannot be read might be. */
const SHOWN = 200;

/** Everything that any of the formats has, by its place. What is in no place of these is passed over unread. */
const LOG: Plan = { version: 'take', creator: 'take', browser: 'take', pages: 'each', entries: 'each' };
const PLAN: Plan = {
  log: LOG,
  // A HAR without its outer object: some exporters write the inner one.
  version: 'take',
  creator: 'take',
  browser: 'take',
  pages: 'each',
  entries: 'each',
  constants: 'take',
  events: 'each',
  qlog_version: 'take',
  file_schema: 'take',
  trace: { common_fields: 'take', vantage_point: 'take', events: 'each' },
  traces: { '*': { common_fields: 'take', vantage_point: 'take', events: 'each' } },
};

/**
 * Reads a recording: HAR 1.1 or 1.2 of any writer, Chromium NetLog, qlog (contained or JSON-SEQ), packed with gzip or not, in UTF-8
 * or UTF-16. It is read in pieces: what is kept grows with the number of exchanges, not with the size of the file. Cookies,
 * authorisation and bodies never leave the reader.
 *
 * @throws {UnreadableRecording} with the place and what to do, when it is none of these; the signal's reason.
 */
export async function readRecording(source: Source, options: ReadOptions = {}): Promise<Recording> {
  const reader = new RecordingReader();
  let bytes = 0;
  let told = 0;
  for await (const chunk of utf8Bytes(source)) {
    options.signal?.throwIfAborted();
    reader.push(chunk);
    bytes += chunk.length;
    if (bytes - told >= EVERY) {
      told = bytes;
      options.onProgress?.({ bytes, exchanges: reader.count });
    }
  }
  options.onProgress?.({ bytes, exchanges: reader.count });
  return reader.end(bytes);
}

class RecordingReader {
  readonly #har = new HarReader();
  readonly #netlog = new NetLogReader();
  readonly #qlog = new QlogReader();
  readonly #splitter = new JsonSplitter(PLAN, (piece) => this.#take(piece));
  #sequence: SequenceReader | null = null;
  #begun = false;
  #start = '';
  #seen = { har: false, netlog: false, qlog: false };
  /** Events that came before it was known whose they are: a NetLog's come behind its constants, a qlog's may come first. */
  #waiting: Piece[] = [];

  get count(): number {
    return this.#har.count + this.#netlog.count + this.#qlog.count;
  }

  push(chunk: Uint8Array): void {
    if (this.#start.length < SHOWN) this.#start += new TextDecoder().decode(chunk.subarray(0, SHOWN));
    if (!this.#begun && chunk.length > 0) {
      this.#begun = true;
      const first = chunk.find((byte) => byte > 0x20 || byte === RECORD_SEPARATOR);
      if (first === RECORD_SEPARATOR) this.#sequence = new SequenceReader(this.#qlog);
    }
    if (this.#sequence !== null) this.#sequence.push(chunk);
    else this.#splitter.push(chunk);
  }

  end(bytes: number): Recording {
    if (this.#sequence !== null) return this.#qlog.recording(this.#sequence.end());
    const { complete, broken } = this.#splitter.end();
    const { har, netlog, qlog } = this.#seen;
    const warnings = netlog ? this.#netlog.warnings : qlog ? this.#qlog.warnings : this.#har.warnings;
    if (broken !== null) {
      warnings.add(`byte ${broken.offset}`, `There is ${broken.what}: what stands behind it was not read.`);
    } else if (!complete && !netlog) {
      warnings.add(`byte ${bytes}`, 'The file ends in the middle: what stands before was read.');
    }
    if (netlog) return this.#netlog.recording(complete);
    if (qlog) {
      for (const piece of this.#waiting) this.#qlog.event(parseLenient(piece.text), piece.index);
      return this.#qlog.recording(complete);
    }
    if (har && (this.#har.count > 0 || complete)) return this.#har.recording(complete);
    throw this.#unreadable(bytes, broken);
  }

  #take({ path, index, text, offset }: Piece): void {
    const value = (): unknown => parseLenient(text);
    switch (path) {
      case 'log.entries':
      case 'entries':
        this.#seen.har = true;
        this.#har.entry(value(), index);
        break;
      case 'log.pages':
      case 'pages':
        this.#seen.har = true;
        this.#har.page(value(), index);
        break;
      case 'log.version':
        this.#seen.har = true;
        this.#har.version(value());
        break;
      case 'version':
        this.#har.version(value());
        break;
      case 'log.creator':
      case 'creator':
        this.#har.creator(value());
        break;
      case 'log.browser':
      case 'browser':
        this.#har.browser(value());
        break;
      case 'constants':
        this.#seen.netlog = true;
        this.#netlog.constants(value());
        for (const piece of this.#waiting.splice(0)) this.#event(piece);
        break;
      case 'events':
        this.#event({ path, index, text, offset });
        break;
      case 'qlog_version':
      case 'file_schema':
        this.#seen.qlog = true;
        this.#qlog.header({ [path]: value() });
        break;
      case 'trace.common_fields':
      case 'traces.*.common_fields':
        this.#qlog.common(value());
        break;
      case 'trace.vantage_point':
      case 'traces.*.vantage_point':
        this.#qlog.vantage(value());
        break;
      case 'trace.events':
      case 'traces.*.events':
        this.#seen.qlog = true;
        this.#qlog.event(value(), index);
        break;
    }
  }

  #event(piece: Piece): void {
    if (this.#seen.netlog) {
      if (this.#netlog.mayConcern(piece.text)) this.#netlog.event(parseLenient(piece.text), piece.index);
    } else if (this.#seen.qlog) this.#qlog.event(parseLenient(piece.text), piece.index);
    else if (this.#waiting.length < 10_000) this.#waiting.push(piece);
  }

  #unreadable(bytes: number, broken: { offset: number; what: string } | null): UnreadableRecording {
    if (bytes === 0) return new UnreadableRecording('byte 0', 'it is empty');
    const start = this.#start.trimStart();
    if (/^<(?:!doctype|html|\?xml)/i.test(start)) {
      return new UnreadableRecording('byte 0', 'it is a web page or XML, not a recording: save it as HAR instead');
    }
    if (!start.startsWith('{') && !start.startsWith('[')) {
      return new UnreadableRecording('byte 0', 'it is no JSON: give a HAR, a Chromium NetLog or a qlog');
    }
    if (broken !== null)
      return new UnreadableRecording(`byte ${broken.offset}`, `it is broken: there is ${broken.what}`);
    if (this.#waiting.length > 0) {
      return new UnreadableRecording('constants', 'events without the constants of a NetLog or the version of a qlog');
    }
    return new UnreadableRecording(
      'log.entries',
      'it is JSON, but neither a HAR (log.entries), nor a NetLog (constants, events), nor a qlog (qlog_version, traces)',
    );
  }
}

/** JSON Text Sequences (RFC 7464): records behind a separator; a header first, then events. */
class SequenceReader {
  readonly #qlog: QlogReader;
  #rest = new Uint8Array(0);
  #records = 0;

  constructor(qlog: QlogReader) {
    this.#qlog = qlog;
  }

  push(chunk: Uint8Array): void {
    let from = 0;
    for (let at = chunk.indexOf(RECORD_SEPARATOR); at >= 0; at = chunk.indexOf(RECORD_SEPARATOR, from)) {
      this.#record(chunk.subarray(from, at));
      from = at + 1;
    }
    const kept = new Uint8Array(this.#rest.length + chunk.length - from);
    kept.set(this.#rest);
    kept.set(chunk.subarray(from), this.#rest.length);
    this.#rest = kept;
  }

  /** True when the last record is whole. */
  end(): boolean {
    const before = this.#records;
    const isEmpty = this.#rest.every((byte) => byte <= 0x20);
    this.#record(new Uint8Array(0));
    return isEmpty || this.#records > before;
  }

  #record(end: Uint8Array): void {
    const whole = new Uint8Array(this.#rest.length + end.length);
    whole.set(this.#rest);
    whole.set(end, this.#rest.length);
    this.#rest = new Uint8Array(0);
    const text = new TextDecoder().decode(whole).trim();
    if (text === '') return;
    const value = parseLenient(text);
    if (value === null) {
      this.#qlog.warnings.add(`record ${this.#records}`, 'A record that is no JSON was passed over.');
      return;
    }
    if (this.#records++ === 0) this.#qlog.header(value);
    else this.#qlog.event(value, this.#records - 2);
  }
}
