import type { TraceEvent } from '@interleave/trace/events';
import { FrameModel, type FrameView, frameBytes } from '@interleave/trace/frames';
import {
  detailTitle,
  detailWordsHtml,
  hexHtml,
  partsHtml,
  statesHtml,
  tableHtml,
  windowsHtml,
} from '../../src/frames/detail.ts';
import { byId, setText } from '../dom.ts';
import { FrameList } from './list.ts';

/** The past comes in pieces; after so long the rest is live. */
const SETTLE_MS = 1_000;

/** Who sends what the server receives, for people. */
export interface ScreenOptions {
  readonly vantagePoint: 'server' | 'client';
  /** `you`, or `our client`. */
  readonly client: string;
  readonly long: string;
  /** The stream that carried the page; null where none did. */
  readonly ownStream: number | null;
}

/** The list of frames and what is known of the one that is chosen. */
export class FrameScreen {
  readonly #options: ScreenOptions;
  #model: FrameModel;
  readonly #list: FrameList;
  readonly #streams = new Set<number>();
  #part = 0;
  #chosenByHand = false;
  #settling: ReturnType<typeof setTimeout> | null = null;

  constructor(box: HTMLElement, options: ScreenOptions) {
    this.#options = options;
    this.#model = new FrameModel(options.vantagePoint);
    this.#list = new FrameList(box, options.ownStream, (frame) => this.#show(frame));
    box.addEventListener('pointerdown', () => {
      this.#chosenByHand = true;
    });
    box.addEventListener('keydown', () => {
      this.#chosenByHand = true;
    });
    byId<HTMLSelectElement>('stream')?.addEventListener('change', ({ target }) => {
      const { value } = target as HTMLSelectElement;
      this.#list.only(value === '' ? null : Number(value));
    });
    byId<HTMLInputElement>('follow')?.addEventListener('change', ({ target }) => {
      this.#list.follows = (target as HTMLInputElement).checked;
    });
    const parts = byId('parts');
    parts?.addEventListener('click', (event) => this.#pick(event));
    parts?.addEventListener('focusin', (event) => this.#pick(event));
    // Only a pointer that moves: one that rests while the keyboard scrolls rows under it means nothing.
    parts?.addEventListener('pointermove', (event) => {
      if (event.movementX !== 0 || event.movementY !== 0) this.#pick(event);
    });
    parts?.addEventListener('keydown', (event) => this.#partKey(event));
  }

  get model(): FrameModel {
    return this.#model;
  }

  /** Rows that are no longer in the document. */
  get gone(): number {
    return this.#list.gone;
  }

  /** Forgets everything: another connection follows. */
  clear(): void {
    this.#model = new FrameModel(this.#options.vantagePoint);
    this.#list.clear();
    this.#streams.clear();
    this.#chosenByHand = false;
    this.#list.isLive = false;
    if (this.#settling !== null) clearTimeout(this.#settling);
    this.#settling = null;
    byId('stream')?.replaceChildren(new Option('all streams', ''));
  }

  add(events: readonly TraceEvent[]): void {
    const frames = this.#model.add(events);
    if (frames.length === 0) return;
    this.#list.add(frames, this.#options.client);
    for (const { streamId } of frames) this.#addStream(streamId);
    if (this.#chosenByHand) return;
    const heads = this.#model.frames.filter(isHead);
    const first =
      heads.find(({ streamId }) => streamId === this.#options.ownStream) ?? heads[0] ?? this.#model.frames[0];
    if (first !== undefined && first !== this.#list.chosen) this.#list.choose(first);
    // What comes from now on is new.
    this.#settling ??= setTimeout(() => {
      this.#list.isLive = true;
      this.#chosenByHand = true;
    }, SETTLE_MS);
  }

  #addStream(streamId: number): void {
    if (this.#streams.has(streamId) || this.#streams.size > 200) return;
    this.#streams.add(streamId);
    byId('stream')?.append(new Option(`only ${streamId}`, String(streamId)));
  }

  #show(frame: FrameView): void {
    const { client, long } = this.#options;
    this.#part = 0;
    setText(byId('detail-title'), detailTitle(frame, long));
    put('detail-words', detailWordsHtml(frame));
    put('parts', partsHtml(frame));
    this.#hex(frame);
    section('table', tableHtml(frame));
    section('states', statesHtml(frame, this.#model));
    section('windows', windowsHtml(frame, client));
  }

  #hex(frame: FrameView): void {
    put('hex', hexHtml(frame, innerWidth < 720 ? 8 : 16, this.#part));
    for (const row of document.querySelectorAll<HTMLElement>('#parts tr[data-part]'))
      row.classList.toggle('chosen', Number(row.dataset.part) === this.#part);
  }

  #pick({ target }: Event): void {
    const row = target instanceof Element ? target.closest<HTMLElement>('tr[data-part]') : null;
    const frame = this.#list.chosen;
    if (row === null || frame === null || Number(row.dataset.part) === this.#part) return;
    this.#part = Number(row.dataset.part);
    this.#hex(frame);
  }

  #partKey(event: KeyboardEvent): void {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    const frame = this.#list.chosen;
    if (step === 0 || frame === null) return;
    event.preventDefault();
    const last = frameBytes(frame).parts.length - 1;
    const next = Math.min(last, Math.max(0, this.#part + step));
    const buttons = document.querySelectorAll<HTMLButtonElement>('#parts button');
    for (const [at, button] of buttons.entries()) button.tabIndex = at === next ? 0 : -1;
    buttons[next]?.focus();
  }
}

/** The head of a request: what most people look for. */
function isHead({ fromClient, kind }: FrameView): boolean {
  return fromClient && (kind === 'headers' || kind === 'request');
}

function put(id: string, html: string): void {
  const element = byId(id);
  if (element !== null) element.innerHTML = html;
}

/** A section without content is hidden with its heading. */
function section(id: string, html: string | null): void {
  const element = byId(`${id}-section`);
  if (element !== null) element.hidden = html === null;
  if (html !== null) put(id, html);
}
