/**
 * A certificate for one run of the judge, made in memory and never stored: X.509 (RFC 5280) for localhost, signed by its own
 * key. The judge's browser is told to trust this one key (`chromiumFlags`); nobody else meets it.
 */
import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';

export type Certificate = {
  /** PEM. */
  readonly cert: string;
  /** PEM, PKCS #8. */
  readonly key: string;
  /** Base64 of the SHA-256 of the public key, for Chromium's `--ignore-certificate-errors-spki-list`. */
  readonly spkiHash: string;
};

const HOUR = 3_600_000;
const OID = { ecdsaWithSha256: '2a8648ce3d040302', commonName: '550403', altName: '551d11' };

let made: Certificate | null = null;

/** The certificate of this process; made once, good for a week. */
export function certificate(): Certificate {
  made ??= make(Date.now());
  return made;
}

function make(now: number): Certificate {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  const algorithm = sequence(der(0x06, Buffer.from(OID.ecdsaWithSha256, 'hex')));
  const name = sequence(
    der(0x31, sequence(der(0x06, Buffer.from(OID.commonName, 'hex')), der(0x0c, Buffer.from('localhost')))),
  );
  // Positive: the first bit of a DER integer is its sign.
  const serial = randomBytes(16);
  serial[0] = 0x40 | ((serial[0] as number) & 0x3f);
  const names = sequence(der(0x82, Buffer.from('localhost')), der(0x87, Buffer.from([127, 0, 0, 1])));
  const extension = sequence(der(0x06, Buffer.from(OID.altName, 'hex')), der(0x04, names));
  const body = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, serial),
    algorithm,
    name,
    sequence(time(now - HOUR), time(now + 7 * 24 * HOUR)),
    name,
    spki,
    der(0xa3, sequence(extension)),
  );
  const signature = sign('sha256', body, privateKey);
  // A bit string says first how many bits of its last byte are not used.
  const whole = sequence(body, algorithm, der(0x03, Buffer.concat([Buffer.from([0]), signature])));
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${whole.toString('base64').replace(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
    spkiHash: createHash('sha256').update(spki).digest('base64'),
  };
}

/** One value: tag, length, content (X.690 §8.1). */
function der(tag: number, content: Buffer): Buffer {
  const { length } = content;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return der(0x30, Buffer.concat(parts));
}

/** `YYMMDDhhmmssZ`, right until 2049. */
function time(at: number): Buffer {
  const digits = new Date(at).toISOString().replace(/\D/g, '').slice(2, 14);
  return der(0x17, Buffer.from(`${digits}Z`));
}
