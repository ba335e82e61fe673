/** What an entry counts beside its name and value (RFC 7541 §4.1). */
export const ENTRY_OVERHEAD = 32;

/** Size of a line in a table or in a field section: one character is one byte, and 32 for its overhead (RFC 7541 §4.1). */
export function entrySize(name: string, value: string): number {
  return name.length + value.length + ENTRY_OVERHEAD;
}
