import type { WatchMessage, WatchRequest } from '@interleave/trace/events';

/** Where the messages of a watched connection come from. */
export interface FrameSource {
  /** Watches a further connection; where that cannot be, nothing happens. */
  watch(id: string): void;
  close(): void;
}

export interface SourceHandlers {
  told(message: WatchMessage): void;
  /** It has ended, with what the server said. */
  ended(why: string): void;
}

/**
 * Watches a connection: over a WebSocket, which over HTTP/1.1 is none of the six, and where a browser has no WebSocket (over HTTP/3,
 * Chromium opens them on TCP alone) as an event stream that is one more stream of the same connection.
 */
export function openSource(id: string, protocol: string | null, handlers: SourceHandlers): FrameSource {
  return protocol === 'h3' ? eventStream(id, handlers) : webSocket(id, handlers);
}

function addressOf(id: string): URL {
  return new URL(`/api/v1/connection/${encodeURIComponent(id)}/events`, location.href);
}

function webSocket(id: string, { told, ended }: SourceHandlers): FrameSource {
  const url = addressOf(id);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  const socket = new WebSocket(url);
  socket.addEventListener('message', ({ data }) => told(JSON.parse(String(data)) as WatchMessage));
  let wasOpen = false;
  let isOver = false;
  socket.addEventListener('open', () => {
    wasOpen = true;
  });
  socket.addEventListener('close', async ({ code, reason }) => {
    if (isOver) return;
    if (wasOpen) ended(reason || (code === 1006 ? '' : `code ${code}`));
    else ended(await refusal(id));
  });
  return {
    watch(more) {
      if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify({ watch: [more] } satisfies WatchRequest));
    },
    close() {
      isOver = true;
      socket.close(1000);
    },
  };
}

/** A WebSocket that was refused says nothing to a page; the same connection's address does. */
async function refusal(id: string): Promise<string> {
  try {
    const response = await fetch(`/api/v1/connection/${encodeURIComponent(id)}`, { cache: 'no-store' });
    const said = (await response.json()) as { detail?: unknown };
    if (!response.ok && typeof said.detail === 'string') return said.detail;
  } catch {
    // Then nothing more is known.
  }
  return 'the server does not open the WebSocket';
}

function eventStream(id: string, { told, ended }: SourceHandlers): FrameSource {
  const stop = new AbortController();
  const read = async (): Promise<void> => {
    const response = await fetch(addressOf(id), {
      headers: { accept: 'text/event-stream' },
      cache: 'no-store',
      signal: stop.signal,
    });
    if (!response.ok || response.body === null) {
      const said = (await response.json()) as { detail?: unknown };
      throw new Error(typeof said.detail === 'string' ? said.detail : `status ${response.status}`);
    }
    const decoder = new TextDecoder();
    let kept = '';
    for await (const bytes of chunksOf(response.body)) {
      kept += decoder.decode(bytes, { stream: true });
      const blocks = kept.split('\n\n');
      kept = blocks.pop() ?? '';
      for (const block of blocks) {
        const data = block.split('\ndata: ')[1];
        if (data !== undefined && !block.startsWith('event: closed')) told(JSON.parse(data) as WatchMessage);
      }
    }
  };
  read().then(
    () => ended(''),
    (error: unknown) => {
      if (!stop.signal.aborted) ended(error instanceof Error ? error.message : String(error));
    },
  );
  return { watch: () => {}, close: () => stop.abort() };
}

async function* chunksOf(body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = body.getReader();
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    yield value;
  }
}
