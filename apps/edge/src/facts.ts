import {
  type Alpn,
  absent,
  type Endpoint,
  type Fact,
  fact,
  type Host,
  isId,
  type RequestFacts,
  type Source,
  unknown,
} from '@interleave/trace';
import { type Protocol, readProtocol } from '@interleave/trace/look';
import { connectionKey } from './connection-key.ts';
import { countExchange } from './counter/count.ts';
import type { Bindings, Origins } from './env.ts';
import { amount, type Bag, bag, flag, integer, oneOf, origin, text, texts } from './untrusted.ts';

/** What a request tells about its connection, and who told it. */
export interface ReadFacts {
  readonly host: Host;
  readonly facts: RequestFacts;
  readonly origins: Origins;
}

/**
 * The only place that reads `request.cf`. Three kinds of it exist: from the lab (with `lab`, measured at the socket), from
 * Cloudflare, and the constant that local simulators put there for everybody, which is told as the mock that it is.
 */
export async function readFacts(request: Request, env: Bindings): Promise<ReadFacts> {
  const cf = bag((request as { cf?: unknown }).cf);
  if (cf === null) return noFacts('this server passes no facts about connections along');
  const lab = bag(cf.lab);
  if (lab !== null && lab.v === 1)
    return { host: 'lab', facts: labFacts(cf, lab, request.headers), origins: readOrigins(lab) };
  if (isSimulated(cf, request.headers)) return { host: 'mock', facts: mockFacts(cf), origins: {} };
  const facts = await cloudflareFacts(cf, request.headers, env);
  return { host: 'cloudflare', facts: await countedFacts(facts, request, env), origins: {} };
}

/** What is left to say when nothing is known. */
export function noFacts(why: string): ReadFacts {
  return { host: 'none', facts: nothing(why), origins: {} };
}

/**
 * Cloudflare adds CF-Ray to each request that reaches a Worker; simulators do not. Miniflare's built-in constant is known
 * by its network and the place of its office as well.
 */
function isSimulated(cf: Bag, headers: Headers): boolean {
  const isMiniflare = cf.asn === 395747 && cf.postalCode === '78701' && cf.clientTrustScore === 99;
  return isMiniflare || !headers.has('cf-ray');
}

const NO_STREAMS = 'HTTP/1.1 has no streams; exchanges follow each other';
const NO_TLS = 'this connection is not encrypted';

/** Takes a value that was looked at, or says that what came was not one. */
function told<T>(value: T | null, source: Source, what: string): Fact<T> {
  return value === null ? unknown(`what was sent is not ${what}`) : fact(value, source);
}

function isHttp1(protocol: Protocol | null): boolean {
  return protocol === 'http/1.1' || protocol === 'http/1.0';
}

function labFacts(cf: Bag, lab: Bag, headers: Headers): RequestFacts {
  const spoken = oneOf(lab.protocol, ['http/1.1', 'h2', 'h3']);
  const protocol: Protocol | null = spoken === 'http/1.1' && cf.httpProtocol === 'HTTP/1.0' ? 'http/1.0' : spoken;
  const openedAt = amount(lab.openedAt);
  const at = amount(lab.at);
  const id = text(lab.connection);
  const tls = lab.tls === null ? null : (bag(lab.tls) ?? {});
  const withTls = <T>(read: (tls: Bag) => Fact<T>): Fact<T> => (tls === null ? absent(NO_TLS, 'core') : read(tls));
  const named = (value: unknown, why: string): Fact<string> =>
    value === null || value === undefined ? unknown(why) : told(text(value), 'core', 'a name');
  return {
    protocol: told(protocol, 'core', 'a protocol'),
    connectionId: told(id !== null && isId(id) ? id : null, 'core', 'a connection id'),
    nth: told(integer(lab.nth, 1), 'core', 'a count'),
    streamId: isHttp1(protocol) ? absent(NO_STREAMS, 'core') : told(integer(lab.streamId, 0), 'core', 'a stream id'),
    transport: told(oneOf(lab.transport, ['tcp', 'quic']), 'core', 'a transport'),
    openedAt: told(openedAt, 'core', 'a time'),
    ageMs: told(openedAt !== null && at !== null ? Math.max(0, at - openedAt) : null, 'core', 'a time'),
    tlsVersion: withTls((t) => told(text(t.version), 'core', 'a version')),
    cipher: withTls((t) => told(text(t.cipher), 'core', 'a cipher suite')),
    group: withTls((t) => named(t.group, 'the TLS library does not tell it for this handshake')),
    alpn: withTls((t) =>
      t.alpn === null && t.alpnOffered === null
        ? unknown('the client offered nothing, or the TLS library does not tell')
        : fact({ offered: texts(t.alpnOffered), chosen: text(t.alpn) }, 'core'),
    ),
    sni: withTls((t) =>
      t.sni === null ? absent('your client sent none', 'core') : told(text(t.sni), 'core', 'a name'),
    ),
    resumed: withTls((t) => told(flag(t.resumed), 'core', 'a yes or no')),
    earlyData: withTls((t) => told(flag(t.earlyData), 'core', 'a yes or no')),
    handshakeMs: withTls((t) =>
      t.handshakeMs === null ? unknown('it was not timed') : told(amount(t.handshakeMs), 'core', 'a time'),
    ),
    rttMs: quicRtt(lab),
    priority: priorityFact(cf, headers, 'core', protocol),
    remote: told(endpoint(lab.remote), 'core', 'an address'),
    local: told(endpoint(lab.local), 'core', 'an address'),
    colo: absent('this is your own machine', 'core'),
    closing: told(flag(lab.closing), 'core', 'a yes or no'),
  };
}

