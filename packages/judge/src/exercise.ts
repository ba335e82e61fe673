/**
 * What an exercise is. Everything here is plain data that survives JSON: the same steps run the check (in any host), print
 * the step trace and draw the timeline, and a page, a Worker or Deno can be handed them as they are.
 */

import type { BodyStep } from './raw/scenes/body-steps.ts';
import type { ClientScene, ClientStep } from './raw/scenes/client-steps.ts';
import type { CrowdPart, CrowdStep } from './raw/scenes/crowd-steps.ts';
import type { FramesScene, FramesStep } from './raw/scenes/frames-steps.ts';
import type { FunctionScene, FunctionStep } from './raw/scenes/function-steps.ts';
import type { Http2BrowserStep } from './raw/scenes/http2-browser-steps.ts';
import type { Http2ClientScene, Http2Scene, Http2Step } from './raw/scenes/http2-steps.ts';
import type { IdleStep } from './raw/scenes/idle-steps.ts';
import type { LinkScene, LinkStep } from './raw/scenes/link-steps.ts';
import type { OrderStep } from './raw/scenes/order-steps.ts';
import type { PacketStep, PacketsScene } from './raw/scenes/packet-steps.ts';
import type { QueueStep } from './raw/scenes/queue-steps.ts';
import type { ReaderScene, ReaderStep } from './raw/scenes/reader-steps.ts';
import type { ReplyClaims } from './raw/scenes/reply-claims.ts';
import type { RoadPlan } from './raw/scenes/road-plan.ts';
import type { SegmentStep, SegmentsScene } from './raw/scenes/segment-steps.ts';
import type { StreamStep } from './raw/scenes/stream-steps.ts';

export { offsetsPicture } from './raw/ranges.ts';
export { type Held, type HeldMark, heldIn, marksOf, marksStory, type ReplyTimes } from './raw/scenes/held-marks.ts';
export { finishOf, type RoadPlan, roadStep } from './raw/scenes/road-plan.ts';
export type {
  BodyStep,
  ClientScene,
  ClientStep,
  CrowdPart,
  CrowdStep,
  FramesScene,
  FramesStep,
  FunctionScene,
  FunctionStep,
  Http2ClientScene,
  Http2Scene,
  Http2Step,
  IdleStep,
  LinkScene,
  LinkStep,
  OrderStep,
  PacketStep,
  PacketsScene,
  QueueStep,
  ReaderScene,
  ReaderStep,
  SegmentStep,
  SegmentsScene,
  StreamStep,
};

/** Bytes as data. A string stands for its UTF-8 bytes; `hex` may hold spaces; a list is joined. */
export type Bytes =
  | string
  | { readonly hex: string }
  | { readonly repeat: Bytes; readonly times: number }
  | readonly Bytes[];

export type Track = 'keep-alive' | 'pipelining' | 'demultiplexing' | 'head-of-line';

/**
 * `tables`: the memory of the header blocks, before and behind each. `states`: the states of the streams. `purses`: what the
 * learner's code may still send, and who was held. `credit`: what has come and was not given back. `connection`: what is said on
 * stream 0. `bands`: whose DATA stands where on the wire. `arrows`: which reply is whose, by stream id. `protocols`: one page over
 * HTTP/1.1 and over HTTP/2. `lanes`: the frames, below the connections that as many requests took over HTTP/1.1.
 */
export type RunPicture =
  | 'tables'
  | 'states'
  | 'purses'
  | 'credit'
  | 'connection'
  | 'bands'
  | 'arrows'
  | 'protocols'
  | 'lanes';

/** Who judges: bytes on a pipe in memory, an unmodified Chromium, or one run over real TCP that only claims positive things. */
export type Oracle = 'raw' | 'chromium' | 'smoke';

/** A rule and where it stands. `text` is what is printed (`RFC 9112 §9.3`, or `contract`). */
export type Spec = { readonly text: string; readonly url: string };

export type Exercise = {
  /** Short and stable, such as `KA2`. */
  readonly id: string;
  readonly track: Track;
  /** Folder below the project root, such as `workshops/1-keep-alive/2-one-connection`. */
  readonly folder: string;
  readonly title: string;
  /** One sentence: what is true, not what to do. */
  readonly idea: string;
  readonly minutes: number;
  /** Ids of the exercises whose model answers this one starts from. */
  readonly buildsOn: readonly string[];
  /** The signature that the learner fills in, as TypeScript text. */
  readonly contract: string;
  /** In the order in which they are shown. The last one is the one that a single-file submission stands for. */
  readonly files: readonly LearnerFile[];
  readonly checks: readonly Check[];
  /** Exactly the check ids that the untouched start fails, Chromium's included. */
  readonly startFails: readonly string[];
  /** It asks for nothing new: all that is in its folder, the wrong submissions too, passes the raw checks of the track before it. */
  readonly capstone?: true;
  /** What is drawn first of a run on HTTP/2, above its frames; absent where the frames themselves are what to look at. */
  readonly picture?: RunPicture;
  /** The previous model answers under this contract, and exactly what they fail; absent where the start is the carry. */
  readonly carry?: { readonly from: string; readonly fails: readonly string[] };
};

