// Progress for people: one line that is rewritten on a terminal, a plain line now and then anywhere else.

const PLAIN_EVERY_MS = 5_000;
const NAME_WIDTH = 26;

/** @typedef {{ update(text: string, done?: number, total?: number): void, end(text?: string): void, fail(text?: string): void }} Step */

/** Tells what is being brought. Says nothing until the first step begins. */
export class Reporter {
  #stream;
  #live;
  #introduced = false;
  #open = '';

  constructor(stream = process.stderr, env = process.env) {
    this.#stream = stream;
    this.#live = stream.isTTY === true && env.TERM !== 'dumb' && !env.CI;
  }

  /** One line above the first step, once. */
  introduce(text) {
    if (this.#introduced) return;
    this.#introduced = true;
    this.say(text);
  }

  /** A line that stays. */
  say(text) {
    this.#clear();
    this.#stream.write(`  ${text}\n`);
  }

  /** @returns {Step} */
  step(name) {
    const started = Date.now();
    let shownAt = started;
    let shown = '';
    if (this.#live) this.#rewrite(`${name.padEnd(NAME_WIDTH)} …`);
    else this.#stream.write(`  ${name} …\n`);
    const seconds = () => `${((Date.now() - started) / 1000).toFixed(1)} s`;
    const close = (text) => {
      this.#clear();
      this.#stream.write(`  ${name.padEnd(NAME_WIDTH)} ${text}\n`);
    };
    return {
      update: (text, done, total) => {
        const line = total ? `${bar(done / total)} ${text}` : text;
        if (this.#live) {
          this.#rewrite(`${name.padEnd(NAME_WIDTH)} ${line}`);
        } else if (text !== shown && Date.now() - shownAt >= PLAIN_EVERY_MS) {
          shownAt = Date.now();
          shown = text;
          this.#stream.write(`  ${name}: ${text}\n`);
        }
      },
      end: (text = '') => close([text, seconds()].filter(Boolean).join(' · ')),
      fail: (text = 'failed') => close(`${text} · ${seconds()}`),
    };
  }

  #rewrite(text) {
    const width = this.#stream.columns || 80;
    const line = `  ${text}`.slice(0, width - 1);
    if (line === this.#open) return;
    this.#open = line;
    this.#stream.write(`\r\x1b[2K${line}`);
  }

  #clear() {
    if (this.#open === '') return;
    this.#open = '';
    this.#stream.write('\r\x1b[2K');
  }
}

function bar(share) {
  const width = 20;
  const full = Math.round(Math.min(1, Math.max(0, share)) * width);
  return `${'█'.repeat(full)}${'░'.repeat(width - full)}`;
}
