import type { Limits } from '@interleave/wire';
import type { QuicheConfig } from './quiche.ts';

/** Largest datagram that we send: more than QUIC asks of every link (RFC 9000 §14), and what all of today's carry. */
export const DATAGRAM_SIZE = 1_350;

/** What all QUIC connections of ours have in common. Windows are what the limits let one stream and one connection hold. */
export function commonConfig(config: QuicheConfig, limits: Limits): QuicheConfig {
  config.grease(true);
  config.setApplicationProtos(['h3']);
  config.setMaxIdleTimeout(limits.idleTimeout);
  config.setMaxRecvUdpPayloadSize(65_527);
  config.setMaxSendUdpPayloadSize(DATAGRAM_SIZE);
  config.setInitialMaxData(limits.connectionWindow);
  config.setInitialMaxStreamDataBidiLocal(limits.streamWindow);
  config.setInitialMaxStreamDataBidiRemote(limits.streamWindow);
  config.setInitialMaxStreamDataUni(limits.streamWindow);
  config.setInitialMaxStreamsBidi(limits.maxConcurrentStreams);
  // Control, two for QPACK, and those that mean nothing to us.
  config.setInitialMaxStreamsUni(3 + limits.maxUnknownStreams);
  config.setMaxStreamWindow(limits.streamWindow);
  config.setMaxConnectionWindow(limits.connectionWindow);
  config.setDisableActiveMigration(true);
  return config;
}
