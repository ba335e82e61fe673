import type { FieldSection } from './fields/field.ts';

/** The version of HTTP that carried a message. */
export type HttpVersion = '1.0' | '1.1' | '2' | '3';

/** What stands before a request's content (RFC 9110 §6.2), the same for every version of HTTP. */
export interface RequestHead {
  readonly version: HttpVersion;
  readonly method: string;
  /** The request target as sent: origin-form, absolute-form, authority-form or `*` (RFC 9112 §3.2), or `:path`. */
  readonly target: string;
  /** `:scheme`, or null in HTTP/1.1, where only the listener knows it. */
  readonly scheme: string | null;
  /** `:authority`, else the host of an absolute-form target, else the Host field, else null. */
  readonly authority: string | null;
  /** `:protocol` of an extended CONNECT (RFC 8441 §4), else null. */
  readonly protocol: string | null;
  /** Regular fields; pseudo-header fields are not among them. */
  readonly fields: FieldSection;
}

/** What stands before a response's content (RFC 9110 §6.2). */
export interface ResponseHead {
  readonly version: HttpVersion;
  readonly status: number;
  readonly fields: FieldSection;
}

/** The part of a request head that a sender chooses. */
export interface RequestInit {
  readonly method: string;
  readonly target: string;
  readonly scheme?: string;
  readonly authority?: string;
  readonly protocol?: string;
  readonly fields?: FieldSection;
}

/** The part of a response head that a sender chooses. */
export interface ResponseInit {
  readonly status: number;
  readonly fields?: FieldSection;
}
