import type { Limits } from '../limits.ts';

/** Why a field section is malformed. Returned, never thrown: the peer's faults are data. */
export class FieldFault {
  /** A short, stable name for metrics and tests, such as `pseudo-after-regular`. */
  readonly token: string;
  /** What was found and which rule it breaks, safe to show. */
  readonly reason: string;
  /** The status that HTTP/1.1 answers with. */
  readonly status: number;
  /** The limit that tripped, if one did. */
  readonly limit: keyof Limits | null;

  constructor(token: string, reason: string, status = 400, limit: keyof Limits | null = null) {
    this.token = token;
    this.reason = reason;
    this.status = status;
    this.limit = limit;
  }
}

/** Text from the peer made fit for a reason: short, and with nothing in it that a terminal or a header would act on. */
export function quote(text: string): string {
  const cut = text.length > 40 ? `${text.slice(0, 40)}…` : text;
  return `"${cut.replace(/[^\x20-\x7e…]/g, (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`)}"`;
}
