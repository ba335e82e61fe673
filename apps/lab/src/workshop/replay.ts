/** Steps through the frames of a run: every picture beside the bar follows. Parts of the page come anew, so it listens to the document. */

/** Whole runs take about this long to play, and no frame less or more than that. */
const RUN_MS = 14_000;
const [FASTEST_MS, SLOWEST_MS] = [40, 700];

/** The bar that plays, and its clock. */
let playing: { replay: HTMLElement; timer: ReturnType<typeof setInterval> } | null = null;

function rangeOf(replay: HTMLElement): HTMLInputElement {
  return replay.querySelector('.replay-bar input') as HTMLInputElement;
}

/** The last of `0,12,30 4,80,30` that is not beyond the place. */
function stopAt(way: string, place: number): { at: number; rest: string[]; isLast: boolean } {
  const stops = way.split(' ').map((stop) => stop.split(/[,:]/));
  const index = stops.findLastIndex(([at]) => Number(at) <= place);
  const [at = '-1', ...rest] = stops[Math.max(0, index)] ?? [];
  return { at: Number(at), rest, isLast: index === stops.length - 1 };
}

/** Where a picture is moved sideways, the frame at which the run stands is in it. */
function keepInView(box: HTMLElement): void {
  const frame = box.querySelector('.now')?.getBoundingClientRect();
  if (frame === undefined) return;
  const { left, right, width } = box.getBoundingClientRect();
  if (frame.left < left || frame.right > right) box.scrollLeft += frame.left - left - width / 2;
}

/** Shows the run as it stood behind so many frames. */
function showUpTo(replay: HTMLElement, count: number, isByKey: boolean): void {
  const frames = Number(replay.dataset.frames);
  const shown = Math.min(frames, Math.max(0, count));
  const place = shown - 1;
  const range = rangeOf(replay);
  replay.classList.add('stepping');
  range.value = String(shown);
  for (const it of replay.querySelectorAll<HTMLElement>('[data-at]')) {
    const at = Number(it.dataset.at);
    it.classList.toggle('later', at > place);
    it.classList.toggle('now', at === place);
  }
  for (const it of replay.querySelectorAll<HTMLElement>('[data-took]'))
    it.classList.toggle('now', (it.dataset.took ?? '').split(' ').includes(String(place)));
  for (const it of replay.querySelectorAll<HTMLElement>('[data-way]')) {
    const { at, rest, isLast } = stopAt(it.dataset.way ?? '', place);
    it.style.transform = `translate(${rest[0]}px, ${rest[1]}px)`;
    it.classList.toggle('is-away', at < 0);
    it.classList.toggle('now', at === place);
    it.classList.toggle('is-closed', isLast && it.hasAttribute('data-closes'));
  }
  for (const it of replay.querySelectorAll<HTMLElement>('[data-levels]')) {
    const { at, rest } = stopAt(it.dataset.levels ?? '', place);
    const [left = ''] = rest;
    it.textContent = at > place ? 'not open yet' : left === '' ? 'closed' : `${Number(left).toLocaleString('en')} left`;
  }
  for (const it of replay.querySelectorAll<HTMLElement>('[data-cursor]')) {
    const [from = 0, step = 0] = (it.dataset.cursor ?? '').split(',').map(Number);
    for (const end of ['x1', 'x2']) it.setAttribute(end, (from + shown * step).toFixed(1));
  }
  for (const box of replay.querySelectorAll<HTMLElement>('.sideways')) keepInView(box);
  const said = replay.querySelector(`.frame-list [data-at="${place}"]`)?.textContent ?? 'before the first frame';
  const words = `frame ${shown} of ${frames}: ${said.replaceAll(/\s+/g, ' ').trim()}`;
  range.setAttribute('aria-valuetext', words);
  const output = replay.querySelector('output') as HTMLOutputElement;
  // A range says its value itself, and a run that plays would never come to an end of talking.
  output.setAttribute('aria-live', isByKey ? 'polite' : 'off');
  output.textContent = words;
}

function stop(): void {
  if (playing === null) return;
  clearInterval(playing.timer);
  const button = playing.replay.querySelector('[data-replay=play]');
  if (button !== null) button.textContent = 'Play';
  playing = null;
}

function play(replay: HTMLElement): void {
  const frames = Number(replay.dataset.frames);
  const range = rangeOf(replay);
  if (Number(range.value) >= frames) showUpTo(replay, 0, false);
  const each = Math.min(SLOWEST_MS, Math.max(FASTEST_MS, RUN_MS / frames));
  const timer = setInterval(() => {
    const next = Number(range.value) + 1;
    // A new run has taken its place.
    if (!replay.isConnected || next > frames) stop();
    else showUpTo(replay, next, false);
  }, each);
  playing = { replay, timer };
  (replay.querySelector('[data-replay=play]') as HTMLElement).textContent = 'Pause';
}

document.addEventListener('click', (event) => {
  const button = (event.target as HTMLElement).closest<HTMLElement>('[data-replay]');
  const replay = button?.closest<HTMLElement>('.replay');
  if (button === null || replay === null || replay === undefined) return;
  const wasPlaying = playing?.replay === replay;
  stop();
  if (button.dataset.replay === 'play') {
    if (!wasPlaying) play(replay);
    return;
  }
  showUpTo(replay, Number(rangeOf(replay).value) + (button.dataset.replay === 'on' ? 1 : -1), true);
});

document.addEventListener('input', (event) => {
  const range = event.target as HTMLInputElement;
  const replay = range.closest<HTMLElement>('.replay');
  if (replay === null || range !== rangeOf(replay)) return;
  stop();
  showUpTo(replay, Number(range.value), false);
});

export {};
