export { type Paint, type Style, TextCanvas, terminalPaint } from './ansi.ts';
export { baseCss } from './css.ts';
export { BEGINNINGS, type Beginning, MARKS, type MarkKind, PHASES, type Phase, type Sign } from './marks.ts';
export { type Protocol, type ProtocolKey, type ProtocolLook, protocolLook, readProtocol } from './protocol.ts';
export { clip, count, duration, escapeMarkup, ordinal, ordinalWord, visibleText } from './text.ts';
export { type Colour, FACES, INK, PROTOCOL_COLOURS, SIZES } from './tokens.ts';
