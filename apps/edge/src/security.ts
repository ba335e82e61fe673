import type { Context, MiddlewareHandler } from 'hono';
import { NONCE, secureHeaders } from 'hono/secure-headers';
import { ownOrigins } from './conn.ts';
import type { AppEnv } from './env.ts';

/** The lab's listeners are hosts of their own; pages may ask any of them. */
function ownHosts(c: Context): string {
  const origins = (c as Context<AppEnv>).get('origins') ?? {};
  return Object.values(origins).join(' ') || "'self'";
}

/** `/why` asks the lab's listeners by other names of this machine, to show what another origin costs. No other page does. */
function otherNames(c: Context): string {
  if (c.req.path !== '/why') return "'self'";
  const urls = ownOrigins((c as Context<AppEnv>).get('origins') ?? {}).map((origin) => new URL(origin));
  const names = urls
    .filter(({ hostname, port }) => hostname === 'localhost' && port !== '')
    .flatMap(({ protocol, port }) => [`${protocol}//*.localhost:${port}`, `${protocol}//127.0.0.1:${port}`]);
  return names.join(' ') || "'self'";
}

/** The pipes of this very host: not every browser takes 'self' for WebSocket as well (CSP 3 §6.7.2.8). */
function ownPipes(c: Context): string {
  const { protocol, host } = new URL(c.req.url);
  return `${protocol === 'https:' ? 'wss' : 'ws'}://${host}`;
}

/**
 * Nothing runs or loads but what the page itself carries, marked with a nonce. No HSTS: it would turn the cleartext
 * listener of the same host away for good. The resource policy is same-site, since the listeners embed each other.
 */
export const security: MiddlewareHandler<AppEnv> = secureHeaders({
  contentSecurityPolicy: {
    defaultSrc: ["'none'"],
    scriptSrc: [NONCE],
    styleSrc: [NONCE],
    // The report's worker, whose script came inside the page.
    workerSrc: ['blob:'],
    // Tiles are fetched from every listener of the lab.
    imgSrc: ["'self'", 'data:', ownHosts],
    connectSrc: ["'self'", ownHosts, otherNames, ownPipes],
    baseUri: ["'none'"],
    formAction: ["'self'"],
    frameAncestors: ["'self'"],
  },
  strictTransportSecurity: false,
  crossOriginResourcePolicy: 'same-site',
  permissionsPolicy: { camera: [], microphone: [], geolocation: [] },
}) as MiddlewareHandler<AppEnv>;
