import type { StreamConnection } from './connection.ts';

export interface WebSocketStreamOptions {
  /**
   * Bytes that may wait for their reader. A WebSocket cannot be told to pause: one that has more is closed with 1009, since
   * whoever sends without end would fill our memory. Default: 1 MiB, four times what the core asks a peer to stop at.
   */
  readonly maxQueuedBytes?: number;
  /** Bytes that may wait in the socket before the writer is held. Default: 64 KiB. */
  readonly maxBufferedBytes?: number;
}

/** What the standard's `WebSocket`, and those of Deno, Workers and Node, have in common. */
export interface WebSocketLike {
  binaryType: string;
  readonly readyState: number;
  /** Missing in Workers: there the runtime holds what is sent, and nobody can tell how much. */
  readonly bufferedAmount?: number;
  send(data: ArrayBuffer | ArrayBufferView): void;
  close(code?: number, reason?: string): void;
  addEventListener(type: string, listener: (event: never) => void): void;
}

const CONNECTING = 0;
const OPEN = 1;
/** How often a full socket is asked again, in milliseconds: it has no event for it. */
const POLL = 10;

/**
 * A WebSocket as one ordered stream of bytes each way; message boundaries mean nothing. Both directions end together, since
 * a WebSocket has no half-close.
 *
 * A Worker's server side is to be `accept()`ed first.
 */
export function webSocketStreams(socket: WebSocketLike, options: WebSocketStreamOptions = {}): StreamConnection {
  const maxQueued = options.maxQueuedBytes ?? 1_048_576;
  const maxBuffered = options.maxBufferedBytes ?? 65_536;
  socket.binaryType = 'arraybuffer';
  let over = false;
  let fail: (error: Error) => void = () => {};
  const opened = new Promise<void>((resolve, reject) => {
    if (socket.readyState !== CONNECTING) resolve();
    else socket.addEventListener('open', () => resolve());
    fail = reject;
  });
  opened.catch(ignore);
  let readableController: ReadableStreamDefaultController<Uint8Array>;
  let writableController: WritableStreamDefaultController;

  const end = (error: Error | null): void => {
    if (over) return;
    over = true;
    const reason = error ?? new Error('The WebSocket has closed.');
    fail(reason);
    if (error === null) readableController.close();
    else readableController.error(error);
    writableController.error(reason);
  };
  const close = (code: number, reason: string): void => {
    // Closing a socket that is closing already is nobody's fault.
    if (socket.readyState <= OPEN) socket.close(code, reason);
  };

  const readable = new ReadableStream<Uint8Array>(
    {
      start(controller) {
        readableController = controller;
      },
      cancel() {
        close(1000, '');
        end(null);
      },
    },
    { highWaterMark: maxQueued, size: (chunk) => chunk.byteLength },
  );
  const writable = new WritableStream<Uint8Array>({
    start(controller) {
      writableController = controller;
    },
    async write(chunk) {
      await opened;
      socket.send(chunk);
      while (!over && (socket.bufferedAmount ?? 0) > maxBuffered) await pause();
    },
    close() {
      close(1000, '');
      end(null);
    },
    abort(reason) {
      close(1011, short(reason));
      end(new Error(short(reason)));
    },
  });

  socket.addEventListener('message', (event: { data: unknown }) => {
    if (over) return;
    if (!(event.data instanceof ArrayBuffer)) {
      close(1003, 'Bytes are expected here, not text.');
      end(new Error('The peer sent a text message; this connection carries bytes.'));
      return;
    }
    if ((readableController.desiredSize ?? 0) < event.data.byteLength) {
      close(1009, 'Too much is waiting to be read.');
      end(new Error(`More than ${maxQueued} bytes wait to be read: over the limit maxQueuedBytes.`));
      return;
    }
    if (event.data.byteLength > 0) readableController.enqueue(new Uint8Array(event.data));
  });
  socket.addEventListener('close', () => end(null));
  socket.addEventListener('error', () => end(new Error('The WebSocket has failed.')));
  return { readable, writable };
}

function pause(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, POLL);
  });
}

/** The reason of a close frame holds 123 bytes (RFC 6455 §5.5). */
function short(reason: unknown): string {
  const text = reason instanceof Error ? reason.message : String(reason ?? '');
  return text.slice(0, 40);
}

function ignore(): void {}
