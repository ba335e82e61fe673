/** What a run found. Plain data: `.workshop/runs/<n>/result.json` holds a `RunResult` as it is. */
import type { Oracle, RoadPlan, RunPicture, Spec } from './exercise.ts';

export type Host = 'node' | 'deno' | 'worker' | 'page';

/** Shape of Exercism's results.json version 3, with more beside each test. */
export type RunResult = {
  readonly version: 3;
  readonly exercise: string;
  /** `error`: the learner's program could not be judged at all (it does not load, an export is missing). */
  readonly status: 'pass' | 'fail' | 'error';
  /** Set with `error`: the text that stands in place of the tests. */
  readonly message?: string;
  readonly host: Host;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  /** Real time from the save to the verdict, milliseconds. */
  readonly ms: number;
  /** In teaching order, one for each check that was asked for. */
  readonly tests: readonly CheckResult[];
};

export type CheckResult = {
  readonly checkId: string;
  /** `KA2-1 three exchanges on one connection`; Exercism's `name`. */
  readonly name: string;
  readonly title: string;
  /** The exercise's id; Exercism's `task_id`. */
  readonly task_id: string;
  /** `skipped`: not run, because the program does not load, was killed in an earlier check, or the raw judge has failed. */
  readonly status: 'pass' | 'fail' | 'skipped';
  readonly oracle: Oracle;
  readonly spec: Spec;
  /** Real time, milliseconds. */
  readonly ms: number;
  /** The rendered failure, the same text in terminal, page and file. Set by the renderer. */
  readonly message?: string;
  readonly failure?: Failure;
  /** The steps that ran, in words, the failing one last. */
  readonly steps: readonly StepResult[];
  /** How many deliveries ran (every cut counts), and which one failed, in words: `cut after byte 23`. */
  readonly variants?: { readonly run: number; readonly failed?: string };
  /** What happened, in order. After many deliveries: of the failing one, else of the last one. */
  readonly transcript: readonly Entry[];
  /** What Chromium did with the same requests, on connections of its own. Drawn, not judged. */
  readonly beside?: readonly BesideFetch[];
  readonly connections: readonly ConnectionRecord[];
  /** What is drawn first, where the exercise says so. */
  readonly picture?: RunPicture;
  /** How many requests may be begun and unsent, where the check says so: for the picture of a queue. */
  readonly maxInFlight?: number;
  /** What was held back in front of Chromium: what the learner's function said, and what the page did not have. */
  readonly held?: readonly HeldPicture[];
  /** Replies on several roads: when each packet arrived, when each reply was whole, and what was predicted. */
  readonly roads?: readonly RoadPicture[];
  /** What the learner's code printed during the check, at most 500 characters; Exercism's `output`. */
  readonly output: string;
};

/** One load with a hole. Offsets count the plain bytes of one connection. */
export type HeldPicture = {
  readonly title: string;
  readonly hole: { readonly from: number; readonly to: number };
  readonly total: number;
  readonly rows: readonly {
    readonly label: string;
    readonly streamId: number;
    readonly frames: readonly { readonly from: number; readonly to: number }[];
    /** What the learner's function said of it. */
    readonly predicted: 'lost' | 'behind' | null;
    /** Chromium did not have it when the hole was filled. */
    readonly isMissing: boolean;
  }[];
  /** Images that came over other connections meanwhile. */
  readonly others: readonly string[];
};

/** One run of a plan. `finished`: the slot in which each reply was whole; -1 where it never was. */
export type RoadPicture = {
  readonly plan: RoadPlan;
  readonly sent: readonly { readonly reply: number; readonly arrives: number }[];
  readonly finished: readonly number[];
  readonly predicted: readonly number[] | null;
};

/** A request that Chromium made itself, for comparison. `connection` is its own id; the times are milliseconds since it was asked for all. */
export type BesideFetch = {
  readonly request: string;
  readonly connection: number;
  readonly sent: number;
  readonly last: number;
};

export type StepResult = {
  readonly text: string;
  readonly kind: 'action' | 'expectation';
  readonly status: 'done' | 'failed' | 'not run';
};

/** Why a check failed, as a class. The first group is about the wire, the second is the engine's own and the same in every exercise. */
export type Cause =
  | 'silent' // nothing came, and nothing more can come
  | 'incomplete' // something came, but not a whole message
  | 'wrong bytes' // a whole message, and not the right one; or no message at all
  | 'extra bytes' // right, and then more than right
  | 'wrong length' // what the framing says is not what is there
  | 'no framing' // nothing says where the message ends
  | 'closed early'
  | 'never ended'
  | 'never settled'
  | 'reset'
  | 'handler' // the handler was called too often, too seldom, or with the wrong request
  | 'wrong connection' // right answers, on the wrong number of connections
  | 'does not load'
  | 'missing export'
  | 'crashed' // threw, or its promise rejected, while an answer was owed
  | 'hung'
  | 'ended the process'
  | 'flooded'
  | 'out of memory'
  | 'not everywhere' // used a name that one of the hosts does not have
  | 'unhandled rejection'
  | 'unbounded' // took or kept more than the bound that the check names
  | 'wrong value' // a pure function gave another value
  | 'contract' // handed over something of another type than the contract says
  | 'engine'; // the judge itself failed; never the learner's fault

