import type { Bindings } from './env.ts';

/**
 * A name for a TLS connection that Cloudflare does not name itself: a keyed hash of the ClientHello's random, which is the
 * same for all exchanges of one connection and another for the next, resumed or not. The random itself never leaves: it is
 * the look-up key of key logs and captures. Protocol, place and address are hashed with it, so that a copied random does
 * not make two clients look like one.
 */
export async function connectionKey(env: Bindings, parts: readonly string[]): Promise<string> {
  const message = new TextEncoder().encode(parts.map((part) => `${part.length}:${part}`).join(''));
  const mac = await crypto.subtle.sign('HMAC', await hmacKey(secretOf(env)), message);
  const bytes = String.fromCharCode(...new Uint8Array(mac, 0, 9));
  return btoa(bytes).replaceAll('+', '-').replaceAll('/', '_');
}

/**
 * The secret of the deployment; without one, the id of the deployed version, which is not published; without that, a
 * random of this isolate, so that ids still say nothing about the random, but two isolates disagree.
 */
function secretOf(env: Bindings): string {
  isolateSecret ??= crypto.randomUUID();
  return env.CONNECTION_KEY || env.VERSION?.id || isolateSecret;
}

// Workers must not make randomness while they start, so it is made with the first request.
let isolateSecret: string | undefined;
let cached: { readonly secret: string; readonly key: Promise<CryptoKey> } | undefined;

function hmacKey(secret: string): Promise<CryptoKey> {
  if (cached?.secret !== secret) {
    const raw = new TextEncoder().encode(secret);
    cached = { secret, key: crypto.subtle.importKey('raw', raw, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']) };
  }
  return cached.key;
}
