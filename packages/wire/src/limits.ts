/**
 * Every bound that the core keeps, in one object for HTTP/1.1, HTTP/2 and HTTP/3.
 *
 * A limit that trips is named in `connection-error.limit`, in the GOAWAY debug data and in the reason of a 4xx response,
 * so that the owner of an honest peer finds the knob. Sizes are bytes, durations milliseconds, rates events per second.
 * Rates are token buckets: they refill, so that a long, honest connection is never punished for its age.
 */
export interface Limits {
  // Field sections, every version

  /**
   * Field lines in one header or trailer section, cookie crumbs included. Stops the "HTTP/2 bomb" of 2026
   * (CVE-2026-49975): one indexed byte on the wire becomes a whole field in memory. 128 is Node's bound for HTTP/2;
   * browsers send about 20.
   */
  readonly maxFields: number;

  // HTTP/1.1 messages

  /**
   * Bytes of a start line and its fields, whether the head is complete or still arriving. Stops heads that never end
   * (slow loris, memory). 16 KiB is what Node allows, and twice nginx's buffer. Answered with 431.
   */
  readonly maxHeadBytes: number;
  /**
   * Bytes of a request target. Stops targets that fill the whole head. RFC 9112 §3 asks for at least 8000.
   * Answered with 414.
   */
  readonly maxTargetBytes: number;
  /** Empty lines before a request line (RFC 9112 §2.2 asks for one). Stops an endless stream of CRLF that costs us work. */
  readonly maxLeadingEmptyLines: number;
  /**
   * Bytes of one chunk-size line with its extensions. Stops lines that never end. No extension is in common use; the
   * size itself needs at most 13 digits.
   */
  readonly maxChunkLineBytes: number;
  /**
   * Bytes of chunk extensions in one message. Stops uploads that are all extension (CVE-2023-39326, CVE-2024-22019).
   * Node allows 16 KiB; nobody is known to need 4.
   */
  readonly maxChunkExtensionBytes: number;
  /** Bytes of a trailer section in HTTP/1.1, complete or arriving. Stops a second head without bounds. Answered with 431. */
  readonly maxTrailerBytes: number;
  /**
   * Requests that are parsed and not yet answered in full on one HTTP/1.1 connection; at this number parsing stops until
   * a response is done. Stops a peer that queues work without reading. 16 is what pipelining clients were seen to use.
   */
  readonly maxPipelinedRequests: number;
  /**
   * Body bytes handed out and not yet given back with `consume` on one HTTP/1.1 connection before `wantsRead` turns
   * false. Stops an upload from filling memory behind a slow application. 256 KiB keeps 1 Gbit/s busy over 2 ms. Each
   * piece counts for at least 32 bytes, what its event costs, so that one-byte chunks reach the bound as well.
   */
  readonly maxUnconsumedBytes: number;
  /** Interim (1xx) responses that a client takes before the final one. Stops a server that never answers. curl's bound. */
  readonly maxInterimResponses: number;

  // HTTP/2 streams and frames

  /** Streams that the peer may have open (SETTINGS_MAX_CONCURRENT_STREAMS). RFC 9113 §6.5.2 advises no less than 100. */
  readonly maxConcurrentStreams: number;
  /**
   * Streams that the application has not let go of, closed ones included. Stops Rapid Reset (CVE-2023-44487), where
   * reset streams no longer count as open while their work goes on. Twice the concurrent ones.
   */
  readonly maxUnreleasedStreams: number;
  /** Burst of RST_STREAM received. Stops Rapid Reset. A browser that leaves a page resets at most its open streams: 100. */
  readonly resetBurst: number;
  /** Refill of `resetBurst` per second. nghttp2's number, seen to leave honest proxies alone. */
  readonly resetRate: number;
  /**
   * Burst of legal oddities: stream errors that the peer makes us send (MadeYouReset, CVE-2025-8671), and PING,
   * SETTINGS, PRIORITY, unknown and late frames. nghttp2 allows 10,000; honest peers make a handful.
   */
  readonly glitchBurst: number;
  /** Refill of `glitchBurst` per second. Enough for a PING every 100 ms for ever. */
  readonly glitchRate: number;
  /** Largest frame payload that we accept (SETTINGS_MAX_FRAME_SIZE). The protocol's minimum: small frames interleave well. */
  readonly maxFrameSize: number;
  /** CONTINUATION frames in one field block. Stops the flood of 2024 (CVE-2024-28182 and others). nghttp2's number. */
  readonly maxContinuationFrames: number;
  /** Encoded bytes of one field block over all its frames. Stops what many large CONTINUATION frames would hold. */
  readonly maxFieldBlockBytes: number;
  /**
   * Decoded size of a field section: names, values and 32 bytes a line (SETTINGS_MAX_HEADER_LIST_SIZE). Over it, a
   * request gets 431 and a response is reset. Browsers and proxies stop at 16 to 64 KiB.
   */
  readonly maxFieldSectionBytes: number;
  /** Decoded size at which the connection ends rather than the stream: decoding further is the attack (CVE-2016-6581). */
  readonly maxFieldSectionHardBytes: number;
  /** Dynamic table that we offer for decoding (SETTINGS_HEADER_TABLE_SIZE). What a peer can make us hold for ever. */
  readonly maxDecoderTableBytes: number;
  /** Dynamic table that we use for encoding, whatever the peer offers. Stops a peer that offers 4 GiB and lets us fill it. */
  readonly maxEncoderTableBytes: number;
  /** Entries in one SETTINGS frame. Stops large frames of nonsense (CVE-2019-9515). nghttp2's number; six are defined. */
  readonly maxSettingsPerFrame: number;
  /** PING and SETTINGS acknowledgements that wait to be written. Stops a peer that asks and never reads (CVE-2019-9512). */
  readonly maxQueuedAcks: number;
  /** Empty DATA frames without END_STREAM in a row on one stream (CVE-2019-9518). Honest senders need none or a few. */
  readonly maxEmptyDataFrames: number;
  /**
   * Bytes of room that small DATA frames (below `smallDataBytes`) may waste per stream: each costs what it lacks to
   * `smallDataBytes`. Refilled when the application consumes, and at least half the stream's window: a fixed budget
   * broke gRPC streams in other libraries (RUSTSEC-2026-0258 and its aftermath).
   */
  readonly smallDataBudget: number;
  /** DATA payloads below this are small. */
  readonly smallDataBytes: number;
  /** Receive window of a stream (SETTINGS_INITIAL_WINDOW_SIZE). What one upload can make us hold while nobody consumes. */
  readonly streamWindow: number;
  /** Receive window of the connection. What all uploads together can make us hold. */
  readonly connectionWindow: number;
  /** PRIORITY_UPDATE frames kept for streams that are not open yet (RFC 9218 §7.1). More are dropped and counted as glitches. */
  readonly maxPendingPriorityUpdates: number;
  /** Bytes of a PRIORITY_UPDATE field value. `u=7, i` needs six. */
  readonly maxPriorityValueBytes: number;

