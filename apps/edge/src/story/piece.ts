import type { Context } from 'hono';
import type { AppEnv } from '../env.ts';
import { bodyOf } from '../pipe/service.ts';
import { NAMES } from './names.ts';

/** Larger, and a Worker would be asked to carry what teaches no more. */
const LARGEST = 150_000;

/** `GET /piece/3?size=30000`: so many bytes that name the piece. Pages of the lab fetch twelve at once to see who waits for what. */
export function piece(c: Context<AppEnv>): Response {
  const n = Number(c.req.param('n'));
  if (n >= NAMES.length) return c.text(`Pieces are numbered 0 to ${NAMES.length - 1}.\n`, 404);
  const asked = c.req.query('size') ?? '';
  const size = /^\d{1,6}$/.test(asked) ? Math.min(Number(asked), LARGEST) : 30_000;
  const bytes = bodyOf(`/${NAMES[n]}`, size);
  return c.body(bytes as Uint8Array<ArrayBuffer>, 200, { 'Content-Type': 'application/octet-stream' });
}