/** One file of the learner's program. */
export type LearnerFile = {
  /** Below `work/`, such as `http1/server.ts`; also the path below `solution/`. */
  readonly path: string;
  /** Below the exercise's folder; null when the file comes from an earlier exercise and is only grown here. */
  readonly start: string | null;
  /** Exports that must be there before any check runs. Without any, the file counts only where another one imports it. */
  readonly exports: readonly string[];
};

export type Check = RawCheck | BrowserCheck;

type CheckBase = {
  /** `KA2-1`; Chromium's end in `-C`. */
  readonly id: string;
  /** What holds when it passes, in a few words: `three exchanges on one connection`. */
  readonly title: string;
  readonly spec: Spec;
  /** One or two sentences shown under a failure: the idea behind the rule, never the fix. */
  readonly idea: string;
};

export type RawCheck = CheckBase & {
  readonly judge: 'raw';
  readonly scene: Scene;
  readonly steps: readonly Step[];
  readonly limits?: Limits;
};
export type BrowserCheck = CheckBase & {
  readonly judge: 'chromium' | 'smoke';
  readonly scene: Scene;
  readonly steps: readonly BrowserStep[];
};

/** Bounds of one check; beyond them the engine stops it with a verdict of its own. */
export type Limits = {
  /** Bytes that the learner may write in the whole check. Default 1 MiB. */
  readonly written?: number;
  /** How far the judge's clock may run while it waits for something, in milliseconds. Default 60,000. */
  readonly patience?: number;
};

/**
 * Who plays what. `server`: the learner exports `serve(connection, handler, options)`, the judge is client and handler.
 * `client`: the learner exports `pool(dial)` or `pipeline(dial)`, the judge is `dial` and the server behind it.
 * `reader`: the learner exports `reader(readable)`, the judge owns the stream. `function`: a pure function.
 * `link`: the learner exports a client and a server, and the judge carries the bytes between them.
 * `segments`: the learner exports `inOrder(segments, limit)`, the judge lets segments arrive and reads.
 * `packets`: the learner exports `streams(packets, limit)`, the judge lets packets arrive and reads each body.
 * `frames`: the learner exports an async generator of HTTP/2 frames. `http2`, `http2-client`: their server, or their client,
 * speaks HTTP/2 with the judge.
 * Each is played by one file in `raw/scenes/`; a new kind adds itself here.
 */
export type Scene =
  | ServerScene
  | ClientScene
  | ReaderScene
  | FunctionScene
  | LinkScene
  | SegmentsScene
  | PacketsScene
  | FramesScene
  | Http2Scene
  | Http2ClientScene;

export type ServerScene = {
  readonly kind: 'server';
  /** File and export that is called, such as `http1/server.ts` and `serve`. */
  readonly file: string;
  readonly export: string;
  /** The first rule that fits a request answers it. A request that none fits is an error of its own: nobody sent it. */
  readonly handler: readonly HandlerRule[];
  /** `signal`: each `serve` gets an `AbortSignal`, which the step `abort` aborts. */
  readonly options?: {
    readonly idle?: number;
    readonly signal?: true;
    readonly maxInFlight?: number;
    readonly maxStreams?: number;
  };
};

/** What the judge's handler does with a request. */
export type HandlerRule = {
  /** `GET /a`; the target is compared as it came. A star at the end, as in `GET /n/*`, stands for the rest of it. */
  readonly on: string;
  /** Only for requests that have this field with this value. */
  readonly when?: readonly [name: string, value: string];
  /** How much of the request body is read before replying. Default `all`. */
  readonly read?: 'all' | 'nothing' | number;
  /** Give up the rest of the body (`cancel`) after reading that much. Default: it is left as it is. */
  readonly cancel?: boolean;
  /** Wait on the judge's clock before replying, in milliseconds. */
  readonly after?: number;
  /** Wait until the judge releases this name (`release`) before replying; a star in it as in `on`. */
  readonly until?: string;
  /** Wait until so many handlers of this name wait at the same time; then these go on, and the next ones wait anew. Chromium only. */
  readonly together?: { readonly name: string; readonly size: number };
  /** Throw instead of replying. */
  readonly throws?: true;
  readonly reply: Reply;
};

