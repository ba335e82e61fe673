import type { TLSSocket } from 'node:tls';
import type { TlsFacts } from '../facts.ts';
import { hashClientRandom } from './client-random.ts';

/** What is learnt about a TLS connection while its handshake runs. */
interface HandshakeNotes {
  alpnOffered: readonly string[] | null;
  clientRandomHash: string | null;
}

const notes = new WeakMap<TLSSocket, HandshakeNotes>();

function notesOf(socket: TLSSocket): HandshakeNotes {
  let found = notes.get(socket);
  if (found === undefined) {
    found = { alpnOffered: null, clientRandomHash: null };
    notes.set(socket, found);
  }
  return found;
}

/** Remembers the list that the ClientHello offered (RFC 7301). */
export function noteAlpnOffer(socket: TLSSocket, protocols: readonly string[]): void {
  notesOf(socket).alpnOffered = [...protocols];
}

/**
 * Takes the client random from a key log line (`LABEL <client random> <secret>`), and keeps only its keyed hash. The
 * line itself holds the keys of the connection: it is read here and nowhere else.
 */
export function noteKeyLog(socket: TLSSocket, line: Buffer): void {
  const entry = notesOf(socket);
  if (entry.clientRandomHash !== null) return;
  const random = line.toString('latin1').split(' ')[1];
  if (random !== undefined) entry.clientRandomHash = hashClientRandom(Buffer.from(random, 'hex'));
}

/** The facts of a finished handshake. `handshakeMs` runs from the accepted TCP connection to the handshake's end. */
export function tlsFacts(socket: TLSSocket, handshakeMs: number | null): TlsFacts {
  const entry = notesOf(socket);
  const cipher = socket.getCipher();
  const sni = (socket as TLSSocket & { servername?: string | false }).servername;
  return {
    version: socket.getProtocol() ?? '',
    cipher: cipher.standardName ?? cipher.name,
    group: keyExchangeGroup(socket),
    alpnOffered: entry.alpnOffered,
    alpn: socket.alpnProtocol === false ? null : socket.alpnProtocol,
    sni: typeof sni === 'string' && sni !== '' ? sni : null,
    resumed: socket.isSessionReused(),
    // Node's servers never accept early data.
    earlyData: false,
    clientRandomHash: entry.clientRandomHash,
    handshakeMs,
  };
}

/** Node tells the ephemeral key only to clients; a server that does not know says null. */
function keyExchangeGroup(socket: TLSSocket): string | null {
  const info = socket.getEphemeralKeyInfo() as { name?: string; type?: string } | null;
  return info?.name ?? null;
}
