import { convertV4MiniflareOptions, Log, LogLevel, Miniflare, type V4WorkerOptions } from 'miniflare';
import type { WorkerBundle } from './build.ts';
import { FRONT_WORKER } from './front.ts';

/** The Worker, running in workerd. */
export interface RunningWorker {
  /** Where it takes HTTP, on loopback. It changes when workerd had to be started again. */
  readonly address: { readonly host: string; readonly port: number };
  stop(): Promise<void>;
}

const HOST = '127.0.0.1';

/**
 * Runs a bundle in workerd, the engine that runs it in production. It listens on a port of its own choice on loopback and
 * trusts what `forward.ts` says about the client.
 *
 * @throws when workerd does not start or refuses the bundle.
 */
export async function startWorker(
  bundle: WorkerBundle,
  onLog: (line: string) => void = () => {},
): Promise<RunningWorker> {
  const restoreSignals = rememberSignals();
  const options = bundle.options as unknown as V4WorkerOptions;
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      host: HOST,
      port: 0,
      // Facts come with each request; without this, Miniflare would fetch a sample from the network.
      cf: false,
      log: new WorkerLog(onLog),
      logRequests: false,
      handleStructuredLogs: ({ message }) => onLog(message.trimEnd()),
      workers: [
        {
          name: 'front',
          modules: true,
          script: FRONT_WORKER,
          ...(options.compatibilityDate === undefined ? {} : { compatibilityDate: options.compatibilityDate }),
          serviceBindings: { APP: 'app' },
        },
        { ...options, name: 'app', modules: true, modulesRoot: bundle.folder, scriptPath: bundle.script },
      ],
    }),
  );
  restoreSignals();
  let url: URL;
  try {
    url = await miniflare.ready;
  } catch (error) {
    await miniflare.dispose().catch(() => {});
    throw error;
  }
  return {
    get address() {
      return { host: HOST, port: Number(url.port) };
    },
    stop: () => miniflare.dispose(),
  };
}

/**
 * Miniflare ends the process at a signal, before anybody else has said goodbye. Whoever started it ends it here, in order;
 * its handler of `exit`, which kills workerd, stays. Returns what takes its handlers of signals away.
 */
function rememberSignals(): () => void {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  const before = signals.map((signal) => new Set(process.listeners(signal)));
  return () => {
    for (const [index, signal] of signals.entries()) {
      for (const listener of process.listeners(signal)) {
        if (!before[index]?.has(listener)) process.off(signal, listener);
      }
    }
  };
}

/** Miniflare's own remarks: errors and warnings only, as plain lines. */
class WorkerLog extends Log {
  readonly #onLog: (line: string) => void;
  constructor(onLog: (line: string) => void) {
    super(LogLevel.WARN);
    this.#onLog = onLog;
  }
  protected override log(message: string): void {
    this.#onLog(message);
  }
}
