export { type Paint, type Style, TextCanvas, terminalPaint } from './ansi.ts';
export {
  type BytesCaret,
  type BytesField,
  type BytesLine,
  type BytesRow,
  type BytesView,
  bytesLine,
  bytesRows,
  bytesWords,
} from './bytes.ts';
export { bytesText } from './bytes-ansi.ts';
export { bytesHtml } from './bytes-html.ts';
export { controlMark, visibleHtml } from './controls.ts';
export { baseCss } from './css.ts';
export { BEGINNINGS, type Beginning, MARKS, type MarkKind, PHASES, type Phase, type Sign } from './marks.ts';
export { type Protocol, type ProtocolKey, type ProtocolLook, protocolLook, readProtocol } from './protocol.ts';
export { clip, count, duration, escapeMarkup, ordinal, ordinalWord, visibleText } from './text.ts';
export { type Colour, FACES, INK, PROTOCOL_COLOURS, SIZES } from './tokens.ts';
