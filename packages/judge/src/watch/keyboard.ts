/** Single keys from a terminal, and the promise that the terminal is put right again however this ends. */
import type { ReadStream } from 'node:tty';

export type Key = string;

const NAMES: Readonly<Record<string, Key>> = {
  '\u0003': 'ctrl-c',
  '\u0004': 'ctrl-d',
  '\u001a': 'ctrl-z',
  '\r': 'enter',
  '\n': 'enter',
  '\u001b': 'escape',
  '\u001b[A': 'up',
  '\u001b[B': 'down',
  '\u001bOA': 'up',
  '\u001bOB': 'down',
};

export class Keyboard {
  readonly #input: ReadStream;
  readonly #onKey: (key: Key) => void;
  readonly #restore = (): void => this.#raw(false);
  readonly #data = (text: string): void => {
    for (const key of keysIn(text)) this.#onKey(key);
  };
  readonly #resume = (): void => {
    this.#raw(true);
    this.#onKey('redraw');
  };
  #open = true;

  constructor(input: ReadStream, onKey: (key: Key) => void) {
    this.#input = input;
    this.#onKey = onKey;
    // `exit` comes on every way out but SIGKILL, also after an exception that nobody caught.
    process.on('exit', this.#restore);
    process.on('SIGCONT', this.#resume);
    input.setEncoding('utf8');
    input.on('data', this.#data);
    this.#raw(true);
    input.resume();
  }

  /** Gives the terminal back and stops this process, as Ctrl-Z does; goes on when it is brought to the front again. */
  suspend(): void {
    this.#raw(false);
    process.kill(process.pid, 'SIGTSTP');
  }

  close(): void {
    if (!this.#open) return;
    this.#raw(false);
    this.#open = false;
    process.off('exit', this.#restore);
    process.off('SIGCONT', this.#resume);
    this.#input.off('data', this.#data);
    this.#input.pause();
  }

  #raw(on: boolean): void {
    if (!this.#open) return;
    try {
      this.#input.setRawMode(on);
    } catch {
      // The terminal is gone; there is nothing left to put right.
    }
  }
}

const ESCAPE = '\u001b';

/** A paste or a quick hand sends several keys at once; an escape sequence is one key. */
export function keysIn(text: string): Key[] {
  const keys: Key[] = [];
  for (let at = 0; at < text.length; ) {
    // CSI and SS3 sequences: an introducer, digits, one letter.
    const sequence = text[at] === ESCAPE ? /^(?:\[[0-9;]*[A-Za-z~]|O[A-Z])/.exec(text.slice(at + 1))?.[0] : undefined;
    const key = sequence === undefined ? (text[at] ?? '') : ESCAPE + sequence;
    keys.push(NAMES[key] ?? key);
    at += key.length;
  }
  return keys;
}
