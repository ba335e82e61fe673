import { type FrameView, frameGist, frameName } from '@interleave/trace/frames';
import { duration } from '@interleave/trace/look';
import { make } from '../dom.ts';

/** Rows in the document at once; older ones leave it, and stay in the file that can be saved. */
const MOST_ROWS = 1_500;
/** Colours that streams take in turn. */
const HUES = 6;
/** Rows that a page key goes. */
const PAGE = 8;

/** The list of frames: one row each, in order; arrow keys go from row to row. */
export class FrameList {
  readonly #box: HTMLElement;
  readonly #choose: (frame: FrameView) => void;
  readonly #ownStream: number | null;
  readonly #hues = new Map<number, number>();
  #rows: { frame: FrameView; element: HTMLElement }[] = [];
  #chosen: FrameView | null = null;
  #stream: number | null = null;
  /** Rows that left the document. */
  gone = 0;
  follows = true;
  /** False while the past is being put in: the chosen row stays in view then, not the last. */
  isLive = false;

  /** `ownStream`: the one that carried the page. */
  constructor(box: HTMLElement, ownStream: number | null, choose: (frame: FrameView) => void) {
    this.#box = box;
    this.#ownStream = ownStream;
    this.#choose = choose;
    box.addEventListener('click', ({ target }) => {
      const row = target instanceof Element ? target.closest<HTMLElement>('.frow') : null;
      const found = this.#rows.find(({ element }) => element === row);
      if (found !== undefined) this.choose(found.frame);
    });
    box.addEventListener('keydown', (event) => this.#key(event));
  }

  get chosen(): FrameView | null {
    return this.#chosen;
  }

  add(frames: readonly FrameView[], client: string): void {
    const rows = frames.map((frame) => ({ frame, element: this.#row(frame, client) }));
    this.#rows.push(...rows);
    this.#box.append(...rows.map(({ element }) => element));
    const over = this.#rows.length - MOST_ROWS;
    if (over > 0) {
      for (const { element } of this.#rows.splice(0, over)) element.remove();
      this.gone += over;
    }
    if (this.follows && this.isLive) this.#box.scrollTop = this.#box.scrollHeight;
  }

  clear(): void {
    this.#rows = [];
    this.#chosen = null;
    this.#hues.clear();
    this.gone = 0;
    this.#box.replaceChildren();
  }

  /** Shows only one stream; null for all. */
  only(stream: number | null): void {
    this.#stream = stream;
    for (const { frame, element } of this.#rows) element.hidden = stream !== null && frame.streamId !== stream;
  }

  choose(frame: FrameView): void {
    const was = this.#rows.find((row) => row.frame === this.#chosen);
    was?.element.setAttribute('aria-selected', 'false');
    const now = this.#rows.find((row) => row.frame === frame);
    now?.element.setAttribute('aria-selected', 'true');
    this.#chosen = frame;
    if (now !== undefined) {
      this.#box.setAttribute('aria-activedescendant', now.element.id);
      this.#reveal(now.element);
    }
    this.#choose(frame);
  }

  /** Scrolls the list alone, never the page. */
  #reveal(row: HTMLElement): void {
    // Counted from the list, which its rows are placed in.
    const top = row.offsetTop;
    const { scrollTop, clientHeight } = this.#box;
    // At first with the row before it; later only as far as needed.
    if (!this.isLive) this.#box.scrollTop = top - row.offsetHeight;
    else if (top < scrollTop) this.#box.scrollTop = top;
    else if (top + row.offsetHeight > scrollTop + clientHeight)
      this.#box.scrollTop = top + row.offsetHeight - clientHeight;
  }

  #key(event: KeyboardEvent): void {
    const shown = this.#rows.filter(({ element }) => !element.hidden);
    const at = shown.findIndex(({ frame }) => frame === this.#chosen);
    const to = STEPS[event.key]?.(at, shown.length);
    if (to === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const next = shown[Math.min(shown.length - 1, Math.max(0, to))];
    if (next !== undefined) this.choose(next.frame);
  }

  #row(frame: FrameView, client: string): HTMLElement {
    const gist = frameGist(frame);
    // Of the flags only what most people look for: the rest stands beside the bytes.
    const flags = frame.endStream && frame.protocol !== 'http1' ? 'END_STREAM' : '';
    const own = this.#ownStream === frame.streamId && frame.fromClient && frame.headers !== null ? 'this page' : '';
    const row = make(
      'div',
      `frow hue${this.#hue(frame)} ${frame.fromClient ? 'up' : 'down'}`,
      make('span', 'f-time', duration(frame.time)),
      make('span', 'f-way', frame.fromClient ? `${client} →` : '← server'),
      make('span', 'f-stream', unseen(frame.protocol === 'http1' ? 'exchange ' : 'stream '), String(frame.streamId)),
      make('span', 'f-kind', frameName(frame)),
      make('span', 'f-size', frame.length.toLocaleString('en'), unseen(' bytes')),
      make(
        'span',
        'f-gist',
        gist,
        flags === '' ? '' : make('span', 'f-flags', ` ${flags}`),
        own === '' ? '' : make('b', 'f-own', own),
      ),
    );
    row.classList.toggle('of-page', this.#ownStream === frame.streamId);
    row.id = `f${frame.direction[0]}${frame.number}`;
    row.setAttribute('role', 'option');
    row.setAttribute('aria-selected', 'false');
    row.hidden = this.#stream !== null && frame.streamId !== this.#stream;
    return row;
  }

  /** Streams take colours in the order in which they come; what concerns the connection has none. */
  #hue({ streamId, protocol, kind }: FrameView): number {
    const ofConnection =
      (protocol === 'http2' && streamId === 0) ||
      (protocol === 'http3' && ((streamId & 2) !== 0 || kind.startsWith('qpack')));
    if (ofConnection) return 0;
    let hue = this.#hues.get(streamId);
    if (hue === undefined) {
      hue = (this.#hues.size % HUES) + 1;
      this.#hues.set(streamId, hue);
    }
    return hue;
  }
}

/** Words for those who do not see the columns. */
function unseen(words: string): HTMLElement {
  return make('span', 'visually-hidden', words);
}

const STEPS: Readonly<Record<string, (at: number, length: number) => number>> = {
  ArrowDown: (at) => at + 1,
  ArrowUp: (at) => at - 1,
  PageDown: (at) => at + PAGE,
  PageUp: (at) => at - PAGE,
  Home: () => 0,
  End: (_, length) => length - 1,
};
