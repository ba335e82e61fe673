import { Cursor } from './initial.ts';

/** What a ClientHello says of itself (RFC 8446 §4.1.2). */
export interface ClientHello {
  readonly random: Uint8Array;
  readonly sni: string | null;
  readonly alpn: readonly string[] | null;
}

/** What a ServerHello has chosen (RFC 8446 §4.1.3). */
export interface ServerHello {
  readonly cipher: string;
  readonly group: string | null;
}

const CLIENT_HELLO = 1;
const SERVER_HELLO = 2;
const SERVER_NAME = 0;
const ALPN = 16;
const KEY_SHARE = 51;

const CIPHERS = new Map([
  [0x1301, 'TLS_AES_128_GCM_SHA256'],
  [0x1302, 'TLS_AES_256_GCM_SHA384'],
  [0x1303, 'TLS_CHACHA20_POLY1305_SHA256'],
]);
const GROUPS = new Map([
  [0x0017, 'secp256r1'],
  [0x0018, 'secp384r1'],
  [0x001d, 'X25519'],
  [0x11ec, 'X25519MLKEM768'],
  [0x6399, 'X25519Kyber768Draft00'],
]);

/** The first ClientHello of a handshake's bytes; null while it is not complete, or when it is none. */
export function parseClientHello(bytes: Buffer): ClientHello | null {
  const hello = messages(bytes).find(({ type }) => type === CLIENT_HELLO);
  if (hello === undefined) return null;
  const cursor = new Cursor(hello.body);
  cursor.uint16();
  const random = cursor.take(32);
  cursor.take(cursor.byte());
  cursor.take(cursor.uint16());
  cursor.take(cursor.byte());
  const found = extensions(cursor);
  return cursor.failed ? null : { random, sni: sniIn(found.get(SERVER_NAME)), alpn: alpnIn(found.get(ALPN)) };
}

/** The last ServerHello: one before it was a HelloRetryRequest. */
export function parseServerHello(bytes: Buffer): ServerHello | null {
  const hello = messages(bytes).findLast(({ type }) => type === SERVER_HELLO);
  if (hello === undefined) return null;
  const cursor = new Cursor(hello.body);
  cursor.take(2 + 32);
  cursor.take(cursor.byte());
  const cipher = cursor.uint16();
  cursor.byte();
  const share = extensions(cursor).get(KEY_SHARE);
  if (cursor.failed) return null;
  const group = share === undefined ? null : new Cursor(share).uint16();
  return { cipher: nameOf(CIPHERS, cipher), group: group === null ? null : nameOf(GROUPS, group) };
}

function nameOf(names: ReadonlyMap<number, string>, code: number): string {
  return names.get(code) ?? `0x${code.toString(16).padStart(4, '0')}`;
}

/** The handshake messages that are complete. */
function messages(bytes: Buffer): { readonly type: number; readonly body: Buffer }[] {
  const found: { type: number; body: Buffer }[] = [];
  for (const cursor = new Cursor(bytes); !cursor.done; ) {
    const type = cursor.byte();
    const body = cursor.take(cursor.uint24());
    if (!cursor.failed) found.push({ type, body });
  }
  return found;
}

function extensions(cursor: Cursor): Map<number, Buffer> {
  const found = new Map<number, Buffer>();
  for (const list = new Cursor(cursor.take(cursor.uint16())); !list.done; ) {
    const type = list.uint16();
    const body = list.take(list.uint16());
    if (!list.failed) found.set(type, body);
  }
  return found;
}

/** RFC 6066 §3: a list of one name. */
function sniIn(extension: Buffer | undefined): string | null {
  if (extension === undefined) return null;
  const cursor = new Cursor(extension);
  cursor.uint16();
  const type = cursor.byte();
  const name = cursor.take(cursor.uint16());
  return cursor.failed || type !== 0 ? null : name.toString('latin1');
}

/** RFC 7301 §3.1. */
function alpnIn(extension: Buffer | undefined): string[] | null {
  if (extension === undefined) return null;
  const cursor = new Cursor(extension);
  cursor.uint16();
  const names: string[] = [];
  while (!cursor.done) {
    const name = cursor.take(cursor.byte());
    if (!cursor.failed) names.push(name.toString('latin1'));
  }
  return names;
}
