import type { Idea } from './idea.ts';

export const websocket: Idea = {
  path: '/websocket',
  name: 'WebSocket',
  headline: 'Keep-alive keeps the door open; a WebSocket changes what goes through it.',
  lead: 'Five messages go to the server and come back, twice: as five exchanges on a connection that stays, and as messages on one WebSocket. Count the heads, then try to say one thing more.',
  sentences: [
    'Over a connection that stays, every message is still an exchange: a head and content there, a head and content back, and then it is over.',
    'A WebSocket begins as one exchange that ends HTTP on its connection or stream (101 in HTTP/1.1, extended CONNECT in HTTP/2 and HTTP/3); after it, messages go both ways in any number, each with a few bytes before it (RFC 6455 §5.2).',
    'Neither is the other’s replacement: an exchange can be cached, retried and redirected because it ends.',
  ],
  surprises: [
    'On a finished exchange there is nowhere to put one more message. Bytes after its end are the next request, or nonsense.',
    'Over HTTP/1.1 a WebSocket takes its connection away from HTTP for good. Over HTTP/2 it is one stream, and exchanges go on beside it.',
    'A browser masks every byte that it sends on a WebSocket (RFC 6455 §5.3), so the same message looks different each time.',
    'Field compression makes repeated heads small in HTTP/2 and HTTP/3, a few bytes for a field that was sent before. The sizes here are spelled out, as HTTP/1.1 sends them.',
  ],
  bytes: 'The same message as an exchange and as a frame, byte by byte.',
  build: { exercise: 'KA2', what: 'a server for which each exchange ends and the connection does not' },
  terminal: ({ origin, insecure }) => ({
    commands: [
      `curl${insecure} -s -d 'one' ${origin}/echo --next${insecure} -s -d 'two' ${origin}/echo`,
      `curl${insecure} -si --http1.1 -H 'Upgrade: websocket' -H 'Connection: Upgrade' -H 'Sec-WebSocket-Version: 13' -H 'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==' -m 2 -o - ${origin}/echo`,
    ],
    see: 'The first command makes two exchanges on one connection, each with a head of its own. The second opens a WebSocket: after 101 there is no HTTP any more, and what follows are frames.',
  }),
};
