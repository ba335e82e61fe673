import { createHmac, randomBytes } from 'node:crypto';

/** Keys the hash of client randoms: without it, a hash could be compared with those in key logs and captures. */
const SECRET = randomBytes(32);

/** What stands for a ClientHello's random: equal for equal ones in this process, and of no use to anybody else. */
export function hashClientRandom(random: Uint8Array): string {
  return createHmac('sha256', SECRET).update(random).digest('hex');
}
