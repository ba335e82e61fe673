/** Something that could not be brought: what happened, what was tried, and what to type. */
export class Failure extends Error {
  /**
   * @param {string} message
   * @param {{ tried?: string[], remedy?: string[], log?: string }} [more]
   */
  constructor(message, { tried = [], remedy = [], log } = {}) {
    super(message);
    this.tried = tried;
    this.remedy = remedy;
    this.log = log;
  }

  /** The message for people. */
  toText() {
    const lines = ['', `  ${this.message}`];
    if (this.tried.length > 0) lines.push('', '  What was tried', ...this.tried.map((line) => `    ${line}`));
    if (this.remedy.length > 0) lines.push('', '  What to type', ...this.remedy.map((line) => `    ${line}`));
    if (this.log !== undefined) lines.push('', `  The whole story: ${this.log}`);
    return `${lines.join('\n')}\n\n`;
  }
}

/** Stopped by the person at the keyboard: no failure, nothing to explain. */
export class Stopped extends Error {}
