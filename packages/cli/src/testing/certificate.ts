import 'reflect-metadata';
import { createHash } from 'node:crypto';
import * as x509 from '@peculiar/x509';

/** A certificate for tests, of its own signature. */
export interface TestCertificate {
  readonly key: string;
  readonly cert: string;
  /** For Chromium's `--ignore-certificate-errors-spki-list`. */
  readonly spkiHash: string;
}

/** Makes one for localhost and everything below it, good for a day. */
export async function testCertificate(): Promise<TestCertificate> {
  x509.cryptoProvider.set(crypto);
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const now = Date.now();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=localhost',
    notBefore: new Date(now - 3_600_000),
    notAfter: new Date(now + 86_400_000),
    signingAlgorithm: algorithm,
    keys,
    extensions: [
      new x509.SubjectAlternativeNameExtension([
        { type: 'dns', value: 'localhost' },
        { type: 'dns', value: '*.localhost' },
        { type: 'ip', value: '127.0.0.1' },
      ]),
    ],
  });
  const spki = Buffer.from(await crypto.subtle.exportKey('spki', keys.publicKey));
  const pkcs8 = Buffer.from(await crypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64');
  return {
    key: `-----BEGIN PRIVATE KEY-----\n${pkcs8.replace(/.{64}/g, '$&\n')}\n-----END PRIVATE KEY-----\n`,
    cert: certificate.toString('pem'),
    spkiHash: createHash('sha256').update(spki).digest('base64'),
  };
}