/** QUIC measures it, smoothed, as part of the protocol (RFC 9002 §5.3); of TCP only the kernel knows. */
function quicRtt(lab: Bag): Fact<number> {
  const rtt = amount(bag(lab.quic)?.rttMs);
  if (rtt !== null && rtt > 0) return fact(rtt, 'core');
  return unknown(
    lab.transport === 'quic' ? 'QUIC has not measured one yet' : 'of TCP the kernel measures it, and tells no server',
  );
}

async function cloudflareFacts(cf: Bag, headers: Headers, env: Bindings): Promise<RequestFacts> {
  const protocol = readProtocol(text(cf.httpProtocol) ?? '');
  const isPlain = cf.tlsVersion === '';
  const random = text(cf.tlsClientRandom);
  const address = text(headers.get('cf-connecting-ip'));
  const colo = text(cf.colo);
  const rtt = amount(protocol === 'h3' ? cf.clientQuicRtt : cf.clientTcpRtt);
  const fromTls = (value: unknown, what: string): Fact<string> =>
    isPlain ? absent(NO_TLS, 'cf') : told(text(value), 'cf', what);
  const untold = 'Cloudflare does not tell it to a Worker';
  return {
    ...nothing(untold),
    protocol: told(protocol, 'cf', 'a protocol'),
    connectionId:
      random === null
        ? unknown(isPlain ? 'without TLS nothing names the connection' : untold)
        : fact(
            await connectionKey(env, [random, protocol ?? '', colo ?? '', address ?? '']),
            'cf',
            'inferred',
            'a keyed hash of the TLS handshake stands for the connection',
          ),
    nth: unknown('Cloudflare does not count exchanges for a Worker'),
    streamId: isHttp1(protocol) ? absent(NO_STREAMS, 'cf') : unknown(untold),
    transport:
      protocol === null
        ? unknown(untold)
        : fact(protocol === 'h3' ? 'quic' : 'tcp', 'cf', 'inferred', 'the protocol runs over it'),
    tlsVersion: fromTls(cf.tlsVersion, 'a version'),
    cipher: fromTls(cf.tlsCipher, 'a cipher suite'),
    alpn: isPlain ? absent(NO_TLS, 'cf') : chosenAlpn(protocol),
    earlyData:
      headers.get('early-data') === '1'
        ? fact(
            true,
            'header',
            'inferred',
            'your request carries Early-Data: 1 (RFC 8470 §5.1), which a client can forge',
          )
        : unknown(untold),
    rttMs:
      rtt === null || rtt === 0
        ? unknown(`Cloudflare ${rtt === 0 ? 'says 0, which means not measured' : 'does not tell it'}`)
        : fact(rtt, 'cf'),
    priority: priorityFact(cf, headers, 'cf', protocol),
    remote: told(
      address === null ? null : endpoint({ address, port: null, family: address.includes(':') ? 'IPv6' : 'IPv4' }),
      'cf',
      'an address',
    ),
    colo: told(colo, 'cf', 'a place'),
    // A client may ask for it on HTTP/1.1 only; whether the edge closes on its own is its secret.
    closing: unknown('Cloudflare decides it, and does not tell'),
  };
}

