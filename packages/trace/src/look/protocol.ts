/** Protocols as the pages name them. `ws` is a connection that has left HTTP for WebSocket. */
export type Protocol = 'http/1.0' | 'http/1.1' | 'h2' | 'h3' | 'ws';

/** The colour family of a protocol. HTTP/1.0 shares the colour of HTTP/1.1. */
export type ProtocolKey = 'h1' | 'h2' | 'h3' | 'ws';

/** How one protocol looks everywhere: its short code, its spoken name, and how its bars are cut. */
export interface ProtocolLook {
  readonly key: ProtocolKey;
  /** Stands beside the colour wherever the colour stands. */
  readonly code: string;
  readonly name: string;
  /** Corner radius of its bars, as a share of the bar's height: the third sign, after colour and code. */
  readonly round: number;
}

const LOOKS: Readonly<Record<Protocol, ProtocolLook>> = {
  'http/1.0': { key: 'h1', code: 'h1', name: 'HTTP/1.0', round: 0 },
  'http/1.1': { key: 'h1', code: 'h1', name: 'HTTP/1.1', round: 0 },
  h2: { key: 'h2', code: 'h2', name: 'HTTP/2', round: 0.25 },
  h3: { key: 'h3', code: 'h3', name: 'HTTP/3', round: 0.5 },
  ws: { key: 'ws', code: 'ws', name: 'WebSocket', round: 0 },
};

/** The look of a protocol. */
export function protocolLook(protocol: Protocol): ProtocolLook {
  return LOOKS[protocol];
}

const SPELLINGS: Readonly<Record<string, Protocol>> = {
  'http/1.0': 'http/1.0',
  'http/1.1': 'http/1.1',
  'http/2': 'h2',
  'http/2.0': 'h2',
  h2: 'h2',
  h2c: 'h2',
  'http/3': 'h3',
  'http/3.0': 'h3',
  h3: 'h3',
  ws: 'ws',
  websocket: 'ws',
};

/**
 * Reads the many spellings of a protocol: ALPN ids, `request.cf.httpProtocol`, `nextHopProtocol`, HAR's `httpVersion`.
 * Returns null for one that is not known.
 */
export function readProtocol(text: string): Protocol | null {
  const key = text.trim().toLowerCase();
  return Object.hasOwn(SPELLINGS, key) ? (SPELLINGS[key] ?? null) : null;
}
