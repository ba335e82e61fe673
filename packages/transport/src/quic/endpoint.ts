import { randomBytes } from 'node:crypto';
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import type { AddressInfo } from 'node:net';
import type { Endpoint } from '../facts.ts';
import { DATAGRAM_SIZE } from './config.ts';
import type { QuicEnd, QuicHandler } from './connection.ts';
import { type HandshakeNotes, NO_NOTES } from './handshake.ts';
import { Link } from './link.ts';
import { type ConnectionHost, type ConnectionOrigin, QuicheQuicConnection } from './matrixai.ts';
import type { Quiche, QuicheConfig, QuicheHeader } from './quiche.ts';

/** Bytes of the ids that we give to our connections. All of one length: a short header does not say how long its id is. */
const ID_BYTES = 16;
/** RFC 9000 §14.1: a first packet in a smaller datagram is a try to make us send more than we get. */
const MIN_INITIAL = 1_200;
/** A burst of datagrams comes faster than a busy process reads. */
const SOCKET_BUFFER = 2 * 1024 * 1024;

export interface EndpointOptions {
  readonly quiche: Quiche;
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
  /** Takes connections: the settings they get, and who handles them (`ConnectionOrigin`). Null: this endpoint only connects. */
  readonly accept: {
    readonly config: QuicheConfig;
    /** Connections that may be open at once; first packets beyond that are dropped. */
    readonly maxConnections: number;
    /** Milliseconds for a handshake. */
    readonly handshakeTimeout: number;
    readonly begin: (connection: QuicheQuicConnection) => QuicHandler;
    readonly failed: (end: QuicEnd) => void;
    readonly notes: (originalDestinationId: Uint8Array) => HandshakeNotes;
  } | null;
  readonly onError: (error: Error) => void;
}

/** A UDP socket with QUIC connections on it, and the link that their datagrams pass. */
export class UdpEndpoint implements ConnectionHost {
  readonly quiche: Quiche;
  readonly datagramSize: number = DATAGRAM_SIZE;
  readonly link: Link = new Link();
  readonly #options: EndpointOptions;
  readonly #socket: Socket;
  /** By every id that a packet to us may carry. */
  readonly #byId = new Map<string, QuicheQuicConnection>();
  readonly #ids = new Map<QuicheQuicConnection, string[]>();
  #due = new Set<QuicheQuicConnection>();
  #scheduled = false;
  #accepting = true;
  #address: AddressInfo | null = null;
  #onEmpty: (() => void) | null = null;
  #closed: Promise<void> | null = null;

  private constructor(options: EndpointOptions, socket: Socket) {
    this.quiche = options.quiche;
    this.#options = options;
    this.#socket = socket;
  }