  // QPACK and HTTP/3

  /** Streams that may wait for the dynamic table (SETTINGS_QPACK_BLOCKED_STREAMS). Stops blocks that wait for ever. aioquic's number. */
  readonly maxBlockedStreams: number;
  /**
   * Field sections that we have sent and the peer has not acknowledged. Later ones name no dynamic entry. Stops a peer that
   * never acknowledges from making the encoder remember without bounds.
   */
  readonly maxOutstandingSections: number;
  /** Payload of one frame on the control stream. Stops large frames of nonsense; SETTINGS take about 30 bytes. */
  readonly maxControlFrameBytes: number;
  /** Unidirectional streams of unknown types that are open. Stops a flood of streams that mean nothing (RFC 9114 §10.5). */
  readonly maxUnknownStreams: number;

  // Output, every version

  /**
   * Bytes that `sendData` accepts for one connection before it takes fewer than offered. Stops window games and peers
   * that do not read (CVE-2019-9511). 64 KiB fills one write.
   */
  readonly outputHighWater: number;
  /**
   * Bytes of output, heads and control frames included, at which the connection is given up or reading stops: the peer
   * causes output and does not read it.
   */
  readonly maxPendingOutput: number;

  // Time

  /** From the first byte of a head (or from the start of the connection) to its end. Stops slow loris. Answered with 408. */
  readonly headTimeout: number;
  /** Between exchanges, nothing under way. Frees idle connections. Longer than a reader's pause between two pages. */
  readonly idleTimeout: number;
  /** Without a byte of a body that is under way. Stops bodies that dribble to a halt. Answered with 408. */
  readonly bodyTimeout: number;
  /** With output ready and no byte taken: a peer that does not read, or a zero window, pins what waits (HTTP/2 bomb). */
  readonly sendTimeout: number;
  /** From our SETTINGS to their acknowledgement (RFC 9113 §6.5.3). */
  readonly settingsAckTimeout: number;
}

/** The limits that hold where nothing else is said. Each number is explained at its name in `Limits`. */
export const DEFAULT_LIMITS: Limits = Object.freeze({
  maxFields: 128,

  maxHeadBytes: 16_384,
  maxTargetBytes: 8_192,
  maxLeadingEmptyLines: 4,
  maxChunkLineBytes: 1_024,
  maxChunkExtensionBytes: 4_096,
  maxTrailerBytes: 8_192,
  maxPipelinedRequests: 16,
  maxUnconsumedBytes: 262_144,
  maxInterimResponses: 128,

  maxConcurrentStreams: 100,
  maxUnreleasedStreams: 200,
  resetBurst: 200,
  resetRate: 33,
  glitchBurst: 100,
  glitchRate: 10,
  maxFrameSize: 16_384,
  maxContinuationFrames: 8,
  maxFieldBlockBytes: 65_536,
  maxFieldSectionBytes: 65_536,
  maxFieldSectionHardBytes: 262_144,
  maxDecoderTableBytes: 4_096,
  maxEncoderTableBytes: 4_096,
  maxSettingsPerFrame: 32,
  maxQueuedAcks: 100,
  maxEmptyDataFrames: 100,
  smallDataBudget: 25_600,
  smallDataBytes: 256,
  streamWindow: 262_144,
  connectionWindow: 1_048_576,
  maxPendingPriorityUpdates: 32,
  maxPriorityValueBytes: 64,

  maxBlockedStreams: 16,
  maxOutstandingSections: 1_024,
  maxControlFrameBytes: 4_096,
  maxUnknownStreams: 16,

  outputHighWater: 65_536,
  maxPendingOutput: 1_048_576,

  headTimeout: 10_000,
  idleTimeout: 60_000,
  bodyTimeout: 30_000,
  sendTimeout: 30_000,
  settingsAckTimeout: 10_000,
});

/**
 * `DEFAULT_LIMITS` with some replaced.
 *
 * @throws {RangeError} when a limit is not a number, or is negative.
 */
export function withLimits(changes: Partial<Limits> | undefined): Limits {
  if (changes === undefined) return DEFAULT_LIMITS;
  for (const [name, value] of Object.entries(changes)) {
    if (!(name in DEFAULT_LIMITS)) throw new RangeError(`Cannot set limit ${name}: there is no limit of that name`);
    if (typeof value !== 'number' || !(value >= 0)) {
      throw new RangeError(`Cannot set limit ${name} to ${value}: give a number that is not negative, or Infinity`);
    }
  }
  return { ...DEFAULT_LIMITS, ...changes };
}
