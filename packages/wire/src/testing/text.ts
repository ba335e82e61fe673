import { decodeLatin1, encodeLatin1 } from '../bytes/latin1.ts';

/** The bytes of a text in a test. Lines end as written: say `\r\n` where you mean it. */
export function wire(text: string): Uint8Array {
  return encodeLatin1(text);
}

/** What a gather list says, one character per byte. */
export function unwire(chunks: readonly Uint8Array[]): string {
  return chunks.map((chunk) => decodeLatin1(chunk)).join('');
}
