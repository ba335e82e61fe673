/** Looks into a process that no longer answers: pauses it over the inspector, reads where it stands, lets it go on. */

type Frame = {
  callFrameId: string;
  url?: string;
  location: { scriptId: string; lineNumber: number; columnNumber: number };
};
export type Stand = {
  /** Path below `work/` of the topmost learner frame, with line and column from 1; null when no learner code is on the stack. */
  readonly place: { readonly path: string; readonly line: number; readonly column: number } | null;
  /** Evaluates in the paused frame and gives the string it returns. */
  evaluate(expression: string): Promise<string>;
  resume(): Promise<void>;
};

const LEARNER = /\/learner~[^/]*\/(.+)$/;

export class Inspector {
  #socket: WebSocket;
  #nextId = 1;
  #enabled: Promise<unknown> | null = null;
  #waiting = new Map<number, (result: Record<string, unknown>) => void>();
  #scripts = new Map<string, string>();
  #onPaused: ((frames: Frame[]) => void) | null = null;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.onmessage = (event) => this.#receive(JSON.parse(String(event.data)));
  }

  /** Connects to the address that the process printed. Rejects when it is gone. */
  static async connect(url: string): Promise<Inspector> {
    const socket = new WebSocket(url);
    await new Promise<void>((resolve, reject) => {
      socket.onopen = () => resolve();
      socket.onerror = () => reject(new Error('The inspector of the learner process does not answer'));
    });
    return new Inspector(socket);
  }

  /** Must come before the heap is large: the engine walks all of it. */
  enable(): Promise<unknown> {
    this.#enabled ??= this.#ask('Debugger.enable');
    return this.#enabled;
  }

  /** Pauses and says where. Works inside a loop that never ends. */
  async pause(): Promise<Stand> {
    await this.enable();
    const paused = new Promise<Frame[]>((resolve) => {
      this.#onPaused = resolve;
    });
    await this.#ask('Debugger.pause');
    const frames = await paused;
    const top = frames[0];
    const own = frames.find((frame) => LEARNER.test(this.#urlOf(frame)));
    const path = own === undefined ? undefined : LEARNER.exec(this.#urlOf(own))?.[1];
    return {
      place:
        own === undefined || path === undefined
          ? null
          : { path, line: own.location.lineNumber + 1, column: own.location.columnNumber + 1 },
      evaluate: async (expression) => {
        const answer = await this.#ask('Debugger.evaluateOnCallFrame', {
          callFrameId: top?.callFrameId,
          expression,
          returnByValue: true,
        });
        return String((answer.result as { value?: unknown } | undefined)?.value ?? '');
      },
      resume: async () => {
        await this.#ask('Debugger.resume');
      },
    };
  }

  #urlOf(frame: Frame): string {
    return frame.url || this.#scripts.get(frame.location.scriptId) || '';
  }

  #ask(method: string, params: Record<string, unknown> = {}): Promise<Record<string, unknown>> {
    const id = this.#nextId++;
    this.#socket.send(JSON.stringify({ id, method, params }));
    return new Promise((resolve) => this.#waiting.set(id, resolve));
  }

  #receive(message: {
    id?: number;
    method?: string;
    result?: Record<string, unknown>;
    params?: Record<string, unknown>;
  }): void {
    if (message.id !== undefined) {
      this.#waiting.get(message.id)?.(message.result ?? {});
      this.#waiting.delete(message.id);
    } else if (message.method === 'Debugger.scriptParsed') {
      this.#scripts.set(String(message.params?.scriptId), String(message.params?.url));
    } else if (message.method === 'Debugger.paused') {
      this.#onPaused?.((message.params?.callFrames ?? []) as Frame[]);
    }
  }
}
