import { LocalProtocolError } from '../errors.ts';
import { FieldFault } from '../fields/fault.ts';
import type { FieldLine, FieldSection } from '../fields/field.ts';
import { validateRequest, validateResponse, validateTrailers } from '../fields/validate.ts';
import type { RequestInit, ResponseInit } from '../head.ts';

/** Our own request as a field section, pseudo-header fields first (RFC 9114 §4.3.1). */
export function requestLines(head: RequestInit): FieldSection {
  const lines: FieldLine[] = [[':method', head.method]];
  if (head.method !== 'CONNECT' || head.protocol !== undefined) {
    lines.push([':scheme', head.scheme ?? 'https'], [':path', head.target]);
  }
  const authority = head.authority ?? (head.method === 'CONNECT' ? head.target : undefined);
  if (authority !== undefined) lines.push([':authority', authority]);
  if (head.protocol !== undefined) lines.push([':protocol', head.protocol]);
  appendLowerCase(lines, head.fields);
  const valid = validateRequest(lines, '3', { connectProtocol: true });
  if (valid instanceof FieldFault) throw new LocalProtocolError(`Cannot send this request: ${valid.reason}`);
  return lines;
}

/** Our own response as a field section (RFC 9114 §4.3.2). */
export function responseLines(head: ResponseInit): FieldSection {
  const lines: FieldLine[] = [[':status', String(head.status)]];
  appendLowerCase(lines, head.fields);
  const valid = validateResponse(lines, '3');
  if (valid instanceof FieldFault) throw new LocalProtocolError(`Cannot send this response: ${valid.reason}`);
  return lines;
}

/** Our own trailers. */
export function trailerLines(fields: FieldSection): FieldSection {
  const lines: FieldLine[] = [];
  appendLowerCase(lines, fields);
  const fault = validateTrailers(lines, '3');
  if (fault !== null) throw new LocalProtocolError(`Cannot send these trailers: ${fault.reason}`);
  return lines;
}

/** The size that SETTINGS_MAX_FIELD_SECTION_SIZE bounds (RFC 9114 §4.2.2). */
export function sectionSize(lines: FieldSection): number {
  let size = 0;
  for (const [name, value] of lines) size += name.length + value.length + 32;
  return size;
}

function appendLowerCase(lines: FieldLine[], fields: FieldSection | undefined): void {
  for (const [name, value] of fields ?? []) lines.push([name.toLowerCase(), value]);
}
