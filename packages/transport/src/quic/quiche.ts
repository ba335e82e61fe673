/**
 * What is used of `@matrixai/quic`'s native module, quiche (a QUIC transport in Rust). Its types are written down here, since
 * the package is optional: without it everything but HTTP/3 must still compile and run.
 */

export interface QuicheAddress {
  readonly host: string;
  readonly port: number;
}

export interface QuicheConfig {
  setTicketKey(key: Uint8Array): void;
  enableEarlyData(): void;
  grease(on: boolean): void;
  setApplicationProtos(protocols: string[]): void;
  setMaxIdleTimeout(ms: number): void;
  setMaxRecvUdpPayloadSize(size: number): void;
  setMaxSendUdpPayloadSize(size: number): void;
  setInitialMaxData(bytes: number): void;
  setInitialMaxStreamDataBidiLocal(bytes: number): void;
  setInitialMaxStreamDataBidiRemote(bytes: number): void;
  setInitialMaxStreamDataUni(bytes: number): void;
  setInitialMaxStreamsBidi(count: number): void;
  setInitialMaxStreamsUni(count: number): void;
  setMaxStreamWindow(bytes: number): void;
  setMaxConnectionWindow(bytes: number): void;
  setDisableActiveMigration(on: boolean): void;
  enablePacing(on: boolean): void;
}

export interface QuicheError {
  readonly isApp: boolean;
  readonly errorCode: number;
  readonly reason: Uint8Array;
}

export interface QuichePathStats {
  readonly active: boolean;
  readonly rtt: number;
  readonly sent: number;
  readonly recv: number;
  readonly lost: number;
  readonly retrans: number;
  readonly cwnd: number;
}

/** Methods that have nothing to do return null; what went wrong is thrown, with quiche's name for it as the message. */
export interface QuicheConnection {
  /** Decrypts in place: the datagram's memory is changed. */
  recv(datagram: Uint8Array, info: { from: QuicheAddress; to: QuicheAddress }): number;
  send(into: Uint8Array): [number, { to: QuicheAddress }] | null;
  streamRecv(streamId: number, into: Uint8Array): [number, boolean] | null;
  streamSend(streamId: number, data: Uint8Array, fin: boolean): number | null;
  streamShutdown(streamId: number, direction: number, code: number): undefined | null;
  streamCapacity(streamId: number): number;
  readable(): Iterable<number>;
  writable(): Iterable<number>;
  peerStreamsLeftBidi(): number;
  timeout(): number | null;
  onTimeout(): void;
  setSession(session: Uint8Array): void;
  session(): Uint8Array | null;
  close(app: boolean, code: number, reason: Uint8Array): undefined | null;
  applicationProto(): Uint8Array;
  serverName(): string | null;
  sourceId(): Uint8Array;
  destinationId(): Uint8Array;
  peerCertChain(): Uint8Array[] | null;
  isEstablished(): boolean;
  isResumed(): boolean;
  isInEarlyData(): boolean;
  isDraining(): boolean;
  isClosed(): boolean;
  isTimedOut(): boolean;
  peerError(): QuicheError | null;
  localError(): QuicheError | null;
  pathStats(): QuichePathStats[];
}

export interface QuicheHeader {
  readonly ty: number;
  readonly version: number;
  readonly dcid: Uint8Array;
  readonly scid: Uint8Array;
}

export interface Quiche {
  readonly PROTOCOL_VERSION: number;
  readonly Type: { readonly Initial: number; readonly ZeroRTT: number };
  readonly Shutdown: { readonly Read: number; readonly Write: number };
  readonly Config: {
    withBoringSslCtx(
      verifyPeer: boolean,
      verifyAllowFail: boolean,
      ca: Uint8Array | null,
      keys: Uint8Array[] | null,
      certificates: Uint8Array[] | null,
      signatureAlgorithms: string | null,
    ): QuicheConfig;
  };
  readonly Connection: {
    accept(
      scid: Uint8Array,
      odcid: Uint8Array | null,
      local: QuicheAddress,
      remote: QuicheAddress,
      config: QuicheConfig,
    ): QuicheConnection;
    connect(
      serverName: string | null,
      scid: Uint8Array,
      local: QuicheAddress,
      remote: QuicheAddress,
      config: QuicheConfig,
    ): QuicheConnection;
  };
  readonly Header: { fromSlice(datagram: Uint8Array, connectionIdLength: number): QuicheHeader };
  negotiateVersion(scid: Uint8Array, dcid: Uint8Array, into: Uint8Array): number;
  versionIsSupported(version: number): boolean;
}

/** The module, or why there is none on this machine. */
export type QuicheOrReason =
  | { readonly quiche: Quiche; readonly reason: null }
  | { readonly quiche: null; readonly reason: string };

/** Set to a reason, this hides the binding: what a machine without one does can then be seen and tested on any. */
const HIDE = 'INTERLEAVE_NO_QUIC';
// In a variable, so that no bundler or type checker insists on the optional package.
const MODULE: string = '@matrixai/quic/native/quiche.js';

let loading: Promise<QuicheOrReason> | null = null;

/** Loads the binding once. Never rejects: a machine without it has all but HTTP/3, and the reason says what is missing. */
export function loadQuiche(env: Readonly<Record<string, string | undefined>> = process.env): Promise<QuicheOrReason> {
  const hidden = env[HIDE];
  if (hidden)
    return Promise.resolve({ quiche: null, reason: `The QUIC binding is hidden: ${HIDE} is set to ${hidden}.` });
  loading ??= load();
  return loading;
}

async function load(): Promise<QuicheOrReason> {
  try {
    const { default: quiche } = (await import(MODULE)) as { default: Quiche };
    return { quiche, reason: null };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const what = (message.split('\n')[0] ?? '').replace(/ imported from .*$/, '');
    const where = `${process.platform}-${process.arch}`;
    return {
      quiche: null,
      reason: `The QUIC binding @matrixai/quic does not load on ${where}: ${what.replace(/\.$/, '')}. Everything else runs without it.`,
    };
  }
}
