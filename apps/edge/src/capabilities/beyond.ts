/** What a host can do to a connection, or why it cannot. */
export interface Deed {
  readonly what: string;
  readonly lab: boolean;
  readonly cloudflare: boolean;
  readonly why: string;
}

/** Beyond what the facts say: the sockets are in the lab's own hands, and the edge keeps its own. */
export const DEEDS: readonly Deed[] = [
  {
    what: 'End a connection when you ask for it',
    lab: true,
    cloudflare: false,
    why: 'a Worker answers requests; the connection belongs to the edge',
  },
  {
    what: 'Count every exchange of a connection',
    lab: true,
    cloudflare: false,
    why: 'a Worker sees the exchanges of this app; a connection may carry others',
  },
  {
    what: 'Tell each frame, as it comes',
    lab: true,
    cloudflare: false,
    why: 'the edge hands on messages, not the frames they came in',
  },
  {
    what: 'Hold back bytes of a TCP connection',
    lab: true,
    cloudflare: false,
    why: 'only who writes to the socket can write later',
  },
  {
    what: 'Lose datagrams of a QUIC connection',
    lab: true,
    cloudflare: false,
    why: 'only who owns the UDP socket can drop what leaves it',
  },
];

/** What no server and no page here can know. */
export interface Unknowable {
  readonly what: string;
  readonly why: string;
  /** Who could tell. */
  readonly who: string;
}

export const UNKNOWABLE: readonly Unknowable[] = [
  {
    what: 'Whether TCP lost a segment of yours',
    why: 'the kernel repairs it before anybody above sees a byte',
    who: 'your own machine: `ss -ti`, or a capture',
  },
  {
    what: 'Which streams were in a datagram that was lost',
    why: 'QUIC encrypts all of it but the first bytes (RFC 9001 §5.4)',
    who: 'a capture, together with the keys of the connection',
  },
  {
    what: 'How long a request waited in your browser',
    why: 'while it waited, nothing of it was on the wire',
    who: 'your browser, in Resource Timing: from `fetchStart` to `requestStart`',
  },
  {
    what: 'Why your browser opened a connection',
    why: 'it decides by rules of its own, and tells neither server nor page',
    who: 'its own log: a NetLog from `chrome://net-export`',
  },
  {
    what: 'How your browser names a connection',
    why: 'no interface for pages has an identity of connections',
    who: 'developer tools, in the column Connection ID, and the NetLog',
  },
  {
    what: 'Whether something between us answers in your place',
    why: 'a proxy that ends your TLS looks like a client from here, and like this server from there',
    who: 'you: compare the certificate that your browser shows with that of this server',
  },
  {
    what: 'Whether two connections are of one person',
    why: 'a connection has an identity while it lasts; who uses it has none here, and is not asked for one',
    who: 'nobody, and that is meant so',
  },
];
