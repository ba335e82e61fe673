/**
 * One field line: a name and a value (RFC 9110 §5). Names are as they came (HTTP/1.1) or lower-case (HTTP/2, HTTP/3).
 * Values hold one character per byte (U+0000 to U+00FF), without the whitespace around them.
 */
export type FieldLine = readonly [name: string, value: string];

/** The field lines of a header or trailer section, in the order they were sent (RFC 9110 §5.3). Never a plain object. */
export type FieldSection = readonly FieldLine[];
