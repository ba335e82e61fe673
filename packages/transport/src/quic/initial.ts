import { createCipheriv, createDecipheriv, createHmac } from 'node:crypto';

/** RFC 9001 §5.2. */
const SALT_V1 = Buffer.from('38762cf7f55934b34d179ae6a4c80cadccbb7f0a', 'hex');
const TAG_BYTES = 16;
const SAMPLE_BYTES = 16;
/** A ClientHello with post-quantum key shares takes about 1,800 bytes. */
const MOST_CRYPTO = 16_384;

/** What protects the Initial packets of one side (RFC 9001 §5.2): known to everybody who sees the first packet. */
export interface InitialKeys {
  readonly key: Buffer;
  readonly iv: Buffer;
  readonly headerKey: Buffer;
}

/** The keys of both sides, from the connection id that the client made up for its first packet. */
export function initialKeys(destinationId: Uint8Array): { readonly client: InitialKeys; readonly server: InitialKeys } {
  const secret = createHmac('sha256', SALT_V1).update(destinationId).digest();
  const of = (label: string): InitialKeys => {
    const own = expandLabel(secret, label, 32);
    return {
      key: expandLabel(own, 'quic key', 16),
      iv: expandLabel(own, 'quic iv', 12),
      headerKey: expandLabel(own, 'quic hp', 16),
    };
  };
  return { client: of('client in'), server: of('server in') };
}

/** HKDF-Expand-Label of RFC 8446 §7.1 without context, for at most 32 bytes: one round of HMAC. */
function expandLabel(secret: Buffer, label: string, length: number): Buffer {
  const name = Buffer.from(`tls13 ${label}`, 'latin1');
  const info = Buffer.from([0, length, name.length, ...name, 0, 1]);
  return createHmac('sha256', secret).update(info).digest().subarray(0, length);
}

/** Gathers what one side says in the CRYPTO frames of its Initial packets: the start of the TLS handshake. */
export class InitialReader {
  readonly #keys: InitialKeys;
  readonly #pieces = new Map<number, Uint8Array>();
  #size = 0;

  constructor(keys: InitialKeys) {
    this.#keys = keys;
  }

  /** Reads the Initial packets of a datagram, which stays as it is. What is no such packet is passed over. */
  read(datagram: Uint8Array): void {
    const bytes = Buffer.from(datagram.buffer, datagram.byteOffset, datagram.byteLength);
    for (let at = 0; at < bytes.length; ) {
      const packet = packetAt(bytes, at);
      if (packet === null) return;
      if (packet.initial) {
        const payload = this.#open(bytes, at, packet);
        if (payload !== null) this.#frames(payload);
      }
      at = packet.end;
    }
  }