export type Reply = {
  /** Default 200. */
  readonly status?: number;
  readonly fields?: readonly (readonly [name: string, value: string])[];
  /** A whole body, or pieces with waits between them (`fails`: the body errors after the last one), or the request's own body; absent: no body at all. */
  readonly body?:
    | Bytes
    | {
        readonly pieces: readonly { readonly after?: number; readonly until?: string; readonly bytes: Bytes }[];
        readonly fails?: boolean;
      }
    /** This text, each star in it replaced by what the star of the rule stands for. */
    | { readonly starred: string }
    /** The request's body: read to its end first, or handed on as it comes. */
    | { readonly echo: true | 'as it comes' };
};

/** A connection of the scene, `c1` unless told; its first use opens it. */
type On = { readonly on?: string };

/** One step of a raw check: an action of the judge, or an expectation. `describeStep` (raw/steps.ts) says each in words. */
export type Step =
  | SendStep
  | EndInputStep
  | ResetStep
  | AdvanceStep
  | ExpectReplyStep
  | ExpectSilenceStep
  | ExpectEndStep
  | ExpectSettledStep
  | ExpectHandlerCallsStep
  | EveryCutStep
  | EachStep
  | BodyStep
  | StreamStep
  | OrderStep
  | QueueStep
  | IdleStep
  | CrowdStep
  | ClientStep
  | ReaderStep
  | FunctionStep
  | LinkStep
  | SegmentStep
  | PacketStep
  | FramesStep
  | Http2Step;

export type SendStep = On & {
  readonly do: 'send';
  readonly bytes: Bytes /** What it is, such as `GET /a`. */;
  readonly what?: string;
};
/** The judge ends its direction (FIN). */
export type EndInputStep = On & { readonly do: 'endInput' };
/** The judge breaks the connection off (RST). */
export type ResetStep = On & { readonly do: 'reset' };
/** The judge's clock goes on by this many milliseconds. */
export type AdvanceStep = { readonly do: 'advance'; readonly ms: number };
/** One whole final reply comes next. Interim (1xx) replies before it are passed over. */
export type ExpectReplyStep = On &
  ReplyClaims & {
    readonly do: 'expectReply';
    /** The request it answers, `GET /a`: the method decides whether it has a body (HEAD). */
    readonly to: string;
    readonly status?: number;
    readonly body?: Bytes;
    /** Fields that must be there with this value; names in any case. */
    readonly fields?: readonly (readonly [name: string, value: string])[];
    /** The reply must say or show that the connection goes on (`stays`), or that it does not (`ends`); default: not judged here. */
    readonly connection?: 'stays' | 'ends';
    /** Default false: empty lines before the status line are passed over, because another check is about them. */
    readonly exact?: boolean;
  };
/** Nothing more comes and the connection stays open, however long one waits (`for` milliseconds on the judge's clock). */
export type ExpectSilenceStep = On & { readonly do: 'expectSilence'; readonly for?: number };
/** Nothing more comes, then the learner's end. A reset counts as an end where nobody is left to lose a byte (`reset: true`). */
export type ExpectEndStep = On & {
  readonly do: 'expectEnd' /** Bytes before the end are not judged. */;
  readonly anything?: boolean;
};
/** The promise that the learner's function returned is settled, either way. */
export type ExpectSettledStep = On & { readonly do: 'expectSettled' };
/** These calls so far on this connection, no more, no fewer, in this order. `body` absent: not judged. */
export type ExpectHandlerCallsStep = On & {
  readonly do: 'expectHandlerCalls';
  readonly calls: readonly { readonly request: string; readonly body?: Bytes }[];
  /** Fewer are right too: the first of `calls`, or none. */
  readonly atMost?: boolean;
};
/**
 * The same bytes on a fresh connection for each delivery: whole, cut in two at every position, and byte by byte
 * (`deliveries` narrows it). After each, `eachTime` must hold. The failing delivery is the one that is shown.
 */
export type EveryCutStep = {
  readonly do: 'everyCut';
  /** Before the bytes of each delivery: what a client asks for, so that they are its answers. */
  readonly first?: readonly Step[];
  readonly bytes: Bytes;
  readonly what?: string;
  readonly deliveries?: readonly Delivery[];
  readonly eachTime: readonly Step[];
};
/** `prefix`: only the first k bytes are sent, for every 0 < k < length. */
export type Delivery = 'whole' | 'cut' | 'bytes' | 'prefix';
/** Cases side by side, each on a fresh connection; the failing row is the one that is shown. */
export type EachStep = {
  readonly do: 'each';
  readonly cases: readonly { readonly title: string; readonly steps: readonly Step[] }[];
};

