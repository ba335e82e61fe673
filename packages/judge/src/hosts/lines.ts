/** Reads what a host says about a run: one JSON line for each thing. */
import type { CheckResult } from '../result.ts';

export type HostMessage =
  | { readonly say: 'alive' | 'done' }
  | { readonly say: 'began'; readonly check: string }
  | { readonly say: 'ended'; readonly result: CheckResult };

/** No word for this long: learner code loops. These hosts have no debugger here, so the Node host names the line. */
export const SILENT_MS = 4000;
/** Before the first word: a runtime that is being started on a busy machine. */
export const START_MS = 30_000;

/** What a run has said so far. */
export class Protocol {
  readonly results: CheckResult[] = [];
  /** The check that began last. */
  current: string | null = null;

  receive(message: HostMessage): void {
    if (message.say === 'began') this.current = message.check;
    if (message.say === 'ended') this.results.push(message.result);
  }
}

const TICK_MS = 100;

/** Resolves when a run has said nothing for too long, or is aborted. Time in which this process itself gets no turn does not count. */
export class Silence {
  readonly promise: Promise<void>;
  #over: () => void = () => {};
  #left: number = START_MS;
  #timer: NodeJS.Timeout;

  constructor(signal?: AbortSignal) {
    this.promise = new Promise((resolve) => {
      this.#over = resolve;
    });
    this.#timer = setInterval(() => {
      this.#left -= TICK_MS;
      if (this.#left <= 0) this.#over();
    }, TICK_MS);
    signal?.addEventListener('abort', this.#over, { once: true });
  }

  heard(): void {
    this.#left = SILENT_MS;
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}

/** Reads lines until the stream ends, or says nothing for too long, or `signal` is aborted. */
export async function readLines(
  stream: AsyncIterable<Uint8Array>,
  protocol: Protocol,
  signal?: AbortSignal,
): Promise<void> {
  const iterator = stream[Symbol.asyncIterator]();
  const decoder = new TextDecoder();
  const silence = new Silence(signal);
  let rest = '';
  try {
    for (;;) {
      const step = await Promise.race([iterator.next(), silence.promise]);
      if (step === undefined || step.done === true) return;
      silence.heard();
      const lines = (rest + decoder.decode(step.value, { stream: true })).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) protocol.receive(JSON.parse(line));
    }
  } finally {
    silence.stop();
  }
}
