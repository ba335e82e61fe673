/** What the first packets of a handshake say in the clear. A fact that was not seen is null. */
export interface HandshakeFacts {
  readonly alpnOffered: readonly string[] | null;
  readonly sni: string | null;
  readonly clientRandomHash: string | null;
  readonly cipher: string | null;
  readonly group: string | null;
}

/** Collects what can be learnt from the datagrams of a handshake. */
export interface HandshakeNotes {
  readonly facts: HandshakeFacts;
  /** A datagram from the client, before it is decrypted in place. */
  received(datagram: Uint8Array): void;
  /** A datagram to the client. */
  sent(datagram: Uint8Array): void;
}

/** Notes nothing. */
export const NO_NOTES: HandshakeNotes = {
  facts: { alpnOffered: null, sni: null, clientRandomHash: null, cipher: null, group: null },
  received() {},
  sent() {},
};