  /** What has come so far without a gap. */
  get bytes(): Buffer {
    const parts: Uint8Array[] = [];
    let at = 0;
    for (const [offset, piece] of [...this.#pieces].sort(([a], [b]) => a - b)) {
      if (offset > at) break;
      if (offset + piece.length <= at) continue;
      parts.push(piece.subarray(at - offset));
      at = offset + piece.length;
    }
    return Buffer.concat(parts);
  }

  /** Takes off header protection (RFC 9001 §5.4) and decrypts (§5.3); null when it is not for these keys. */
  #open(bytes: Buffer, start: number, { numberAt, end }: Packet): Buffer | null {
    const sample = bytes.subarray(numberAt + 4, numberAt + 4 + SAMPLE_BYTES);
    if (sample.length < SAMPLE_BYTES || end - numberAt < 4 + TAG_BYTES) return null;
    const mask = createCipheriv('aes-128-ecb', this.#keys.headerKey, null).update(sample);
    const first = (bytes[start] as number) ^ ((mask[0] as number) & 0x0f);
    const numberBytes = (first & 3) + 1;
    const header = Buffer.from(bytes.subarray(start, numberAt + numberBytes));
    header[0] = first;
    const nonce = Buffer.from(this.#keys.iv);
    for (let i = 0; i < numberBytes; i++) {
      const at = header.length - numberBytes + i;
      const byte = (header[at] as number) ^ (mask[i + 1] as number);
      header[at] = byte;
      const place = nonce.length - numberBytes + i;
      nonce[place] = (nonce[place] as number) ^ byte;
    }
    const opener = createDecipheriv('aes-128-gcm', this.#keys.key, nonce, { authTagLength: TAG_BYTES });
    opener.setAAD(header).setAuthTag(bytes.subarray(end - TAG_BYTES, end));
    try {
      const payload = opener.update(bytes.subarray(numberAt + numberBytes, end - TAG_BYTES));
      return Buffer.concat([payload, opener.final()]);
    } catch {
      return null;
    }
  }

  /** Frames that may stand in an Initial packet (RFC 9000 §12.4); at any other one reading stops. */
  #frames(payload: Buffer): void {
    const cursor = new Cursor(payload, 0);
    while (!cursor.done) {
      const type = cursor.varint();
      if (type === 0x00 || type === 0x01) continue;
      if (type === 0x02 || type === 0x03) {
        skipAck(cursor, type === 0x03);
      } else if (type === 0x06) {
        const offset = cursor.varint();
        const data = cursor.take(cursor.varint());
        if (cursor.failed || offset + data.length > MOST_CRYPTO || this.#size > MOST_CRYPTO) return;
        this.#pieces.set(offset, data);
        this.#size += data.length;
      } else {
        return;
      }
    }
  }
}

interface Packet {
  readonly initial: boolean;
  /** Where the packet number begins. */
  readonly numberAt: number;
  readonly end: number;
}

/** The long-header packet at this place (RFC 9000 §17.2), or null when there is none of version 1. */
function packetAt(bytes: Buffer, start: number): Packet | null {
  const cursor = new Cursor(bytes, start);
  const first = cursor.byte();
  if ((first & 0xc0) !== 0xc0 || cursor.uint32() !== 1) return null;
  const type = (first >> 4) & 3;
  cursor.take(cursor.byte());
  cursor.take(cursor.byte());
  if (type === 3) return null;
  if (type === 0) cursor.take(cursor.varint());
  const length = cursor.varint();
  const end = cursor.at + length;
  if (cursor.failed || length === 0 || end > bytes.length) return null;
  return { initial: type === 0, numberAt: cursor.at, end };
}

function skipAck(cursor: Cursor, ecn: boolean): void {
  cursor.varint();
  cursor.varint();
  const ranges = cursor.varint();
  for (let i = 0; i < 1 + 2 * ranges && !cursor.failed; i++) cursor.varint();
  if (ecn) for (let i = 0; i < 3; i++) cursor.varint();
}

/** Reads numbers and pieces one after the other. Past the end everything is 0 or empty, and `failed` says so. */
export class Cursor {
  readonly #bytes: Buffer;
  at: number;
  failed = false;

  constructor(bytes: Buffer, at = 0) {
    this.#bytes = bytes;
    this.at = at;
  }

  get done(): boolean {
    return this.failed || this.at >= this.#bytes.length;
  }

  take(length: number): Buffer {
    if (this.failed || length > this.#bytes.length - this.at) {
      this.failed = true;
      return this.#bytes.subarray(0, 0);
    }
    this.at += length;
    return this.#bytes.subarray(this.at - length, this.at);
  }

  byte(): number {
    return this.take(1)[0] ?? 0;
  }

  uint16(): number {
    const bytes = this.take(2);
    return this.failed ? 0 : bytes.readUInt16BE(0);
  }

  uint24(): number {
    const bytes = this.take(3);
    return this.failed ? 0 : bytes.readUIntBE(0, 3);
  }

  uint32(): number {
    const bytes = this.take(4);
    return this.failed ? 0 : bytes.readUInt32BE(0);
  }

  /** RFC 9000 §16. */
  varint(): number {
    const first = this.byte();
    let value = first & 0x3f;
    for (const byte of this.take((1 << (first >> 6)) - 1)) value = value * 256 + byte;
    return value;
  }
}
