import type { LabFacts } from '@interleave/trace';
import type { Protocol } from '@interleave/trace/look';

/** A request as a host passes it on to this app: only its shape counts, no value of it is ever shown. */
export interface ExampleRequest {
  readonly protocol: Protocol;
  readonly cf: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string>>;
}

const CLOUDFLARE_NAMES = { 'http/1.1': 'HTTP/1.1', h2: 'HTTP/2', h3: 'HTTP/3' } as const;

/** What the lab sends: everything that it can measure, over each protocol that it speaks. A test asks a running lab whether that holds. */
export const FROM_LAB: readonly ExampleRequest[] = (['http/1.1', 'h2', 'h3'] as const).map((protocol) => ({
  protocol,
  cf: { httpProtocol: CLOUDFLARE_NAMES[protocol], lab: labFacts(protocol) },
  headers: protocol === 'http/1.1' ? {} : { priority: 'u=1' },
}));

/** What Cloudflare documents that it sends; a plan with more tells no more of a connection. */
export const FROM_CLOUDFLARE: readonly ExampleRequest[] = (['http/1.1', 'h2', 'h3'] as const).map((protocol) => ({
  protocol,
  cf: {
    httpProtocol: CLOUDFLARE_NAMES[protocol],
    tlsVersion: 'TLSv1.3',
    tlsCipher: 'AEAD-AES128-GCM-SHA256',
    tlsClientRandom: 'AAAA',
    requestPriority: protocol === 'h2' ? 'weight=16;exclusive=0' : '',
    colo: 'XXX',
    ...(protocol === 'h3' ? { clientQuicRtt: 1 } : { clientTcpRtt: 1 }),
  },
  headers: { 'cf-ray': '0-XXX', 'cf-connecting-ip': '192.0.2.1' },
}));

function labFacts(protocol: 'http/1.1' | 'h2' | 'h3'): LabFacts {
  const end = { address: '127.0.0.1', port: 1, family: 'IPv4' } as const;
  const isQuic = protocol === 'h3';
  return {
    v: 1,
    connection: 'a',
    nth: 1,
    streamId: protocol === 'http/1.1' ? null : 1,
    transport: isQuic ? 'quic' : 'tcp',
    protocol,
    openedAt: 1,
    at: 2,
    tls: {
      version: 'TLSv1.3',
      cipher: 'TLS_AES_128_GCM_SHA256',
      // Node tells none for the groups that browsers choose first.
      group: isQuic ? 'X25519' : null,
      alpnOffered: ['h2', 'http/1.1'],
      alpn: protocol,
      sni: 'localhost',
      resumed: false,
      earlyData: false,
      clientRandomHash: null,
      handshakeMs: 1,
    },
    quic: isQuic
      ? { version: 1, originalDestinationId: null, localId: null, remoteId: null, rttMs: 1, packets: null }
      : null,
    remote: end,
    local: end,
    origins: {},
    closing: false,
  };
}
