import type { Idea } from '../story/idea.ts';

export const why: Idea = {
  path: '/why',
  name: 'Why a new one',
  headline: 'A browser opens a new connection for a reason, and here are ten of them.',
  lead: 'Each button causes one reason on your own connection, and under it stands what was seen: by the server at its sockets, and by your browser. Two questions are answered for each connection: can it carry more work, and can streams share it?',
  sentences: [
    'A browser keeps its connections in groups: by scheme, host, port and whether cookies go along. A request takes an open one of its group, if there is one that can carry it.',
    '“Can it carry more work?” decides about reuse: not one that has ended or is about to, nor one that was left by HTTP, nor one about which nobody can say where the next response begins.',
    '“Can streams share it?” decides about multiplexing: in HTTP/1.1 a busy connection is a reason for another one, in HTTP/2 and HTTP/3 it is not.',
  ],
  surprises: [
    'In all ten the page looks the same. What it costs is a handshake, or a request that was sent twice.',
    'A `POST` that died on a used connection is sent again without a word. Whoever must not act twice needs a key by which it is known again, and a client that stops using a connection sooner than its server does.',
    'A request without cookies does not share the connection of one with cookies, not even in HTTP/2. Fonts from another host are such requests, and scripts with `crossorigin`: a `preconnect` for them has to say `crossorigin` too.',
    'Browsers open connections for no request at all as well: a spare one on a first visit, or one that they expect to need. What then comes first on it is its first exchange, and paid no handshake.',
  ],
  bytes: 'Three ends can be read in the bytes: two goodbyes, and what nobody announced.',
  build: {
    exercise: 'KA8',
    what: 'a client that notices that its idle connection has died, and asks again on another one',
  },
  terminal: ({ origin, insecure }) => ({
    commands: [
      `curl${insecure} -v -o /dev/null ${origin}/why -o /dev/null ${origin}/why`,
      `curl${insecure} -v --http1.1 -H 'Connection: close' -o /dev/null ${origin}/why -o /dev/null ${origin}/why`,
      `curl${insecure} -v --http1.1 -Z --parallel-immediate -o /dev/null '${origin}/tile/[0-6]?hold=300'`,
    ],
    see: '`curl` says why as well, in the lines that begin with a star: the first command re-uses its connection, the second closes it after each response, the third opens seven, since it knows no limit of six.',
  }),
};
