import type { Context, MiddlewareHandler } from 'hono';
import type { AppEnv } from '../env.ts';
import { LONGEST_HOLD, TILES, tileSvg } from './picture.ts';

/** `GET /tile/7?hold=100`: one part of the picture, after so many milliseconds. */
export async function tile(c: Context<AppEnv>): Promise<Response> {
  const n = Number(c.req.param('n'));
  if (n >= TILES) return c.text(`The picture has ${TILES} tiles, 0 to ${TILES - 1}.\n`, 404);
  const asked = c.req.query('hold') ?? '0';
  const hold = /^\d{1,6}$/.test(asked) ? Math.min(Number(asked), LONGEST_HOLD) : 0;
  // Waiting costs a Worker nothing: only its processor time is counted.
  if (hold > 0) await new Promise((done) => setTimeout(done, hold));
  const theme = c.req.query('theme') === 'dark' ? 'dark' : 'light';
  return c.body(tileSvg(n, theme), 200, { 'Content-Type': 'image/svg+xml' });
}

/**
 * Listeners of the lab embed each other's tiles, and a page in the clear is of another site than a tile over TLS. A tile says
 * nothing about anybody.
 */
export const embeddable: MiddlewareHandler<AppEnv> = async (c, next) => {
  await next();
  c.res.headers.set('Cross-Origin-Resource-Policy', 'cross-origin');
};
