import type { Exchange } from '../model.ts';

/**
 * Who said that the connection ends after this exchange (RFC 9112 §9.3, §9.6): `Connection: close` of either side, or
 * HTTP/1.0 without `keep-alive`. Null when neither did.
 */
export function closedBy(exchange: Exchange): 'server' | 'client' | 'HTTP/1.0' | null {
  if (hasOption(exchange.responseFields.connection, 'close')) return 'server';
  if (hasOption(exchange.requestFields.connection, 'close')) return 'client';
  const isOld = exchange.protocol === 'http/1.0' || exchange.protocol === 'http/0.9';
  return isOld && !hasOption(exchange.responseFields.connection, 'keep-alive') ? 'HTTP/1.0' : null;
}

function hasOption(value: string | undefined, option: string): boolean {
  return value?.split(/[,\n]/).some((each) => each.trim().toLowerCase() === option) ?? false;
}
