import { readVarint, varintSize } from '../bytes/varint.ts';
import type { RemoteFault } from '../errors.ts';
import type { Limits } from '../limits.ts';
import { H3ErrorCode } from './error_code.ts';
import { h3Fault } from './fault.ts';

/** Setting identifiers (RFC 9114 §7.2.4.1, RFC 9204 §5, RFC 9220 §5, RFC 9297 §2.1.1). */
export const H3Setting = {
  QPACK_MAX_TABLE_CAPACITY: 0x01,
  MAX_FIELD_SECTION_SIZE: 0x06,
  QPACK_BLOCKED_STREAMS: 0x07,
  ENABLE_CONNECT_PROTOCOL: 0x08,
  H3_DATAGRAM: 0x33,
} as const;

/** Settings that may only say yes or no. */
const BOOLEAN: ReadonlySet<number> = new Set([H3Setting.ENABLE_CONNECT_PROTOCOL, H3Setting.H3_DATAGRAM]);

/** HTTP/2 settings without a counterpart, whose presence is an error (RFC 9114 §7.2.4.1). */
const FORBIDDEN: ReadonlySet<number> = new Set([0x02, 0x03, 0x04, 0x05]);

/** Our own settings. SETTINGS_H3_DATAGRAM is left out, which says no (RFC 9297 §2.1.1). */
export function ownSettings(limits: Limits, connectProtocol: boolean): ReadonlyMap<number, number> {
  const settings = new Map<number, number>([
    [H3Setting.QPACK_MAX_TABLE_CAPACITY, limits.maxDecoderTableBytes],
    [H3Setting.MAX_FIELD_SECTION_SIZE, limits.maxFieldSectionBytes],
    [H3Setting.QPACK_BLOCKED_STREAMS, limits.maxBlockedStreams],
  ]);
  // A bound that is taken away is announced by silence (RFC 9114 §7.2.4.1).
  for (const [id, value] of settings) if (!Number.isSafeInteger(value)) settings.delete(id);
  if (connectProtocol) settings.set(H3Setting.ENABLE_CONNECT_PROTOCOL, 1);
  return settings;
}

/** The payload of a SETTINGS frame. Values above 2^53−1, possible for unknown settings only, become Infinity. */
export function parseH3Settings(payload: Uint8Array): ReadonlyMap<number, number> | RemoteFault {
  const settings = new Map<number, number>();
  let at = 0;
  while (at < payload.length) {
    const pair: number[] = [];
    for (let part = 0; part < 2; part++) {
      if (at >= payload.length || at + varintSize(payload[at] as number) > payload.length) {
        return h3Fault(H3ErrorCode.H3_FRAME_ERROR, 'A SETTINGS frame ends inside a setting (RFC 9114 §7.1)');
      }
      pair.push(readVarint(payload, at));
      at += varintSize(payload[at] as number);
    }
    const [id, value] = pair as [number, number];
    // An identifier that no number holds exactly is none that we know: ignored, as unknown ones are.
    if (id === Number.POSITIVE_INFINITY) continue;
    if (FORBIDDEN.has(id)) return broken(`setting 0x${id.toString(16)} belongs to HTTP/2`);
    if (settings.has(id)) return broken(`setting 0x${id.toString(16)} stands twice`);
    if (BOOLEAN.has(id) && value > 1) return broken(`setting 0x${id.toString(16)} is ${value}, not 0 or 1`);
    settings.set(id, value);
  }
  return settings;
}

function broken(reason: string): RemoteFault {
  return h3Fault(H3ErrorCode.H3_SETTINGS_ERROR, `In SETTINGS, ${reason} (RFC 9114 §7.2.4)`);
}
