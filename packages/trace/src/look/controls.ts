import { escapeMarkup, visibleText } from './text.ts';

const NAMES =
  'NUL SOH STX ETX EOT ENQ ACK BEL BS HT LF VT FF CR SO SI DLE DC1 DC2 DC3 DC4 NAK SYN ETB CAN EM SUB ESC FS GS RS US'.split(
    ' ',
  );

/**
 * Text as HTML in which control characters are small marks with their names: `CR`, `LF`, `ESC`. Pages use it instead of
 * the pictures ␍␊, for which many systems have no font. Takes both, the characters and their pictures, and escapes.
 */
export function visibleHtml(text: string): string {
  return escapeMarkup(visibleText(text)).replace(PICTURES, (c) => controlMark(c.charCodeAt(0) - 0x2400));
}

const PICTURES = /[\u2400-\u2421]/g;

/** The mark of one control character, by its code: 0 to 31, and 33 or 127 for DEL. */
export function controlMark(code: number): string {
  return `<span class="ctl">${NAMES[code] ?? 'DEL'}</span>`;
}
