/** What a transport knows about one connection. A fact that nobody measured is null. Times: milliseconds, epoch. */
export interface ConnectionFacts {
  /** Random, unique in this process, safe to show: it says nothing about keys. */
  readonly id: string;
  readonly transport: 'tcp' | 'quic';
  readonly protocol: 'http/1.1' | 'h2' | 'h3';
  readonly openedAt: number;
  readonly local: Endpoint;
  readonly remote: Endpoint;
  readonly tls: TlsFacts | null;
  /** What only QUIC has; absent or null on TCP. */
  readonly quic?: QuicConnectionFacts | null;
}

/** What is known of a QUIC connection (RFC 9000). Ids are hexadecimal. */
export interface QuicConnectionFacts {
  /** Version on the wire: 1 is RFC 9000. Null where the QUIC library does not tell, as with all of these. */
  readonly version: number | null;
  /** The id that the client chose for its first packets, which its own log calls the connection's. */
  readonly originalDestinationId: string | null;
  /** The id in packets to us. */
  readonly localId: string | null;
  /** The id in packets to the peer; empty when it needs none. */
  readonly remoteId: string | null;
  /** Smoothed round-trip time in milliseconds, at the moment of asking. */
  readonly rttMs: number | null;
  /** Datagrams so far, at the moment of asking; `lost` is what our side takes for lost. */
  readonly packets: { readonly sent: number; readonly received: number; readonly lost: number } | null;
}

export interface Endpoint {
  readonly address: string;
  readonly port: number;
  readonly family: 'IPv4' | 'IPv6';
}

export interface TlsFacts {
  /** Such as `TLSv1.3`. */
  readonly version: string | null;
  /** IANA name, such as `TLS_AES_128_GCM_SHA256`, where known. */
  readonly cipher: string | null;
  /** Key exchange group, such as `X25519`, where known. */
  readonly group: string | null;
  readonly alpnOffered: readonly string[] | null;
  readonly alpn: string | null;
  readonly sni: string | null;
  /** The server's own word (`isSessionReused`). */
  readonly resumed: boolean | null;
  readonly earlyData: boolean | null;
  /** SHA-256 of the ClientHello's random, keyed by a secret of this process; never the random itself. Null if unknown. */
  readonly clientRandomHash: string | null;
  readonly handshakeMs: number | null;
}

/** What is known about one exchange on a connection. */
export interface ExchangeFacts {
  /** 1 for the first exchange on this connection, counted when the head is complete. */
  readonly nth: number;
  /** HTTP/2 and HTTP/3 stream identifier; null in HTTP/1.1. */
  readonly streamId: number | null;
  /** When the head was complete. */
  readonly at: number;
}
