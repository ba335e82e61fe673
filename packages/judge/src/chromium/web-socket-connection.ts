/**
 * The adapter that is given to a page: a WebSocket as a connection, two streams of `Uint8Array`. It imports nothing at run time,
 * because the page loads this very file with its types taken out. A plain WebSocket has no back-pressure, and both its
 * directions end together.
 */

type Connection = { readable: ReadableStream<Uint8Array>; writable: WritableStream<Uint8Array> };

/** Resolves when the socket is open; rejects when it does not open. */
export function connectionOver(url: string): Promise<Connection> {
  const socket = new WebSocket(url);
  socket.binaryType = 'arraybuffer';
  let isOver = false;
  // A byte stream, as in front of the raw judge: both kinds of reader work on it.
  const readable = new ReadableStream({
    type: 'bytes',
    start(controller) {
      socket.onmessage = ({ data }: MessageEvent<ArrayBuffer>) => {
        if (!isOver && data.byteLength > 0) controller.enqueue(new Uint8Array(data));
      };
      socket.onclose = () => {
        if (!isOver) controller.close();
        isOver = true;
        // A reader that brought its own buffer waits until this request is answered.
        controller.byobRequest?.respond(0);
      };
    },
    cancel() {
      isOver = true;
      socket.close();
    },
  });
  const writable = new WritableStream<Uint8Array>({
    write(chunk) {
      if (!(chunk instanceof Uint8Array)) throw new TypeError('The connection takes Uint8Array');
      if (socket.readyState !== WebSocket.OPEN) throw new Error('The connection has ended');
      // A copy of exactly these bytes: the chunk may be a part of a larger buffer that is filled again.
      socket.send(chunk.slice());
    },
    close: () => socket.close(),
    abort: () => socket.close(),
  });
  return new Promise((resolve, reject) => {
    socket.onopen = () => resolve({ readable, writable });
    socket.onerror = () => reject(new Error('The connection could not be opened'));
  });
}