  /** @throws the socket's error (`EADDRINUSE`, `EACCES`, `EADDRNOTAVAIL`). */
  static async bind(options: EndpointOptions): Promise<UdpEndpoint> {
    const type = options.host.includes(':') ? 'udp6' : 'udp4';
    const socket = createSocket({ type, ipv6Only: type === 'udp6' });
    const endpoint = new UdpEndpoint(options, socket);
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.bind(options.port, options.host, () => {
        socket.off('error', reject);
        resolve();
      });
    });
    endpoint.#address = socket.address() as AddressInfo;
    socket.on('error', options.onError);
    socket.on('message', (datagram, from) =>
      endpoint.link.inbound.take(datagram.length, () => endpoint.#receive(datagram, from)),
    );
    for (const set of ['setRecvBufferSize', 'setSendBufferSize'] as const) {
      try {
        socket[set](SOCKET_BUFFER);
      } catch {
        // The system allows less: it works all the same.
      }
    }
    return endpoint;
  }

  get address(): AddressInfo {
    return this.#address as AddressInfo;
  }

  get connections(): number {
    return this.#ids.size;
  }

  /** Opens a connection; with a ticket of an earlier one, resumes it. */
  connect(
    to: { readonly host: string; readonly port: number; readonly serverName: string },
    config: QuicheConfig,
    ticket: Uint8Array | null,
    events: Pick<ConnectionOrigin, 'begin' | 'failed' | 'keepTicket'>,
  ): QuicheQuicConnection {
    const id = randomBytes(ID_BYTES);
    const { address: host, port } = this.address;
    const quiche = this.quiche.Connection.connect(
      to.serverName,
      id,
      { host, port },
      { host: to.host, port: to.port },
      config,
    );
    if (ticket !== null) quiche.setSession(ticket);
    const connection = new QuicheQuicConnection(
      this,
      quiche,
      { local: endpointOf(host, port), remote: endpointOf(to.host, to.port) },
      {
        role: 'client',
        version: this.quiche.PROTOCOL_VERSION,
        originalDestinationId: Buffer.from(quiche.destinationId()).toString('hex'),
        notes: NO_NOTES,
        ...events,
      },
    );
    this.#file(connection, [key(id)]);
    this.schedule(connection);
    return connection;
  }

  /** Takes no more connections. */
  refuse(): void {
    this.#accepting = false;
  }

  /** Ends when the last connection has gone, or, after `grace` milliseconds, without waiting for what is left. */
  close(grace: number): Promise<void> {
    this.#closed ??= this.#close(grace);
    return this.#closed;
  }

  async #close(grace: number): Promise<void> {
    this.refuse();
    if (this.#ids.size > 0 && grace > 0) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, grace);
        this.#onEmpty = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    this.link.close();
    for (const connection of [...this.#ids.keys()]) connection.abandon('The endpoint was closed.');
    await new Promise<void>((resolve) => this.#socket.close(() => resolve()));
  }

  // ConnectionHost

  schedule(connection: QuicheQuicConnection): void {
    this.#due.add(connection);
    if (this.#scheduled) return;
    this.#scheduled = true;
    // Behind the datagrams that wait in the socket, so that one turn answers them all.
    setImmediate(() => this.#run());
  }

  transmit(datagram: Uint8Array, to: { readonly host: string; readonly port: number }): void {
    this.link.outbound.take(datagram.length, () => {
      // Errors of single datagrams (a port that is not there any more) are what QUIC's own timers are for.
      this.#socket.send(datagram, to.port, to.host, ignore);
    });
  }

  gone(connection: QuicheQuicConnection): void {
    for (const id of this.#ids.get(connection) ?? []) this.#byId.delete(id);
    this.#ids.delete(connection);
    this.#due.delete(connection);
    if (this.#ids.size === 0) this.#onEmpty?.();
  }

  #run(): void {
    this.#scheduled = false;
    const due = this.#due;
    this.#due = new Set();
    for (const connection of due) connection.turn();
  }

  #receive(datagram: Buffer, from: RemoteInfo): void {
    let header: QuicheHeader;
    try {
      header = this.quiche.Header.fromSlice(datagram, ID_BYTES);
    } catch {
      return;
    }
    const connection = this.#byId.get(key(header.dcid)) ?? this.#accept(header, datagram, from);
    if (connection === null) return;
    connection.notes.received(datagram);
    connection.receive(datagram, { host: from.address, port: from.port });
  }

  #accept(header: QuicheHeader, datagram: Buffer, from: RemoteInfo): QuicheQuicConnection | null {
    const { accept } = this.#options;
    if (accept === null || !this.#accepting || header.ty !== this.quiche.Type.Initial) return null;
    if (datagram.length < MIN_INITIAL || this.#ids.size >= accept.maxConnections) return null;
    if (!this.quiche.versionIsSupported(header.version)) {
      const answer = Buffer.allocUnsafe(DATAGRAM_SIZE);
      const size = this.quiche.negotiateVersion(header.scid, header.dcid, answer);
      this.transmit(answer.subarray(0, size), { host: from.address, port: from.port });
      return null;
    }
    const id = randomBytes(ID_BYTES);
    const { address: host, port } = this.address;
    try {
      const quiche = this.quiche.Connection.accept(
        id,
        null,
        { host, port },
        { host: from.address, port: from.port },
        accept.config,
      );
      const connection = new QuicheQuicConnection(
        this,
        quiche,
        { local: endpointOf(host, port), remote: endpointOf(from.address, from.port) },
        {
          role: 'server',
          version: header.version,
          originalDestinationId: Buffer.from(header.dcid).toString('hex'),
          notes: header.version === 1 ? accept.notes(header.dcid) : NO_NOTES,
          begin: accept.begin,
          failed: accept.failed,
          keepTicket: null,
        },
      );
      // Until the client has heard our id, its packets carry the one that it made up.
      this.#file(connection, [key(id), key(header.dcid)]);
      // First packets can be made up by the thousand: what they leave behind goes soon (RFC 9000 §21.3).
      setTimeout(() => {
        if (!connection.established) connection.abandon('The handshake took too long.');
      }, accept.handshakeTimeout).unref();
      return connection;
    } catch (error) {
      this.#options.onError(error instanceof Error ? error : new Error(String(error)));
      return null;
    }
  }

  #file(connection: QuicheQuicConnection, ids: string[]): void {
    this.#ids.set(connection, ids);
    for (const id of ids) this.#byId.set(id, connection);
  }
}

function key(id: Uint8Array): string {
  return Buffer.from(id.buffer, id.byteOffset, id.byteLength).toString('latin1');
}

function endpointOf(address: string, port: number): Endpoint {
  return { address, port, family: address.includes(':') ? 'IPv6' : 'IPv4' };
}

function ignore(): void {}
