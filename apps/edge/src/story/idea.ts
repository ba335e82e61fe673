/** One idea of the story: a true sentence, an experiment that shows it, and what to remember of it. */
export interface Idea {
  readonly path: `/${string}`;
  /** In menus. */
  readonly name: string;
  /** A true sentence. */
  readonly headline: string;
  /** What to do here, and what to look at. Text between backticks is code, here and below. */
  readonly lead: string;
  readonly sentences: readonly [string, string, string];
  readonly surprises: readonly string[];
  /** A true sentence over the bytes. */
  readonly bytes: string;
  readonly build: { readonly exercise: string; readonly what: string };
  /** Commands that show the same from a terminal, and what to see there. */
  readonly terminal: (at: TerminalPlace) => { readonly commands: readonly string[]; readonly see: string };
}

/** Where a command of the terminal asks. */
export interface TerminalPlace {
  readonly origin: string;
  /** ` --insecure` where the certificate is the lab's own, else empty. */
  readonly insecure: string;
  /** An address of this server that speaks HTTP/2: the lab's, or its own over TLS. */
  readonly h2: string;
}

/** A guess before the run, about a number that is the point. Never scored. */
export interface Question {
  readonly text: string;
  readonly guesses: readonly string[];
}