export type Failure = {
  readonly cause: Cause;
  /** One sentence, a fact: `The connection ended after reply 1 of 3.` */
  readonly headline: string;
  /** What the judge sent on the connection, around what matters. */
  readonly sent?: Excerpt;
  readonly received?: Excerpt;
  /** Which bytes came and which were passed on: rows of one character a place, below a ruler of offsets. */
  readonly picture?: readonly PictureLine[];
  /** Facts after the received bytes, one line each: `nothing more came, and nothing is left to run`. */
  readonly facts?: readonly string[];
  /** What should have been, one line; printed beside the spec. */
  readonly expected?: string;
  readonly spec: Spec;
  readonly idea: string;
  /** The learner's line that did it, or that waits; the first is printed. */
  readonly at: readonly CodePlace[];
  /** The failing step in words, and the delivery it failed in. */
  readonly step?: string;
  readonly delivery?: string;
};

/** One row of a picture: what it is, at most 11 characters, and its marks, which are printed as they are. */
export type PictureLine = { readonly label: string; readonly text: string };

/** A stretch of one connection's bytes in one direction. */
export type Excerpt = {
  readonly connection: string;
  /** One character for each byte (latin1): `\u00c3` is the byte C3. Lossless. */
  readonly bytes: string;
  /** Offset of the first of `bytes` in the direction's whole stream. */
  readonly from: number;
  /** How many bytes the direction carried in all. */
  readonly total: number;
  /** Offset (in the whole stream) of the byte that matters, and what to say there. May equal `total`: where a byte is missing. */
  readonly caret?: { readonly at: number; readonly text: string };
  /** Offsets at which a new write (received) or delivery (sent) begins. */
  readonly borders: readonly number[];
  /** What they are, frame by frame, where they are frames: then the bytes are shown as hex, and only at the caret. */
  readonly words?: readonly string[];
};

/** A place in the learner's code. */
export type CodePlace = {
  /** Path below `work/`: `http1/server.ts`. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
  /** The source line, untrimmed. */
  readonly text: string;
  /** What happened there: `wrote these bytes`, `closed the connection`, `waits for bytes`, `threw`. */
  readonly did: string;
};

/** One thing that happened, as the judge saw it. `tick` counts entries, so that order is never lost when the clock stands still. */
export type Entry = {
  readonly tick: number;
  /** The judge's clock, milliseconds from the start of the check. Chromium: real milliseconds. */
  readonly at: number;
  readonly connection: string;
  readonly by: 'judge' | 'learner';
} & (
  | { readonly what: 'opened' | 'ended' | 'reset' | 'stopped reading' | 'settled' }
  /** `from`: offset in that direction's stream. `bytes`: one character a byte. */
  | { readonly what: 'bytes'; readonly from: number; readonly bytes: string; readonly place?: CodePlace }
  /** The handler was called, and what it answered. `exchange` counts from 1 on the connection. */
  | {
      readonly what: 'request';
      readonly exchange: number;
      readonly request: string;
      readonly body?: string;
      readonly place?: CodePlace;
    }
  | { readonly what: 'response'; readonly exchange: number; readonly status: number }
  /** A call of the learner's reader came to something; `used` is how far the stream is used up by then. */
  | { readonly what: 'gave'; readonly call: string; readonly outcome: string; readonly used: number }
  /** A stretch of a stream came, from any side: `connection` names the stream. `packet`: in which packet. */
  | {
      readonly what: 'arrived';
      readonly from: number;
      readonly to: number;
      readonly last?: true;
      readonly packet?: number;
    }
  /** Bytes that the learner's code gave to whoever reads the stream, and its end. */
  | { readonly what: 'passed on'; readonly from: number; readonly to: number }
  | { readonly what: 'said'; readonly text: string }
  | { readonly what: 'time'; readonly to: number }
);

/** A connection as a lane: for the timeline. Marks are ticks; join them with the transcript for times. */
export type ConnectionRecord = {
  readonly id: string;
  /** Chromium's own number for it, and the server's, where there are such. */
  readonly chromium?: string;
  readonly server?: string;
  /** Absent: HTTP/1.1. */
  readonly protocol?: 'h2';
  readonly opened: number;
  readonly ended: null | { readonly tick: number; readonly by: 'judge' | 'learner'; readonly how: 'end' | 'reset' };
  readonly bytes: { readonly toLearner: number; readonly taken: number; readonly fromLearner: number };
  readonly exchanges: readonly ExchangeRecord[];
  /** Of HTTP/2: whose DATA the replies were made of, in the order of the wire; of all that went, and not only of what is kept. */
  readonly data?: readonly DataRun[];
  /** How much of each request's body the handler read, in the order of its calls; absent where nobody counted. */
  readonly read?: readonly number[];
};

/** DATA of one stream without that of another between: so many bytes, without padding. */
export type DataRun = readonly [stream: number, bytes: number];

/** One exchange on a connection: a bar. Ticks; null where it never happened. */
export type ExchangeRecord = {
  readonly n: number;
  /** Of HTTP/2: the id of its stream. */
  readonly stream?: number;
  readonly request: string;
  /** The last byte of the request was handed over, the handler was called, it answered, first and last byte of the reply came. */
  readonly asked: number | null;
  readonly handled: number | null;
  readonly answered: number | null;
  readonly first: number | null;
  readonly last: number | null;
  readonly status: number | null;
};
