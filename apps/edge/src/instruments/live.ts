import type { Idea } from '../story/idea.ts';

export const live: Idea = {
  path: '/live',
  name: 'Live',
  headline: 'Every connection this tab has used, and what each of them carried.',
  lead: 'A lane is a connection, a bar is an exchange. The server tells what it sees at its sockets, as it sees it; your browser adds what only it knows, the queue and what a handshake cost. Point at a bar, or walk there with the arrow keys.',
  sentences: [
    'A lane that goes on is a connection that can carry more work; a lane with one bar is a handshake that was paid once for one exchange.',
    'Bars side by side in one lane are streams of HTTP/2 or HTTP/3; in HTTP/1.1 you find none, since an exchange has its connection to itself.',
    'Dashes before a bar are time in your browser’s queue: nothing of it was on the wire, and no server saw it.',
  ],
  surprises: [
    'Giving up a request closes its connection in HTTP/1.1, which has no other word for it. HTTP/2 resets one stream, and the lane goes on.',
    'What comes from a cache used no connection. Its head still names one: that of the exchange that was stored.',
    'A request without cookies gets a connection of its own, to the same host, beside one that stands idle.',
    'This page itself watches over a WebSocket. Over HTTP/1.1 that does not count among the six, so any number of tabs can watch; an event stream would, and the seventh tab would hang.',
  ],
  bytes: 'One field names the connection on every response, and the server’s own events tell the rest.',
  build: { exercise: 'KA7', what: 'a pool of connections that keeps to a limit, and a queue behind it' },
  terminal: ({ origin, insecure }) => ({
    commands: [
      `curl${insecure} -s -D - -o /dev/null ${origin}/live | grep -i x-conn`,
      `curl${insecure} -N ${origin}/api/v1/connection/ID/events`,
      `curl${insecure} -sZ --parallel-immediate -o /dev/null -w '%header{x-conn}\\n' '${origin}/asked/[1-12]?hold=300'`,
    ],
    see: 'The first command prints the field. Put the `c=` of a connection that is open in place of ID, that of this page for example, and the second prints what the server sees on it. The third names the connection of each of twelve at once.',
  }),
};