/**
 * What the edge itself counts, where this deployment does: exchanges of this connection that reached this app. The object is
 * asked by the connection's id alone, so that it never sees the client random.
 */
async function countedFacts(facts: RequestFacts, request: Request, env: Bindings): Promise<RequestFacts> {
  const id = facts.connectionId.value;
  if (id === null) return { ...facts, nth: unknown('without an id of the connection nothing can be counted on it') };
  const { origin, pathname } = new URL(request.url);
  const { log, why } = await countExchange(env, {
    id,
    protocol: facts.protocol.value,
    tlsVersion: facts.tlsVersion.value,
    cipher: facts.cipher.value,
    origin,
    at: Date.now(),
    method: request.method,
    path: pathname,
  });
  if (log === null) return { ...facts, nth: unknown(`Cloudflare does not count exchanges for a Worker, and ${why}`) };
  const first = 'the first exchange of this app came then; the connection opened before it';
  return {
    ...facts,
    nth: fact(log.count, 'counter'),
    openedAt: fact(log.firstAt, 'counter', 'inferred', first),
    ageMs:
      log.count === 1
        ? unknown('this is the first exchange that the edge counts on it; how long it stood ready is not told')
        : fact(log.lastAt - log.firstAt, 'counter', 'lower-bound', 'it is counted from the first exchange'),
  };
}

/** A simulator's constant: shown as made up, and never as a connection, since it is the same for everybody. */
function mockFacts(cf: Bag): RequestFacts {
  const mock = <T>(value: T | null): Fact<T> =>
    value === null
      ? unknown('a simulator stands where a connection would be')
      : fact(value, 'mock', 'mock', 'the same for every request');
  return {
    ...nothing('a simulator stands where a connection would be'),
    protocol: mock(readProtocol(text(cf.httpProtocol) ?? '')),
    tlsVersion: mock(text(cf.tlsVersion)),
    cipher: mock(text(cf.tlsCipher)),
    colo: mock(text(cf.colo)),
  };
}

function chosenAlpn(protocol: Protocol | null): Fact<Alpn> {
  if (protocol === null) return unknown('Cloudflare does not tell it to a Worker');
  const why = 'the protocol in use is the one that ALPN chose; what was offered is not told';
  return fact({ offered: null, chosen: protocol }, 'cf', 'inferred', why);
}

function priorityFact(cf: Bag, headers: Headers, source: Source, protocol: Protocol | null): Fact<string> {
  const told = text(cf.requestPriority);
  if (told !== null) return fact(told, source);
  const header = text(headers.get('priority'));
  if (header !== null) return fact(header, 'header', 'measured', 'the Priority field (RFC 9218)');
  return isHttp1(protocol)
    ? absent('HTTP/1.1 has no priorities, and none was sent', source)
    : unknown('your request names none');
}

function endpoint(value: unknown): Endpoint | null {
  const read = bag(value);
  const address = text(read?.address);
  const family = oneOf(read?.family, ['IPv4', 'IPv6']);
  if (read === null || address === null || family === null || !/^[0-9a-fA-F.:]{2,45}(%\w+)?$/.test(address))
    return null;
  const port = read.port === null ? null : integer(read.port, 1);
  return port !== null && port > 65_535 ? null : { address, port, family };
}

function readOrigins(lab: Bag): Origins {
  const read = bag(lab.origins);
  const entries = (['plain', 'h1', 'h2', 'altSvc', 'h3'] as const).flatMap((name) => {
    const address = origin(read?.[name]);
    return address === null ? [] : [[name, address] as const];
  });
  return Object.fromEntries(entries);
}

/** Every fact unknown, for one reason. */
function nothing(why: string): RequestFacts {
  return {
    protocol: unknown(why),
    connectionId: unknown(why),
    nth: unknown(why),
    streamId: unknown(why),
    transport: unknown(why),
    openedAt: unknown(why),
    ageMs: unknown(why),
    tlsVersion: unknown(why),
    cipher: unknown(why),
    group: unknown(why),
    alpn: unknown(why),
    sni: unknown(why),
    resumed: unknown(why),
    earlyData: unknown(why),
    handshakeMs: unknown(why),
    rttMs: unknown(why),
    priority: unknown(why),
    remote: unknown(why),
    local: unknown(why),
    colo: unknown(why),
    closing: unknown(why),
  };
}
