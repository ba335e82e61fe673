const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
let pool = new Uint8Array(0);
let used = 0;

/** A new connection id: ten random characters that are hard to confuse (Crockford's base 32), 50 bits. */
export function newConnectionId(): string {
  if (used + 10 > pool.length) {
    pool = crypto.getRandomValues(new Uint8Array(1000));
    used = 0;
  }
  let id = '';
  for (const byte of pool.subarray(used, used + 10)) id += ALPHABET[byte & 31];
  used += 10;
  return id;
}
