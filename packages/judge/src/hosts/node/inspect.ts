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
};

const LEARNER = /\/learner~[^/]*\/(.+)$/;

export class Inspector {
  #socket: WebSocket;
  #nextId = 1;
  #enabled: Promise<unknown> | null = null;
  #waiting = new Map<number, (result: Record<string, unknown>) => void>();
  #scripts = new Map<string, string>();
  #onPaused: ((frames: Frame[]) => void) | null = null;
  #isPaused = false;

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

  /**
   * Pauses and says where. Works inside a loop that never ends. Rejects when `stop` is aborted first; whoever pauses calls
   * `release` in the end, or the process stands still for good.
   */
  async pause(stop: AbortSignal): Promise<Stand> {
    await orStopped(this.enable(), stop);
    const paused = new Promise<Frame[]>((resolve) => {
      this.#onPaused = resolve;
    });
    this.#tell('Debugger.pause');
    const frames = await orStopped(paused, stop);
    const top = frames[0];
    const own = frames.find((frame) => LEARNER.test(this.#urlOf(frame)));
    const path = own === undefined ? undefined : LEARNER.exec(this.#urlOf(own))?.[1];
    return {
      place:
        own === undefined || path === undefined
          ? null
          : { path, line: own.location.lineNumber + 1, column: own.location.columnNumber + 1 },
      evaluate: async (expression) => {
        const params = { callFrameId: top?.callFrameId, expression, returnByValue: true };
        const answer = await orStopped(this.#ask('Debugger.evaluateOnCallFrame', params), stop);
        return String((answer.result as { value?: unknown } | undefined)?.value ?? '');
      },
    };
  }

  /** Lets the process go on. A pause that was asked for and comes only now is undone as well. */
  release(): void {
    this.#onPaused = null;
    if (this.#isPaused) this.#tell('Debugger.resume');
  }

  #urlOf(frame: Frame): string {
    return frame.url || this.#scripts.get(frame.location.scriptId) || '';
  }

  #ask(method: string, params: Record<string, unknown> = {}): Promise<Record<string, unknown>> {
    const id = this.#tell(method, params);
    return new Promise((resolve) => this.#waiting.set(id, resolve));
  }

  #tell(method: string, params: Record<string, unknown> = {}): number {
    const id = this.#nextId++;
    this.#socket.send(JSON.stringify({ id, method, params }));
    return id;
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
      this.#isPaused = true;
      // Nobody waits for it any more: a process that stays paused would look like one that hangs.
      if (this.#onPaused === null) this.release();
      else this.#onPaused((message.params?.callFrames ?? []) as Frame[]);
    } else if (message.method === 'Debugger.resumed') {
      this.#isPaused = false;
    }
  }
}

/** The promise, or a rejection when the signal is aborted first. */
export function orStopped<T>(promise: Promise<T>, stop: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stopped = (): void => reject(new Error('The learner process did not answer in time'));
    if (stop.aborted) stopped();
    stop.addEventListener('abort', stopped, { once: true });
    promise.then(resolve, reject).finally(() => stop.removeEventListener('abort', stopped));
  });
}
