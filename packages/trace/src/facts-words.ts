import type { Alpn, Endpoint, Fact, RequestFacts, Source } from './facts.ts';
import { protocolLook } from './look/protocol.ts';
import { clip, duration, visibleText } from './look/text.ts';

/** The name of a fact for people. */
export const FACT_NAMES: Readonly<Record<keyof RequestFacts, string>> = {
  protocol: 'Protocol',
  connectionId: 'Connection',
  nth: 'Exchange on it',
  streamId: 'Stream',
  transport: 'Carried by',
  openedAt: 'Opened',
  ageMs: 'Its age',
  tlsVersion: 'TLS version',
  cipher: 'Cipher suite',
  group: 'Key exchange',
  alpn: 'ALPN',
  sni: 'Server name',
  resumed: 'Session resumed',
  earlyData: 'Early data',
  handshakeMs: 'TLS handshake',
  rttMs: 'Round trip',
  priority: 'Priority',
  remote: 'Your end',
  local: 'This end',
  colo: 'Data centre',
  closing: 'Ends after this',
};

/** How each fact's value is written. */
const VALUE_WORDS: { readonly [K in keyof RequestFacts]: (value: NonNullable<RequestFacts[K]['value']>) => string } = {
  protocol: (p) => protocolLook(p).name,
  connectionId: String,
  nth: String,
  streamId: String,
  transport: (t) => t.toUpperCase(),
  openedAt: (ms) => new Date(ms).toISOString().replace('T', ' ').replace('Z', ' UTC'),
  ageMs: duration,
  tlsVersion: tlsName,
  cipher: String,
  group: String,
  alpn: alpnWords,
  sni: String,
  resumed: yesNo,
  earlyData: yesNo,
  handshakeMs: duration,
  rttMs: duration,
  priority: String,
  remote: endpointWords,
  local: endpointWords,
  colo: String,
  closing: yesNo,
};

/**
 * A fact's value in words, safe to print: `HTTP/1.1`, `yes`, `127.0.0.1 port 51234`; `none` for what is known not to
 * exist, `not known` for what nobody here can say.
 */
export function valueWords<K extends keyof RequestFacts>(name: K, fact: RequestFacts[K]): string {
  const { value } = fact;
  if (value === null) return fact.sure === 'measured' ? 'none' : 'not known';
  const words: (value: never) => string = VALUE_WORDS[name];
  return clip(visibleText(words(value as never)), 300);
}

const SOURCE_WORDS: Readonly<Record<Source, string>> = {
  core: 'measured at the socket',
  cf: 'told by Cloudflare',
  'cf-l4': 'told by Cloudflare, undocumented',
  counter: 'measured at the edge (Durable Object)',
  header: 'said in your request',
  browser: 'told by your browser',
  mock: 'made up by a local simulator',
  none: 'unknown',
};

/** The quiet label beside a fact: `measured at the socket`, `inferred from …`, `unknown, because …`. */
export function sourceWords(fact: Fact<unknown>): string {
  const who = SOURCE_WORDS[fact.source];
  const because = fact.why ? `, because ${fact.why}` : '';
  switch (fact.sure) {
    case 'measured':
      return fact.why ? `${who}: ${fact.why}` : who;
    case 'inferred':
      return `inferred: ${fact.why ?? who}`;
    case 'lower-bound':
      return `at least this; ${who}${because}`;
    case 'mock':
      return fact.why ? `${SOURCE_WORDS.mock}: ${fact.why}` : SOURCE_WORDS.mock;
    case 'unknown':
      return `unknown${because}`;
  }
}

/** `TLSv1.3` and `TLS 1.3` as one spelling; anything else as it is. */
function tlsName(version: string): string {
  const match = /^TLS ?v?(1(?:\.\d)?)$/i.exec(version);
  return match ? `TLS ${match[1]}` : version;
}

function alpnWords({ offered, chosen }: Alpn): string {
  const choice = chosen === null ? 'nothing chosen' : `${chosen} chosen`;
  if (offered === null) return choice;
  return offered.length === 0 ? `${choice}, nothing offered` : `${choice} of ${offered.join(', ')}`;
}

function endpointWords({ address, port }: Endpoint): string {
  return port === null ? address : `${address} port ${port}`;
}

function yesNo(value: boolean): string {
  return value ? 'yes' : 'no';
}
