import { nameCovers } from './certificate.ts';
import type { Connection, Exchange, Incident, Recording } from './model.ts';

/**
 * Replaces hosts and addresses of recordings, and drops queries and free text, so that a report can be shown around. One
 * anonymiser gives one host the same name in every recording it is handed, so that two files can still be compared.
 * Paths and methods stay.
 */
export function anonymiser(): (recording: Recording) => Recording {
  const hosts = new Map<string, string>();
  const addresses = new Map<string, string>();
  const host = (name: string): string =>
    name === '' ? '' : named(hosts, name.toLowerCase(), (n) => `host-${n}.example`);
  const address = (text: string | null): string | null =>
    text === null || text === '' ? text : named(addresses, text, (n) => `address-${n}`);
  const url = (text: string): string => {
    const parts = /^([a-z][a-z\d+.-]*):\/\/(?:[^/?#@]*@)?(\[[^\]]*\]|[^/?#:]*)(:\d+)?([^?#]*)/i.exec(text);
    // What is no address with a host may hold anything, such as the content of a `data:` URL.
    if (parts === null) return `${/^[a-z][a-z\d+.-]*(?=:)/i.exec(text)?.[0] ?? 'unknown'}:`;
    const [, scheme = '', name = '', port = '', path = ''] = parts;
    return `${scheme}://${host(unbracketed(name))}${port}${path}`;
  };
  const group = (text: string | null): string | null => {
    if (text === null) return null;
    // Pool groups hold more than one site where the cache is partitioned.
    const changed = text.replace(
      /([a-z][a-z\d+.-]*:\/\/)(\[[^\]]*\]|[^\s/:<>]+)/gi,
      (_, scheme: string, name: string) => {
        return `${scheme}${host(unbracketed(name))}`;
      },
    );
    return changed === text ? named(hosts, text, (n) => `host-${n}.example`) : changed;
  };
  const connection = (each: Connection, covered: (names: readonly string[]) => string[]): Connection => ({
    ...each,
    host: host(each.host),
    address: address(each.address),
    group: group(each.group),
    tls: each.tls && {
      ...each.tls,
      certificateNames: each.tls.certificateNames && covered(each.tls.certificateNames),
    },
  });
  const exchange = (each: Exchange): Exchange => {
    const { origin, ...request } = each.requestFields;
    const {
      'access-control-allow-origin': allowed,
      'alt-svc': alternative,
      'server-timing': _,
      server: __,
      ...response
    } = each.responseFields;
    return {
      ...each,
      url: url(each.url),
      host: host(each.host),
      address: address(each.address),
      redirect: each.redirect === null ? null : url(each.redirect),
      failure: each.failure === null ? null : (/\b(?:net::)?[A-Z][A-Z_\d]{3,}\b/.exec(each.failure)?.[0] ?? 'failed'),
      requestFields: { ...request, ...(origin !== undefined && { origin: origin === 'null' ? origin : url(origin) }) },
      responseFields: {
        ...response,
        ...(allowed !== undefined && {
          'access-control-allow-origin': /^(?:\*|null)$/.test(allowed) ? allowed : url(allowed),
        }),
        // `h3="other.example:443"`: which protocol is offered stays, where does not.
        ...(alternative !== undefined && { 'alt-svc': alternative.replace(/"[^"]*"/g, '":443"') }),
      },
    };
  };
  const incident = (each: Incident): Incident => {
    const general = { ...each, group: group(each.group) };
    if (general.kind === 'restart') return { ...general, url: url(general.url) };
    return general.kind === 'goaway' ? { ...general, debug: null } : general;
  };
  return (recording) => {
    const seen = new Set(recording.connections.map((each) => each.host));
    // Of what a certificate covers, the hosts that the file has: the others would tell whose it is.
    const covered = (names: readonly string[]): string[] =>
      [...seen].filter((each) => names.some((pattern) => nameCovers(pattern, each))).map(host);
    return {
      ...recording,
      pages: recording.pages.map((page) => ({ ...page, title: '' })),
      connections: recording.connections.map((each) => connection(each, covered)),
      exchanges: recording.exchanges.map(exchange),
      incidents: recording.incidents.map(incident),
      // They quote the file.
      warnings: recording.warnings.map((warning) => ({ ...warning, message: 'Something was passed over.' })),
    };
  };
}

function named(names: Map<string, string>, from: string, make: (n: number) => string): string {
  const known = names.get(from);
  if (known !== undefined) return known;
  const made = make(names.size + 1);
  names.set(from, made);
  return made;
}

function unbracketed(name: string): string {
  return name.replace(/^\[|\]$/g, '');
}
