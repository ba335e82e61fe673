import type { Connection, Exchange } from './model.ts';

/** Where a URL leads, without user, password and fragment. */
export interface Target {
  readonly url: string;
  readonly scheme: string;
  readonly host: string;
  readonly port: number | null;
}

const PORTS: Readonly<Record<string, number>> = { http: 80, https: 443, ws: 80, wss: 443 };
/** Longer addresses hold data, not places. */
const LONGEST = 2_000;

/** Takes a URL apart; one that is none keeps its text and has no host. */
export function targetOf(text: string): Target {
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(text)?.[1]?.toLowerCase() ?? '';
  if (PORTS[scheme] === undefined) {
    // What stands behind `data:` is the content itself.
    const shown = scheme === 'data' || scheme === 'blob' ? `${scheme}:…` : text.slice(0, LONGEST);
    return { url: shown, scheme, host: '', port: null };
  }
  try {
    const url = new URL(text);
    const host = url.hostname.replace(/^\[|\]$/g, '').toLowerCase();
    const port = url.port === '' ? (PORTS[scheme] ?? null) : Number(url.port);
    return { url: `${scheme}://${url.host}${url.pathname}${url.search}`.slice(0, LONGEST), scheme, host, port };
  } catch {
    return {
      url: text
        .replace(/\/\/[^/@]*@/, '//')
        .replace(/#.*/, '')
        .slice(0, LONGEST),
      scheme,
      host: '',
      port: null,
    };
  }
}

/** An IP address as writers put it: in brackets, with a port, or not at all. */
export function addressOf(text: string | null): string | null {
  const trimmed = (text ?? '').trim();
  if (trimmed === '' || trimmed === '-' || trimmed === '0.0.0.0' || trimmed === 'unknown') return null;
  const bracketed = /^\[([0-9a-f:.%]+)\](?::\d+)?$/i.exec(trimmed)?.[1];
  if (bracketed !== undefined) return bracketed;
  return (
    /^(\d{1,3}(?:\.\d{1,3}){3})(?::\d+)?$/.exec(trimmed)?.[1] ?? (/^[0-9a-f:.%]+$/i.test(trimmed) ? trimmed : null)
  );
}

/** True for schemes that go over connections of HTTP. */
export function isHttp(scheme: string): scheme is NonNullable<Connection['scheme']> {
  return PORTS[scheme] !== undefined;
}

/** Scheme, host and port: what a browser opens connections for. */
export function originOf({ scheme, host, port }: Pick<Exchange, 'scheme' | 'host' | 'port'>): string {
  return `${scheme.replace(/^ws/, 'http')}://${host}:${port ?? ''}`;
}
