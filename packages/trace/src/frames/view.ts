/** A field line of a block, with its place in the block. */
export interface FrameLine {
  readonly from: number;
  readonly to: number;
  readonly form: string;
  readonly index: number | null;
  readonly table: 'static' | 'dynamic' | null;
  /** Null for a change of the table's size. */
  readonly name: string | null;
  /** Undefined where it is masked. */
  readonly value?: string;
}

/** A compressed field section: its bytes and lines. */
export interface FrameBlock {
  /** Where it starts in the frame. */
  readonly at: number;
  /** Frames that it came in. */
  readonly parts: number;
  readonly prefix: number;
  readonly bytes: Uint8Array;
  readonly lines: readonly FrameLine[];
}

/** A line of a dynamic table; `value` is undefined where it is masked. */
export interface TableEntry {
  readonly name: string;
  readonly value?: string;
}

/** A dynamic table at one moment, newest entry first. */
export interface TableView {
  readonly entries: readonly TableEntry[];
  readonly size: number;
  readonly capacity: number;
  /** Lines ever inserted: what QPACK counts its indices from. */
  readonly inserted: number;
}

export interface TableChange {
  readonly direction: 'received' | 'created';
  readonly before: TableView;
  readonly after: TableView;
  /** How many are new, and how many made room. */
  readonly inserted: number;
  readonly evicted: number;
}

/** One step of a stream or message from state to state. */
export interface StateStep {
  readonly frame: number;
  /** Of which table of states: a stream of HTTP/2, or one message of the others. */
  readonly of: 'stream' | 'request' | 'response';
  readonly streamId: number;
  readonly old: string;
  readonly next: string;
  readonly on: string;
}

export interface Windows {
  readonly connection: { readonly send: number; readonly receive: number };
  readonly streamId: number | null;
  readonly stream: { readonly send: number; readonly receive: number } | null;
}

/** One frame, or in HTTP/1.1 one piece of a message, with everything that followed from it. */
export interface FrameView {
  readonly protocol: 'http1' | 'http2' | 'http3';
  /** Its number in the log. */
  readonly number: number;
  readonly time: number;
  readonly direction: 'received' | 'created';
  /** Whoever looked on: the client has sent it. */
  readonly fromClient: boolean;
  readonly kind: string;
  /** Stream, or in HTTP/1.1 the exchange. */
  readonly streamId: number;
  readonly offset: number;
  readonly length: number;
  readonly payloadLength: number;
  readonly flags: number;
  readonly endStream: boolean;
  readonly startLine: string | null;
  readonly headers: readonly TableEntry[] | null;
  readonly settings: readonly { readonly name: string; readonly value: number }[] | null;
  /** Error code, increment, id or type: by its name. */
  readonly numbers: readonly { readonly name: string; readonly value: number }[];
  /** Its first bytes, without the block. */
  readonly bytes: Uint8Array;
  /** Bytes of `bytes` that are masked. */
  readonly masked: readonly { readonly from: number; readonly to: number }[];
  readonly block: FrameBlock | null;
  /** QPACK: what the bytes say. */
  readonly instructions: readonly Instruction[] | null;
  readonly keepAlive: { readonly keep: boolean; readonly why: string } | null;
  /** The table of its direction as it stood before. */
  readonly tableBefore: TableView;
  table: TableChange | null;
  windows: { readonly before: Windows | null; readonly after: Windows } | null;
  steps: readonly StateStep[];
}

export interface Instruction extends TableEntry {
  readonly from: number;
  readonly to: number;
  readonly instruction: string;
  readonly number?: number;
}

/** An event that is no frame: the connection's beginning and end, requests. */
export interface ConnectionNote {
  readonly time: number;
  readonly name: string;
  readonly data: Readonly<Record<string, unknown>>;
}
