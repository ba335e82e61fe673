import type { Idea } from './idea.ts';

export const tiles: Idea = {
  path: '/tiles',
  name: 'Tiles',
  headline: 'Forty-eight pictures: six connections and a queue, or one connection and none.',
  lead: 'One picture, cut into forty-eight. Your browser asks for all of them at once; the letter on a tile is the connection that brought it, the number its place in the order of arrival. Count the letters.',
  sentences: [
    'Over HTTP/1.1 a browser uses a connection for one exchange at a time, and opens no more than six to one host: the seventh picture waits until one of the six is free.',
    'Over HTTP/2 and HTTP/3 all forty-eight are asked for at once on one connection, each on a stream of its own, and nothing waits for a free connection.',
    'What is drawn dashed is the queue in the browser; it was never on the wire, so no server sees it.',
  ],
  surprises: [
    'The six are a habit of browsers, not a rule: RFC 9112 §9.4 names no number. They count by scheme, host, port and whether cookies are sent, so six and six more are possible.',
    'Host names that only multiply the six cost a handshake each, and with HTTP/2 they take away what one connection is good at.',
    'A browser also holds pictures back by its own judgement of what is urgent. These are marked as important (`fetchpriority`), so that the queue you see is the one for connections.',
    'Times are drawn here and not ranked. Cleartext HTTP/1.1 beside HTTP/2 over TLS would compare two things at once; the count of connections and who waited for whom compare one.',
  ],
  bytes: 'The same request twice: in HTTP/1.1 nothing says which exchange it is; in HTTP/2 its frame carries a number.',
  build: { exercise: 'KA7', what: 'a pool of connections that keeps to a limit, and a queue behind it' },
  terminal: ({ origin, insecure, h2 }) => ({
    commands: [
      `curl${insecure} --http1.1 -sZ --parallel-immediate -o /dev/null -w 'new connections: %{num_connects}\\n' '${origin}/tile/[0-11]?hold=200'`,
      `curl --insecure --http2 -sZ -o /dev/null -w 'new connections: %{num_connects}\\n' '${h2}/tile/[0-11]?hold=200'`,
    ],
    see: '`curl` has no limit of six: over HTTP/1.1 each of the twelve opens a connection of its own and says 1; over HTTP/2 all twelve share one, and only the first says 1.',
  }),
};
