import type { RequestRecord, Verdict } from '@interleave/trace';

/** Two or three sentences under the headline: what the verdict means, and what to expect of the next request. */
export function explain(verdict: Verdict, { host, facts }: Pick<RequestRecord, 'host' | 'facts'>): string {
  if (verdict.state === 'cache') return 'Your browser answered from memory. Reload the page to use a connection.';
  if (host === 'none') {
    return 'Nothing in front of this app says what carried your request. Start the lab with npm start: its server sees the socket itself.';
  }
  if (host === 'mock') {
    return 'It gives every request the same made-up values, so they are shown below as what they are, and nothing is concluded from them. Start the lab with npm start to see a real connection.';
  }
  if (verdict.state === 'reused')
    return `${stays(facts.protocol.value)} So this request found it open and needed no handshake.`;
  if (verdict.state === 'preconnected') {
    return 'Browsers open connections that they expect to need. The handshake was paid, but not by this exchange: browser tools often call this reused, and it is not.';
  }
  if (verdict.state === 'new' && verdict.resumed) {
    return 'Resumption is not reuse. The connection is new; only part of the TLS handshake was skipped, with a key from an earlier one (RFC 8446 §2.2).';
  }
  if (verdict.state === 'new')
    return `It was opened for this. ${stays(facts.protocol.value)} So the next request finds it open: ask again and watch the number.`;
  if (host !== 'cloudflare')
    return 'What arrived here about the connection could not be read. Each fact below says what was wrong with it.';
  return 'Cloudflare tells this app the protocol and the TLS version, not the number of the exchange. In a browser, this tab keeps count of the connections it meets; the lab, started with npm start, counts at the socket.';
}

function stays(protocol: RequestRecord['facts']['protocol']['value']): string {
  switch (protocol) {
    case 'http/1.0':
      return 'In HTTP/1.0 a connection ends after each exchange unless both sides say Connection: keep-alive (RFC 9112 §C.2.2).';
    case 'http/1.1':
      return 'In HTTP/1.1 a connection stays open after an exchange unless one side says Connection: close (RFC 9112 §9.3).';
    case 'h2':
      return 'HTTP/2 keeps its connection open, and carries many exchanges on it at a time (RFC 9113 §9.1).';
    case 'h3':
      return 'HTTP/3 keeps its QUIC connection open, and gives each exchange a stream of its own (RFC 9114 §3.3).';
    default:
      return 'A connection can carry more than one exchange.';
  }
}
