import { createHash, createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeAtomically } from './project.ts';

/** What the lab's TLS listeners show, and what a client needs to trust them. */
export interface LabCertificate {
  /** PEM: the leaf, then the authority that signed it. */
  readonly chain: string;
  /** PEM, PKCS #8. */
  readonly key: string;
  /** PEM file of the authority, for `curl --cacert`. */
  readonly authorityFile: string;
  /** Base64 of the SHA-256 of the leaf's public key, for Chromium's `--ignore-certificate-errors-spki-list`. */
  readonly spkiHash: string;
  readonly validTo: Date;
}

const DAY = 86_400_000;
/** Browsers refuse leaves that are valid for longer than 398 days. */
const LEAF_DAYS = 397;
/** A certificate that ends within this time is made anew. */
const RENEW_DAYS = 30;
const NAMES = ['localhost', '*.localhost'];
const ADDRESSES = ['127.0.0.1', '::1'];

/**
 * The lab's certificate: read from the state folder, or made on the first run and before it expires.
 *
 * The authority's key is never stored: it signs one leaf and is gone. So whoever trusts `authority.pem` trusts this one
 * leaf, for localhost, and nothing that could be made later.
 */
export async function labCertificate(stateDir: string, now: Date = new Date()): Promise<LabCertificate> {
  const folder = join(stateDir, 'certificates');
  const authorityFile = join(folder, 'authority.pem');
  const leafFile = join(folder, 'localhost.pem');
  const stored = await readStored(leafFile, authorityFile, now);
  if (stored !== null) return { ...stored, authorityFile };
  const made = await make(now);
  await writeAtomically(authorityFile, made.authority);
  // Key and chain share a file: a crash between two writes could part a key from its certificate.
  await writeAtomically(leafFile, made.leafAndKey, 0o600);
  const fresh = await readStored(leafFile, authorityFile, now);
  if (fresh === null)
    throw new Error(`The certificate written to ${folder} cannot be read back. Remove the folder and start again.`);
  return { ...fresh, authorityFile };
}

async function readStored(
  leafFile: string,
  authorityFile: string,
  now: Date,
): Promise<Omit<LabCertificate, 'authorityFile'> | null> {
  try {
    const [text, authority] = await Promise.all([readFile(leafFile, 'utf8'), readFile(authorityFile, 'utf8')]);
    const leaf = new X509Certificate(text);
    const key = text.slice(text.indexOf('-----BEGIN PRIVATE KEY-----'));
    const validTo = new Date(leaf.validTo);
    const good =
      !leaf.ca &&
      leaf.checkPrivateKey(createPrivateKey(key)) &&
      leaf.verify(new X509Certificate(authority).publicKey) &&
      validTo.getTime() - now.getTime() > RENEW_DAYS * DAY &&
      new Date(leaf.validFrom).getTime() <= now.getTime() &&
      NAMES.every((name) => leaf.subjectAltName?.includes(`DNS:${name}`)) &&
      ADDRESSES.every((address) => leaf.checkIP(address) !== undefined);
    if (!good) return null;
    const spki = leaf.publicKey.export({ type: 'spki', format: 'der' });
    return {
      chain: text.slice(0, text.indexOf('-----BEGIN PRIVATE KEY-----')),
      key,
      spkiHash: createHash('sha256').update(spki).digest('base64'),
      validTo,
    };
  } catch {
    // Missing, cut short or foreign: all of these are cured by a new one.
    return null;
  }
}

async function make(now: Date): Promise<{ authority: string; leafAndKey: string }> {
  // Loaded only here: a warm start does not pay for it.
  await import('reflect-metadata');
  const x509 = await import('@peculiar/x509');
  x509.cryptoProvider.set(crypto);
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
  const [authorityKeys, leafKeys] = await Promise.all([
    crypto.subtle.generateKey(algorithm, false, ['sign', 'verify']),
    crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']),
  ]);
  const validity = {
    // An hour back: clocks of machines and containers differ.
    notBefore: new Date(now.getTime() - 3_600_000),
    notAfter: new Date(now.getTime() + LEAF_DAYS * DAY),
  };
  const issuer = `CN=Interleave lab authority ${now.toISOString().slice(0, 10)}, O=Interleave`;
  const authority = await x509.X509CertificateGenerator.createSelfSigned({
    ...validity,
    serialNumber: serialNumber(),
    name: issuer,
    keys: authorityKeys,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(authorityKeys.publicKey),
    ],
  });
  const leaf = await x509.X509CertificateGenerator.create({
    ...validity,
    serialNumber: serialNumber(),
    subject: 'CN=localhost, O=Interleave',
    issuer,
    publicKey: leafKeys.publicKey,
    signingKey: authorityKeys.privateKey,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension([
        ...NAMES.map((value) => ({ type: 'dns' as const, value })),
        ...ADDRESSES.map((value) => ({ type: 'ip' as const, value })),
      ]),
      await x509.SubjectKeyIdentifierExtension.create(leafKeys.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(authorityKeys.publicKey),
    ],
  });
  const pkcs8 = Buffer.from(await crypto.subtle.exportKey('pkcs8', leafKeys.privateKey)).toString('base64');
  const key = `-----BEGIN PRIVATE KEY-----\n${pkcs8.replace(/.{64}/g, '$&\n').trimEnd()}\n-----END PRIVATE KEY-----\n`;
  return {
    authority: `${authority.toString('pem')}\n`,
    leafAndKey: `${leaf.toString('pem')}\n${authority.toString('pem')}\n${key}`,
  };
}

/** Positive and of 127 bits (RFC 5280 §4.1.2.2 asks for at most 20 bytes; CAs must use at least 64 random bits). */
function serialNumber(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[0] = ((bytes[0] as number) & 0x7f) | 0x40;
  return Buffer.from(bytes).toString('hex');
}
