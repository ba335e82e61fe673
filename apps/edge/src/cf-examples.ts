import type { LabFacts } from '@interleave/trace';

/** `request.cf` as each kind of host sends it; for tests. */
export const LAB: LabFacts = {
  v: 1,
  connection: 'k3J9aQ',
  nth: 3,
  streamId: null,
  transport: 'tcp',
  protocol: 'http/1.1',
  openedAt: 1_795_238_400_000,
  at: 1_795_238_403_210,
  tls: {
    version: 'TLSv1.3',
    cipher: 'TLS_AES_128_GCM_SHA256',
    group: 'X25519',
    alpnOffered: ['h2', 'http/1.1'],
    alpn: 'http/1.1',
    sni: 'localhost',
    resumed: false,
    earlyData: false,
    clientRandomHash: 'not for pages',
    handshakeMs: 2.6,
  },
  remote: { address: '127.0.0.1', port: 51_234, family: 'IPv4' },
  local: { address: '127.0.0.1', port: 4111, family: 'IPv4' },
  origins: { plain: 'http://localhost:4100', h1: 'https://localhost:4111' },
  closing: false,
};

export function labCf(more: Partial<LabFacts> = {}): Record<string, unknown> {
  return {
    httpProtocol: 'HTTP/1.1',
    tlsVersion: 'TLSv1.3',
    tlsCipher: 'AEAD-AES128-GCM-SHA256',
    lab: { ...LAB, ...more },
  };
}

export const CLIENT_RANDOM = 'qrvM3e7/ABEiM0RVZneImaq7zN3u/wARIjNEVWZ3iJk=';

/** After dumps of real Workers: no field says that a connection was used before. */
export const CLOUDFLARE: Readonly<Record<string, unknown>> = {
  httpProtocol: 'HTTP/2',
  tlsVersion: 'TLSv1.3',
  tlsCipher: 'AEAD-AES128-GCM-SHA256',
  tlsClientRandom: CLIENT_RANDOM,
  tlsClientHelloLength: '1755',
  clientTcpRtt: 14,
  clientAcceptEncoding: 'gzip, br',
  requestPriority: 'weight=256;exclusive=1',
  edgeRequestKeepAliveStatus: 1,
  colo: 'FRA',
  asn: 3320,
  country: 'DE',
};

export const CLOUDFLARE_HEADERS: Readonly<Record<string, string>> = {
  'cf-ray': '8f1c2d3e4f5a6b7c-FRA',
  'cf-connecting-ip': '203.0.113.7',
};

/** Miniflare's built-in constant, shortened. */
export const MOCK: Readonly<Record<string, unknown>> = {
  asn: 395_747,
  colo: 'DFW',
  city: 'Austin',
  postalCode: '78701',
  clientTcpRtt: 0,
  httpProtocol: 'HTTP/1.1',
  requestPriority: 'weight=192;exclusive=0',
  tlsCipher: 'AEAD-AES128-GCM-SHA256',
  tlsVersion: 'TLSv1.3',
  clientTrustScore: 99,
};

const MARKUP = '<script>alert(1)</script>"\'\u001b[2J';

/** A forged blob: the shape of the lab's, every value of the wrong kind, or text that wants to be markup. */
export const HOSTILE: Readonly<Record<string, unknown>> = {
  httpProtocol: MARKUP,
  tlsVersion: { toString: 'x' },
  requestPriority: MARKUP,
  lab: {
    v: 1,
    connection: MARKUP,
    nth: -3,
    streamId: 1.5,
    transport: 'pigeon',
    protocol: '__proto__',
    openedAt: Number.MAX_VALUE,
    at: 'now',
    tls: {
      version: MARKUP,
      cipher: MARKUP,
      group: [1],
      alpnOffered: [MARKUP],
      alpn: MARKUP,
      sni: MARKUP,
      resumed: 'yes',
    },
    remote: { address: MARKUP, port: 99_999, family: 'IPv4' },
    local: null,
    origins: {
      plain: 'javascript:alert(1)',
      h1: `https://evil.example/${MARKUP}`,
      h2: 'https://a.example; script-src *',
    },
    closing: 1,
  },
};
