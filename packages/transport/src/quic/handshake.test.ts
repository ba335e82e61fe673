import { createCipheriv } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HelloNotes } from './handshake.ts';
import { type InitialKeys, InitialReader, initialKeys } from './initial.ts';

/** RFC 9001, Appendix A. */
const DESTINATION = Buffer.from('8394c8f03e515708', 'hex');
const CLIENT_HELLO = Buffer.from(
  '010000ed0303ebf8fa56f12939b9584a3896472ec40bb863cfd3e86804fe3a47f06a2b69484c' +
    '00000413011302010000c000000010000e00000b6578616d706c652e636f6dff01000100000a00080006001d00170018' +
    '00100007000504616c706e000500050100000000003300260024001d00209370b2c9caa47fbabaf4559fedba753de171fa71f50f1ce15d43e994ec74d748' +
    '002b0003020304000d0010000e0403050306030203080408050806002d00020101001c00024001003900320408ffffffffffffffff05048000ffff07048000ffff' +
    '0801100104800075300901100f088394c8f03e51570806048000ffff',
  'hex',
);
const SERVER_HELLO = Buffer.from(
  '020000560303eefce7f7b37ba1d1632e96677825ddf73988cfc79825df566dc5430b9a045a1200' +
    '130100002e00330024001d00209d3c940d89690b84d08a60993c144eca684d1081287c834d5311bcf32bb9da1a002b00020304',
  'hex',
);

const keys = initialKeys(DESTINATION);

/** A CRYPTO frame. */
function crypto(offset: number, data: Uint8Array): Buffer {
  return Buffer.concat([
    Buffer.from([0x06, 0x40 | (offset >> 8), offset & 255, 0x40 | (data.length >> 8), data.length & 255]),
    data,
  ]);
}

/** An Initial packet as a client or server protects it (RFC 9001 §5). */
function initial(side: InitialKeys, number: number, frames: Buffer, pad = 0): Buffer {
  const payload = Buffer.concat([frames, Buffer.alloc(pad)]);
  const length = 4 + payload.length + 16;
  const header = Buffer.concat([
    Buffer.from([0xc3, 0, 0, 0, 1, DESTINATION.length]),
    DESTINATION,
    Buffer.from([0, 0, 0x40 | (length >> 8), length & 255, 0, 0, number >> 8, number & 255]),
  ]);
  const nonce = Buffer.from(side.iv);
  nonce.writeUInt32BE((nonce.readUInt32BE(8) ^ number) >>> 0, 8);
  const seal = createCipheriv('aes-128-gcm', side.key, nonce);
  seal.setAAD(header);
  const sealed = Buffer.concat([seal.update(payload), seal.final(), seal.getAuthTag()]);
  const packet = Buffer.concat([header, sealed]);
  const mask = createCipheriv('aes-128-ecb', side.headerKey, null).update(sealed.subarray(0, 16));
  packet[0] = (packet[0] as number) ^ ((mask[0] as number) & 15);
  for (let i = 0; i < 4; i++) {
    const at = header.length - 4 + i;
    packet[at] = (packet[at] as number) ^ (mask[i + 1] as number);
  }
  return packet;
}

test('the keys are those of RFC 9001, Appendix A.1', () => {
  expect(keys.client.key.toString('hex')).toBe('1f369613dd76d5467730efcbe3b1a22d');
  expect(keys.client.iv.toString('hex')).toBe('fa044b2f42a3fd3b46fb255c');
  expect(keys.client.headerKey.toString('hex')).toBe('9f50449e04a0e810283a1e9933adedd2');
  expect(keys.server.key.toString('hex')).toBe('cf3a5331653c364c88f0f379b6067e37');
  expect(keys.server.iv.toString('hex')).toBe('0ac1493ca1905853b0bba03e');
  expect(keys.server.headerKey.toString('hex')).toBe('c206b8d9b9f0f37644430b490eeaa314');
});

test('a client packet has the protection of Appendix A.2', () => {
  const sealed = initial(keys.client, 2, Buffer.concat([Buffer.from('060040f1', 'hex'), CLIENT_HELLO]), 917);
  expect(sealed.subarray(0, 32).toString('hex')).toBe(
    'c000000001088394c8f03e5157080000449e7b9aec34d1b1c98dd7689fb8ec11',
  );
});

describe('the notes of a handshake', () => {
  test('name what was offered and what was chosen', () => {
    const notes = new HelloNotes(DESTINATION);
    notes.received(initial(keys.client, 0, crypto(0, CLIENT_HELLO), 900));
    expect(notes.facts).toMatchObject({ sni: 'example.com', alpnOffered: ['alpn'], cipher: null, group: null });
    expect(notes.facts.clientRandomHash).toMatch(/^[0-9a-f]{64}$/);
    notes.sent(initial(keys.server, 0, Buffer.concat([Buffer.from([0x02, 0, 0, 0, 0]), crypto(0, SERVER_HELLO)])));
    expect(notes.facts).toMatchObject({ cipher: 'TLS_AES_128_GCM_SHA256', group: 'X25519' });
  });

  test('take a hello in pieces, in any order, over several packets of several datagrams', () => {
    const notes = new HelloNotes(DESTINATION);
    const [a, b, c] = [CLIENT_HELLO.subarray(0, 40), CLIENT_HELLO.subarray(40, 150), CLIENT_HELLO.subarray(150)];
    notes.received(Buffer.concat([initial(keys.client, 0, crypto(150, c)), initial(keys.client, 1, crypto(0, a))]));
    expect(notes.facts.sni).toBeNull();
    notes.received(initial(keys.client, 2, Buffer.concat([Buffer.from([1, 0, 0]), crypto(40, b)])));
    expect(notes.facts.sni).toBe('example.com');
  });

  test('leave the datagram as it was', () => {
    const packet = initial(keys.client, 0, crypto(0, CLIENT_HELLO));
    const before = Buffer.from(packet);
    new HelloNotes(DESTINATION).received(packet);
    expect(packet).toEqual(before);
  });

  test('know nothing of a packet that is for other keys', () => {
    const notes = new HelloNotes(Buffer.from('0000000000000000', 'hex'));
    notes.received(initial(keys.client, 0, crypto(0, CLIENT_HELLO)));
    expect(notes.facts.sni).toBeNull();
  });

  test('never throw, whatever comes', () => {
    const packet = initial(keys.client, 0, crypto(0, CLIENT_HELLO));
    fc.assert(
      fc.property(fc.nat(packet.length - 1), fc.nat(255), fc.uint8Array({ maxLength: 60 }), (at, byte, tail) => {
        const broken = Buffer.concat([packet.subarray(0, at), Buffer.from([byte]), tail]);
        const notes = new HelloNotes(DESTINATION);
        notes.received(broken);
        notes.sent(broken);
        const frames = new InitialReader(keys.client);
        frames.read(initial(keys.client, 1, Buffer.from(tail)));
        expect(frames.bytes.length).toBeLessThanOrEqual(60);
      }),
      { numRuns: 300 },
    );
  });
});
