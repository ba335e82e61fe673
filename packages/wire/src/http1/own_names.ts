import { encodeLatin1 } from '../bytes/latin1.ts';
import { LocalProtocolError } from '../errors.ts';
import { isToken } from '../fields/characters.ts';
import { identify } from '../fields/names.ts';

/** A field name that we send: found valid, and ready to be written. */
export interface OwnName {
  readonly name: string;
  /** The name, a colon and a space. */
  readonly bytes: Uint8Array;
  /** What `identify` says of it. */
  readonly id: number;
}

/** Names that are kept. An application has a few dozen; one that passes on what others sent must not fill the memory. */
const MAX_NAMES = 256;
const MAX_NAME_LENGTH = 64;

const known = new Map<string, OwnName>();

/**
 * The name as it is written. Each is checked once: applications send the same few with every message.
 *
 * @throws {LocalProtocolError} when it is no token: it could end the line early (response splitting).
 */
export function ownName(name: string): OwnName {
  return known.get(name) ?? checkName(name);
}

function checkName(name: string): OwnName {
  if (!isToken(name)) {
    throw new LocalProtocolError(
      `Cannot send a field named ${JSON.stringify(name.slice(0, 40))}: a name is a token (RFC 9110 §5.1)`,
    );
  }
  // As a property key a string becomes one of its own, shared with every literal of the same text: a slice would keep alive what
  // it was cut from, and comparing with a literal takes one instruction.
  const key = Object.keys({ [name]: 0 })[0] as string;
  const own: OwnName = { name: key, bytes: encodeLatin1(`${name}: `), id: identify(name) };
  if (known.size < MAX_NAMES && name.length <= MAX_NAME_LENGTH) known.set(key, own);
  return own;
}