/** One step of a browser check. Paths are on the learner's own origin; fetches run in the page, one after another. */
export type BrowserStep =
  | {
      readonly do: 'open';
      readonly path: string;
      /** `images`: so many, and each is shown. */
      readonly expect?: { readonly text?: string; readonly images?: number };
    }
  | {
      readonly do: 'fetch';
      readonly method: string;
      readonly path: string;
      /** Fields of the request, beside those that Chromium adds. */
      readonly fields?: readonly (readonly [name: string, value: string])[];
      readonly body?: Bytes;
      readonly expect: { readonly status?: number; readonly body?: Bytes };
    }
  /** Each of these when the one before has its answer. */
  | { readonly do: 'fetchInTurn'; readonly fetches: readonly PageFetch[] }
  /** All of these at the same time; each gets its own answer. */
  | { readonly do: 'fetchTogether'; readonly fetches: readonly PageFetch[] }
  /**
   * The page reads a streaming reply as it comes. Only when it has read all of `first` may the handler make the next piece,
   * the one that waits `until` this name is released; then the page reads on to the end.
   */
  | {
      readonly do: 'stream';
      readonly method: string;
      readonly path: string;
      readonly first: Bytes;
      readonly release: string;
      readonly body: Bytes;
    }
  /**
   * These paths, named in order, travelled on this many connections: CDP's `connectionId` joined with the server's own ids.
   * `each`: every one of them carried at least so many.
   */
  | {
      readonly do: 'expectConnections';
      readonly paths: readonly string[];
      readonly count: number;
      readonly each?: number;
    }
  /**
   * The learner's code ends the connection that carried this request, within so many milliseconds of its clock: in such a
   * check the clock can be put forward, and the judge does.
   */
  | { readonly do: 'expectEndAfter'; readonly request: string; readonly within: number }
  /** A learner's client runs in the page: it is asked for all of these in one turn, and each body is read to its end. */
  | {
      readonly do: 'askInPage';
      readonly requests: readonly {
        readonly request: string;
        readonly body?: Bytes;
        /** Status 200 unless told. */
        readonly expect: { readonly status?: number; readonly body?: Bytes };
      }[];
    }
  /** The learner's `frames` gave every frame that Chromium sent, in order; so many of them are HEADERS, or more. */
  | { readonly do: 'expectFramesRead'; readonly atLeast: number }
  | Http2BrowserStep
  /** Chromium fetches what the client was asked for before, on connections of its own: drawn beside the client's, not judged. */
  | { readonly do: 'fetchBeside' }
  /** So many WebSockets were opened by the client, as Chromium and the server count them. */
  | { readonly do: 'expectSockets'; readonly count: number }
  /**
   * A given page with so many images is loaded from a given server, and one range of bytes is held back: on the one connection of
   * HTTP/2, or on one of six of HTTP/1.1. What the learner's `late` names is exactly what Chromium does not have then.
   */
  | { readonly do: 'expectLate'; readonly protocol: 'h2' | 'http/1.1'; readonly images: number }
  /** In a page, packets come over a WebSocket, slot by slot: when each reply is whole is what the learner's `finish` says. */
  | {
      readonly do: 'expectRoadsInPage';
      readonly plans: readonly RoadPlan[];
      readonly tcp: { readonly file: string; readonly export: string };
      readonly quic: { readonly file: string; readonly export: string };
    }
  /** What the handler was called for, in order; `body` absent: not judged. */
  | {
      readonly do: 'expectHandlerCalls';
      readonly calls: readonly { readonly request: string; readonly body?: Bytes }[];
    };

export type PageFetch = {
  readonly method: string;
  readonly path: string;
  readonly fields?: readonly (readonly [name: string, value: string])[];
  readonly body?: Bytes;
  readonly expect: { readonly status?: number; readonly body?: Bytes };
};

/** Keeps the literal types of an exercise while checking its shape. */
export function defineExercise(exercise: Exercise): Exercise {
  return exercise;
}

/** The spec of a section: `rfc(9112, '9.3')` is `RFC 9112 §9.3` with its address. */
export function rfc(number: number, section: string): Spec {
  const anchor = /^[A-Z]/.test(section) ? `appendix-${section}` : `section-${section}`;
  return { text: `RFC ${number} §${section}`, url: `https://www.rfc-editor.org/rfc/rfc${number}#${anchor}` };
}
