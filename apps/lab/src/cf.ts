import type { LabFacts } from '@interleave/trace';
import type { Exchange } from '@interleave/transport/node';

/** What the lab puts beside an exchange's own facts. */
export interface CfContext {
  readonly origins: LabFacts['origins'];
  readonly closing: boolean;
}

const HTTP_PROTOCOL = { 'http/1.1': 'HTTP/1.1', h2: 'HTTP/2', h3: 'HTTP/3' } as const;

/**
 * `request.cf` for the Worker: what Cloudflare has, under Cloudflare's names and spellings, as far as it was measured
 * here, and the rest in `lab`. What nobody measured (round-trip time, place, network) is left out, not made up. The
 * ClientHello's random stays here as well; `lab.tls.clientRandomHash` stands for it.
 */
export function cfOf(exchange: Exchange, context: CfContext): Record<string, unknown> & { readonly lab: LabFacts } {
  const { connection } = exchange;
  const { tls } = connection;
  const lab: LabFacts = {
    v: 1,
    connection: connection.id,
    nth: exchange.nth,
    streamId: exchange.streamId,
    transport: connection.transport,
    protocol: connection.protocol,
    openedAt: connection.openedAt,
    at: exchange.at,
    tls,
    quic: connection.quic ?? null,
    remote: connection.remote,
    local: connection.local,
    origins: context.origins,
    closing: context.closing,
  };
  const acceptEncoding = exchange.head.fields.filter(([name]) => name.toLowerCase() === 'accept-encoding');
  return {
    // HTTP/1.0 is the same connection handling to Cloudflare, and has its own name there.
    httpProtocol: exchange.head.version === '1.0' ? 'HTTP/1.0' : HTTP_PROTOCOL[connection.protocol],
    tlsVersion: tls?.version ?? '',
    tlsCipher: tls === null ? '' : cloudflareCipher(tls.cipher ?? ''),
    clientAcceptEncoding: acceptEncoding.map(([, value]) => value).join(', '),
    requestPriority: '',
    // Whole milliseconds: 0 says no more than leaving it out, which is what Cloudflare's 0 means.
    ...(connection.quic?.rttMs ? { clientQuicRtt: connection.quic.rttMs } : {}),
    lab,
  };
}

/** Cloudflare spells cipher suites as BoringSSL does; IANA's names are what Node gives. */
export function cloudflareCipher(iana: string): string {
  const [, suite] = /^TLS_(.+)$/.exec(iana) ?? [];
  if (suite === undefined) return iana;
  if (!suite.includes('_WITH_')) {
    // TLS 1.3: TLS_AES_128_GCM_SHA256 is AEAD-AES128-GCM-SHA256.
    return `AEAD-${suite.replace(/^AES_(\d+)/, 'AES$1').replaceAll('_', '-')}`;
  }
  return suite
    .replace('_WITH_', '_')
    .replace(/AES_(\d+)/, 'AES$1')
    .replace('CHACHA20_POLY1305_SHA256', 'CHACHA20_POLY1305')
    .replaceAll('_', '-');
}

/** JSON that may stand in a field value: everything beyond ASCII as an escape. */
export function asciiJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[\u007f-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
