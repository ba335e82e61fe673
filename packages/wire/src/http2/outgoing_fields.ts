import { LocalProtocolError } from '../errors.ts';
import type { FieldLine, FieldSection } from '../fields/field.ts';
import { checkFieldLine } from '../fields/validate.ts';

/** Fields that belong to one HTTP/1.1 connection (RFC 9113 §8.2.2). */
const CONNECTION_SPECIFIC: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
]);

/**
 * Our own fields, fit to be sent: names in lower case, so that an application need not know which version it speaks.
 *
 * @throws {LocalProtocolError} when a line breaks a rule for which we would refuse it: a peer would refuse it as well.
 */
export function outgoingFields(fields: FieldSection): FieldSection {
  let sent: FieldSection = fields;
  for (let index = 0; index < fields.length; index++) {
    const [name, value] = fields[index] as FieldLine;
    let fault = checkFieldLine(name, value);
    let lower = name;
    if (fault !== null) {
      lower = name.toLowerCase();
      if (lower !== name) {
        fault = checkFieldLine(lower, value);
        if (sent === fields) sent = fields.slice();
        (sent as FieldLine[])[index] = [lower, value];
      }
      if (fault !== null) throw new LocalProtocolError(`Cannot send these fields: ${fault.reason}`);
    }
    if (lower.charCodeAt(0) === COLON) {
      throw new LocalProtocolError(
        `Cannot send these fields: ${lower} is a pseudo-header field, give it in the head (RFC 9113 §8.3)`,
      );
    }
    if (CONNECTION_SPECIFIC.has(lower) || (lower === 'te' && value !== 'trailers')) {
      throw new LocalProtocolError(
        `Cannot send these fields: ${lower} belongs to one HTTP/1.1 connection, leave it out (RFC 9113 §8.2.2)`,
      );
    }
  }
  return sent;
}

const COLON = 0x3a;
