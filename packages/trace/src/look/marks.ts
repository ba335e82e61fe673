/** How a connection began, or came to carry an exchange. */
export type Beginning = 'new' | 'preconnected' | 'reused' | 'resumed' | 'early-data' | 'cache' | 'unknown';

/** What an exchange is doing during one stretch of time. */
export type Phase = 'waiting' | 'blocked' | 'handshake' | 'request' | 'server' | 'response';

/** One instant on a connection that deserves a sign. */
export type MarkKind = 'fin' | 'rst' | 'goaway' | 'close' | 'timeout' | 'frame' | 'write' | 'problem';

/** A fixed sign: a character that common monospaced fonts have, and the word that goes with it. */
export interface Sign {
  readonly glyph: string;
  readonly word: string;
  readonly meaning: string;
}

/** The sign of each beginning, the same on pages, in pictures and in the terminal. */
export const BEGINNINGS: Readonly<Record<Beginning, Sign>> = {
  new: { glyph: '●', word: 'new', meaning: 'a connection opened for this' },
  preconnected: { glyph: '○', word: 'preconnected', meaning: 'opened ahead of any request' },
  reused: { glyph: '═', word: 'reused', meaning: 'another exchange on the same connection' },
  resumed: { glyph: '◐', word: 'resumed', meaning: 'a new connection that skipped part of the TLS handshake' },
  'early-data': { glyph: '◆', word: '0-RTT', meaning: 'the request travelled inside the handshake' },
  cache: { glyph: '□', word: 'cache', meaning: 'no connection was used' },
  unknown: { glyph: '?', word: 'unknown', meaning: 'nobody here saw how it began' },
};

/** The sign of each phase in one terminal cell, and its words. */
export const PHASES: Readonly<Record<Phase, Sign>> = {
  waiting: { glyph: '┄', word: 'waiting', meaning: 'not sent yet' },
  blocked: { glyph: '░', word: 'blocked', meaning: 'a limit or an earlier exchange holds it back' },
  handshake: { glyph: '≈', word: 'handshake', meaning: 'TCP, TLS or QUIC handshake' },
  request: { glyph: '▸', word: 'request', meaning: 'the request is being sent' },
  server: { glyph: '▒', word: 'server', meaning: 'sent; the first byte of the response is awaited' },
  response: { glyph: '█', word: 'response', meaning: 'the response arrives' },
};

/** The sign of each mark. */
export const MARKS: Readonly<Record<MarkKind, Sign>> = {
  fin: { glyph: '┤', word: 'FIN', meaning: 'one side has ended its bytes in order' },
  rst: { glyph: '✕', word: 'RST', meaning: 'cut off' },
  goaway: { glyph: '⚑', word: 'GOAWAY', meaning: 'no new streams' },
  close: { glyph: '┤', word: 'close', meaning: 'the connection has ended' },
  timeout: { glyph: '⧖', word: 'timeout', meaning: 'a time limit was reached' },
  frame: { glyph: '╵', word: 'frame', meaning: 'a frame' },
  write: { glyph: '╵', word: 'write', meaning: 'bytes handed over in one write' },
  problem: { glyph: '!', word: 'problem', meaning: 'a rule was broken' },
};
