/**
 * What is used of the `Deno` namespace, so that the types need no Deno to be checked. QUIC asks for `--unstable-net`.
 */
export interface DenoApi {
  listen(options: { hostname?: string; port: number }): DenoListener;
  listenTls(options: {
    hostname?: string;
    port: number;
    cert: string;
    key: string;
    alpnProtocols: string[];
  }): DenoListener;
  /** Missing without `--unstable-net`. */
  QuicEndpoint?: new (options: {
    hostname: string;
    port: number;
  }) => DenoQuicEndpoint;
  connectQuic?(options: {
    hostname: string;
    port: number;
    alpnProtocols: string[];
    caCerts?: string[];
    serverName?: string;
  }): Promise<DenoQuicConn>;
}

export interface NetAddr {
  readonly hostname: string;
  readonly port: number;
}

export interface DenoListener extends AsyncIterable<DenoConn> {
  readonly addr: NetAddr;
  close(): void;
}

export interface DenoConn {
  readonly readable: ReadableStream<Uint8Array>;
  readonly writable: WritableStream<Uint8Array>;
  readonly localAddr: NetAddr;
  readonly remoteAddr: NetAddr;
  close(): void;
  /** TLS only. */
  handshake?(): Promise<{ alpnProtocol: string | null }>;
  /** Missing on TLS, where Deno leaves it as it is. */
  setNoDelay?(on?: boolean): void;
}

export interface DenoQuicEndpoint {
  readonly addr: NetAddr;
  listen(options: DenoQuicListen): DenoQuicListener;
  close(info?: { closeCode?: number; reason?: string }): void;
}

export interface DenoQuicListen {
  readonly cert: string;
  readonly key: string;
  readonly alpnProtocols: string[];
  readonly maxIdleTimeout?: number;
  readonly maxConcurrentBidirectionalStreams?: number;
  readonly maxConcurrentUnidirectionalStreams?: number;
}

export interface DenoQuicListener {
  incoming(): Promise<DenoQuicIncoming>;
  stop(): void;
}

export interface DenoQuicIncoming {
  readonly remoteAddr: NetAddr;
  accept(): Promise<DenoQuicConn>;
  refuse(): void;
}

export interface DenoQuicConn {
  readonly remoteAddr: NetAddr;
  readonly endpoint: { readonly addr: NetAddr };
  readonly protocol: string | undefined;
  readonly serverName: string | undefined;
  readonly closed: Promise<{ closeCode: number; reason: string }>;
  readonly incomingBidirectionalStreams: ReadableStream<DenoBidirectional>;
  readonly incomingUnidirectionalStreams: ReadableStream<DenoReceive>;
  createBidirectionalStream(options?: { waitUntilAvailable?: boolean }): Promise<DenoBidirectional>;
  createUnidirectionalStream(options?: { waitUntilAvailable?: boolean }): Promise<DenoSend>;
  close(info: { closeCode: number; reason: string }): void;
}

export interface DenoBidirectional {
  readonly readable: DenoReceive;
  readonly writable: DenoSend;
}

export interface DenoReceive extends ReadableStream<Uint8Array> {
  readonly id: bigint;
}

export interface DenoSend extends WritableStream<Uint8Array> {
  readonly id: bigint;
}

/**
 * The `Deno` namespace of this runtime.
 *
 * @throws {Error} elsewhere.
 */
export function denoApi(): DenoApi {
  const { Deno } = globalThis as { Deno?: DenoApi };
  if (Deno === undefined)
    throw new Error('This entry runs in Deno: on Node, import @interleave/transport/node or /quic.');
  return Deno;
}

/** The end of a connection as facts have it. */
export function endpointOf({ hostname, port }: NetAddr): { address: string; port: number; family: 'IPv4' | 'IPv6' } {
  return { address: hostname, port, family: hostname.includes(':') ? 'IPv6' : 'IPv4' };
}
