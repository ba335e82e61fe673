/** A WebSocket to this server whose messages are the bytes of one connection. */
export interface ClientPipe {
  send(bytes: Uint8Array): void;
  close(): void;
  /** Resolves with the reason when either side has ended it. */
  readonly closed: Promise<string>;
}

/**
 * Opens a pipe; `more` is what its address asks for beside the protocol.
 *
 * @throws when the WebSocket does not open.
 */
export async function openPipe(
  protocol: 'http/1.1' | 'h2',
  receive: (bytes: Uint8Array) => void,
  more: Readonly<Record<string, string>> = {},
): Promise<ClientPipe> {
  const url = new URL(`/pipe?${new URLSearchParams({ protocol, ...more })}`, location.href);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  const socket = new WebSocket(url);
  socket.binaryType = 'arraybuffer';
  const closed = new Promise<string>((resolve) => {
    socket.addEventListener('close', ({ reason }) => resolve(reason), { once: true });
  });
  socket.addEventListener('message', ({ data }) => {
    if (data instanceof ArrayBuffer) receive(new Uint8Array(data));
  });
  await new Promise<void>((resolve, reject) => {
    socket.addEventListener('open', () => resolve(), { once: true });
    socket.addEventListener('error', () => reject(new Error('the WebSocket did not open')), { once: true });
  });
  return {
    send: (bytes) => socket.send(bytes as Uint8Array<ArrayBuffer>),
    close: () => socket.close(1000),
    closed,
  };
}
