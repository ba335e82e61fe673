import { WATCH_LIMITS, type WatchMessage, type WatchRequest } from '@interleave/trace/events';

/** Ids are asked for together: one message for what became known in this time. */
const TOGETHER_MS = 250;
const MOST_TRIES = 5;
const FIRST_PAUSE = 1_000;

export interface WatchHandlers {
  told(message: WatchMessage): void;
  /** How it stands, in words for people; `isLive` while messages can come. */
  state(words: string, isLive: boolean): void;
}

/**
 * Listens to what the server sees on the connections of this tab. One WebSocket serves all of them, and over HTTP/1.1 it does not
 * count among the six: any number of tabs can watch at a time.
 */
export class Watch {
  readonly #handlers: WatchHandlers;
  readonly #canStream: boolean;
  readonly #wanted = new Set<string>();
  readonly #sent = new Set<string>();
  #socket: WebSocket | null = null;
  #stream: EventSource | null = null;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #tries = 0;
  #isOver = false;

  /** `canStream`: the page's own connection carries streams, so an event stream takes nobody's place. */
  constructor(handlers: WatchHandlers, canStream: boolean) {
    this.#handlers = handlers;
    this.#canStream = canStream;
    addEventListener('pagehide', () => this.end());
    // Back from the browser's memory of whole pages.
    addEventListener('pageshow', ({ persisted }) => {
      if (!persisted) return;
      this.#isOver = false;
      this.#socket = null;
      this.#stream = null;
      this.#open();
    });
  }

  /** Watches these as well. */
  add(ids: Iterable<string>): void {
    if (this.#isOver) return;
    for (const id of ids) {
      if (this.#wanted.has(id)) continue;
      if (this.#wanted.size >= WATCH_LIMITS.connections) {
        this.#handlers.state(
          `One watcher follows ${WATCH_LIMITS.connections} connections; later ones are known by their responses alone. Reload to begin anew.`,
          true,
        );
        break;
      }
      this.#wanted.add(id);
    }
    if (this.#socket === null && this.#stream === null) this.#open();
    else this.#later();
  }

  end(): void {
    this.#isOver = true;
    this.#socket?.close(1000);
    this.#stream?.close();
  }

  #open(): void {
    const [first] = this.#wanted;
    if (first === undefined || this.#isOver || this.#socket !== null || this.#tries >= MOST_TRIES) return;
    this.#tries++;
    const url = new URL(`/api/v1/connection/${encodeURIComponent(first)}/events`, location.href);
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
    const socket = new WebSocket(url);
    this.#socket = socket;
    this.#sent.clear();
    this.#sent.add(first);
    let wasOpen = false;
    socket.addEventListener('open', () => {
      wasOpen = true;
      this.#tries = 0;
      this.#handlers.state('Live: the server tells what it sees, as it sees it.', true);
      this.#later();
    });
    socket.addEventListener('message', ({ data }) => {
      const message = parse(data);
      if (message !== null) this.#handlers.told(message);
    });
    socket.addEventListener('close', ({ reason }) => {
      this.#socket = null;
      if (this.#isOver) return;
      if (!wasOpen) void this.#explain(first);
      else {
        this.#handlers.state(`The server’s events have stopped${reason === '' ? '' : `: ${reason}`}`, false);
        setTimeout(() => this.#open(), FIRST_PAUSE * 2 ** this.#tries);
      }
    });
  }

  /**
   * A WebSocket that was refused says nothing to a page; the same address without one does. Over HTTP/3 alone no browser opens one:
   * there the events come as an event stream, which is one stream more.
   */
  async #explain(id: string): Promise<void> {
    let why = 'nothing answers there';
    try {
      const response = await fetch(`/api/v1/connection/${encodeURIComponent(id)}`, { cache: 'no-store' });
      if (response.ok && this.#canStream) {
        this.#openStream();
        return;
      }
      const said = (await response.json()) as { title?: unknown; detail?: unknown; error?: unknown };
      const text = response.ok ? 'no WebSocket opens here' : (said.detail ?? said.title ?? said.error);
      if (typeof text === 'string') why = text;
    } catch {
      // What is known stands in the sentence already.
    }
    this.#handlers.state(
      `The server’s own events cannot be had here: ${why.replace(/\.$/, '')}. What you see comes from the responses and from your browser.`,
      false,
    );
  }

  #openStream(): void {
    const [first, ...also] = this.#wanted;
    this.#stream?.close();
    if (first === undefined || this.#isOver) return;
    this.#sent.clear();
    for (const id of this.#wanted) this.#sent.add(id);
    const more = also.length === 0 ? '' : `?also=${also.map(encodeURIComponent).join(',')}`;
    const stream = new EventSource(`/api/v1/connection/${encodeURIComponent(first)}/events${more}`);
    this.#stream = stream;
    stream.addEventListener('open', () =>
      this.#handlers.state('Live: the server tells what it sees, as it sees it, in a stream of its own.', true),
    );
    stream.addEventListener('error', () => {
      if (stream.readyState !== EventSource.CLOSED) return;
      this.#handlers.state('The server’s events have stopped. Reload to begin anew.', false);
    });
    const take = ({ data }: MessageEvent): void => {
      const message = parse(data);
      if (message !== null) this.#handlers.told(message);
    };
    for (const type of ['message', ...TYPES]) stream.addEventListener(type, take as (event: Event) => void);
  }

  #later(): void {
    if (this.#timer !== null) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      if (this.#stream !== null && [...this.#wanted].some((id) => !this.#sent.has(id))) {
        // What a stream follows is said when it is opened.
        this.#openStream();
        return;
      }
      const socket = this.#socket;
      if (socket === null || socket.readyState !== WebSocket.OPEN) return;
      const watch = [...this.#wanted].filter((id) => !this.#sent.has(id));
      if (watch.length === 0) return;
      for (const id of watch) this.#sent.add(id);
      socket.send(JSON.stringify({ watch } satisfies WatchRequest));
    }, TOGETHER_MS);
  }
}

const TYPES: readonly string[] = ['connection', 'events', 'dropped', 'ended', 'problem'];

function parse(data: unknown): WatchMessage | null {
  if (typeof data !== 'string') return null;
  try {
    const message = JSON.parse(data) as WatchMessage | null;
    return message !== null && TYPES.includes(message.type) ? message : null;
  } catch {
    return null;
  }
}
