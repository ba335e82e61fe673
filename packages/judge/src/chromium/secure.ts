/** Which checks travel over TLS: HTTP/2 in a browser is asked for by ALPN, and there is no other way to ask. */
import type { Check } from '../exercise.ts';

/** Whether a check's connections are TLS, with `h2` as the one protocol that is offered. */
export function isSecure({ scene }: Check): boolean {
  return scene.kind === 'frames' || scene.kind === 'http2';
}
