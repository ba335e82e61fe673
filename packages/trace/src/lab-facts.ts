/**
 * What only the local edge knows about a request, as it travels in `request.cf.lab`. Fields that Cloudflare has as well
 * (httpProtocol, tlsVersion, tlsCipher, clientTcpRtt …) stand beside it in `request.cf` under Cloudflare's names.
 */
export interface LabFacts {
  readonly v: 1;
  /** Shown everywhere: pages, Server-Timing, API, checks. */
  readonly connection: string;
  readonly nth: number;
  readonly streamId: number | null;
  readonly transport: 'tcp' | 'quic';
  readonly protocol: 'http/1.1' | 'h2' | 'h3';
  /** Epoch milliseconds. */
  readonly openedAt: number;
  readonly at: number;
  readonly tls: null | {
    readonly version: string | null;
    readonly cipher: string | null;
    readonly group: string | null;
    readonly alpnOffered: readonly string[] | null;
    readonly alpn: string | null;
    readonly sni: string | null;
    readonly resumed: boolean | null;
    readonly earlyData: boolean | null;
    readonly clientRandomHash: string | null;
    readonly handshakeMs: number | null;
  };
  /** HTTP/3 only: ids in hexadecimal, as packets carry them; `rttMs` and `packets` as of this request. */
  readonly quic?: null | {
    readonly version: number | null;
    /** What Chromium's NetLog calls `connection_id`. */
    readonly originalDestinationId: string | null;
    readonly localId: string | null;
    readonly remoteId: string | null;
    readonly rttMs: number | null;
    readonly packets: null | { readonly sent: number; readonly received: number; readonly lost: number };
  };
  readonly remote: { readonly address: string; readonly port: number; readonly family: 'IPv4' | 'IPv6' };
  readonly local: { readonly address: string; readonly port: number; readonly family: 'IPv4' | 'IPv6' };
  /** Addresses of the lab's listeners, by what they speak, for links between the pages: absent ones are off. */
  readonly origins: {
    readonly plain?: string;
    readonly h1?: string;
    readonly h2?: string;
    readonly altSvc?: string;
    readonly h3?: string;
  };
  /** True while the visitor has asked this listener to close after each response. */
  readonly closing: boolean;
}
