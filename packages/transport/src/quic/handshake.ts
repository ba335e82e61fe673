import { hashClientRandom } from '../node/client-random.ts';
import { parseClientHello, parseServerHello } from './hello.ts';
import { InitialReader, initialKeys } from './initial.ts';

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

const NOTHING: HandshakeFacts = { alpnOffered: null, sni: null, clientRandomHash: null, cipher: null, group: null };

/** Notes nothing. */
export const NO_NOTES: HandshakeNotes = { facts: NOTHING, received() {}, sent() {} };

/** Datagrams of each side that are looked at: both hellos come with the first few, or not at all. */
const MOST_DATAGRAMS = 12;

/**
 * Reads both hellos out of a connection's Initial packets, whose keys follow from the first packet itself (RFC 9001 §5.2): the
 * QUIC library tells neither what was offered nor what was chosen. Once they are read, it costs nothing.
 */
export class HelloNotes implements HandshakeNotes {
  #client: Side | null;
  #server: Side | null;
  #facts: HandshakeFacts = NOTHING;

  constructor(originalDestinationId: Uint8Array) {
    const keys = initialKeys(originalDestinationId);
    this.#client = { reader: new InitialReader(keys.client), left: MOST_DATAGRAMS };
    this.#server = { reader: new InitialReader(keys.server), left: MOST_DATAGRAMS };
  }

  get facts(): HandshakeFacts {
    return this.#facts;
  }

  received(datagram: Uint8Array): void {
    if (this.#client === null) return;
    const hello = parseClientHello(readInto(this.#client, datagram));
    if (hello !== null) {
      const { random, sni, alpn } = hello;
      this.#facts = { ...this.#facts, sni, alpnOffered: alpn, clientRandomHash: hashClientRandom(random) };
    }
    if (hello !== null || this.#client.left === 0) this.#client = null;
  }

  sent(datagram: Uint8Array): void {
    if (this.#server === null) return;
    const hello = parseServerHello(readInto(this.#server, datagram));
    // Looked at until the datagrams are used up, since a HelloRetryRequest looks like a ServerHello and comes before it.
    if (hello !== null) this.#facts = { ...this.#facts, ...hello };
    if (this.#server.left === 0) this.#server = null;
  }
}

interface Side {
  readonly reader: InitialReader;
  left: number;
}

function readInto(side: Side, datagram: Uint8Array): Buffer {
  side.left--;
  side.reader.read(datagram);
  return side.reader.bytes;
}
