import type { ConnectionFacts } from '../facts.ts';
import type { QuicConnection } from './connection.ts';

/**
 * The facts of a QUIC connection whose handshake has got far enough for HTTP. What is not settled yet, or changes while it
 * lives, is an accessor of its own: it is read when it is asked for, and travels in JSON like any other.
 */
export function factsOf(quic: QuicConnection, id: string): ConnectionFacts {
  const { local, remote, openedAt } = quic;
  const { alpn, sni, resumed, alpnOffered, clientRandomHash } = quic.tls();
  const { version, originalDestinationId, localId, remoteId } = quic.quic();
  return {
    id,
    transport: 'quic',
    protocol: 'h3',
    openedAt,
    local,
    remote,
    tls: {
      // QUIC carries no older TLS (RFC 9001 §4.2).
      version: 'TLSv1.3',
      get cipher() {
        return quic.tls().cipher;
      },
      get group() {
        return quic.tls().group;
      },
      alpnOffered,
      alpn,
      sni,
      resumed,
      clientRandomHash,
      get earlyData() {
        return quic.tls().earlyData;
      },
      get handshakeMs() {
        return quic.tls().handshakeMs;
      },
    },
    quic: {
      version,
      originalDestinationId,
      localId,
      remoteId,
      get rttMs() {
        return quic.quic().rttMs;
      },
      get packets() {
        return quic.quic().packets;
      },
    },
  };
}
