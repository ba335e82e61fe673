import type { Exchange } from '../exchange.ts';
import type { ExchangeHandler } from '../session.ts';

/** Methods that may be acted on twice without harm (RFC 9110 §9.2.1). */
const SAFE = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE']);

const TOO_EARLY = new TextEncoder().encode('Too Early: send this again once the handshake is complete.\n');

/**
 * Lets early data through to `handler` for safe methods only, marked with `Early-Data: 1`: who records a handshake can play it
 * back, and the request with it. Everything else is answered with 425, and the client sends it again (RFC 8470 §5.2).
 */
export function refuseUnsafeEarlyData(handler: ExchangeHandler): ExchangeHandler {
  return (exchange) => {
    if (SAFE.has(exchange.head.method) || !isEarly(exchange)) return handler(exchange);
    exchange.reply({ status: 425, fields: [['content-type', 'text/plain; charset=utf-8']] }, TOO_EARLY);
    exchange.cancel();
  };
}

function isEarly(exchange: Exchange): boolean {
  return exchange.head.fields.some(([name, value]) => name === 'early-data' && value === '1');
}
