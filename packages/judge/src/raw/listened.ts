/** A signal that knows who still listens to it, with the line that asked. What was heard already is nobody's burden any more. */

type Listener = { readonly callback: unknown; readonly capture: boolean; readonly until: AbortSignal | null };

export class ListenedSignal {
  readonly #controller = new AbortController();
  readonly #listeners = new Map<Listener, Error>();

  constructor() {
    const { signal } = this.#controller;
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    own(signal, 'addEventListener', (...args: Parameters<typeof add>) => {
      const [type, callback, options] = args;
      const known = this.#find(callback, options);
      if (type === 'abort' && callback !== null && known === undefined)
        this.#listeners.set({ callback, capture: captureOf(options), until: untilOf(options) }, new Error('listener'));
      return add(...args);
    });
    own(signal, 'removeEventListener', (...args: Parameters<typeof remove>) => {
      const [type, callback, options] = args;
      const known = this.#find(callback, options);
      if (type === 'abort' && known !== undefined) this.#listeners.delete(known);
      return remove(...args);
    });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  abort(): void {
    this.#controller.abort();
  }

  /** Who would hear it now; none once it has been aborted. */
  get listening(): Error[] {
    if (this.signal.aborted) return [];
    return [...this.#listeners].filter(([{ until }]) => until?.aborted !== true).map(([, trace]) => trace);
  }

  #find(callback: unknown, options: unknown): Listener | undefined {
    const capture = captureOf(options);
    return [...this.#listeners.keys()].find((it) => it.callback === callback && it.capture === capture);
  }
}

function captureOf(options: unknown): boolean {
  return typeof options === 'object' ? (options as { capture?: boolean } | null)?.capture === true : options === true;
}

function untilOf(options: unknown): AbortSignal | null {
  return (typeof options === 'object' && (options as { signal?: AbortSignal } | null)?.signal) || null;
}

function own(target: object, name: string, value: unknown): void {
  Object.defineProperty(target, name, { value, configurable: true, writable: true });
}
