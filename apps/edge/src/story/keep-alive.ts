import type { Idea } from './idea.ts';

export const keepAlive: Idea = {
  path: '/keep-alive',
  name: 'Keep-alive',
  headline: 'The connection stays; each exchange still ends.',
  lead: 'Fetch five times, one after another. Long means that the server leaves the connection open after a response; short means that it ends it. Then count the lanes: each is one connection.',
  sentences: [
    'In HTTP/1.1 a connection stays open after an exchange unless one side says `Connection: close` (RFC 9112 §9.3); in HTTP/2 and HTTP/3 it stays open until one side says goodbye.',
    'Every exchange on it is whole all the same: one request, one final response, and nothing between the end of one and the start of the next.',
    'What you save is the handshake, paid once instead of once for each exchange.',
  ],
  surprises: [
    'Browsers send `Connection: keep-alive` to this day. In HTTP/1.1 it changes nothing; it is a word to servers of HTTP/1.0.',
    'A page cannot ask for the end: `fetch` may not send `Connection`, which is a forbidden field name. So the switch above is the server’s.',
    'How many exchanges one connection may carry is no rule of HTTP. Servers set limits of their own, in numbers and in idle time.',
    'Long and short are properties of the connection below. HTTP itself remembers nothing from one exchange to the next.',
  ],
  bytes: 'Who ends the connection can be read in the bytes, version and field together.',
  build: { exercise: 'KA2', what: 'a server that answers request after request on one connection' },
  terminal: ({ origin, insecure }) => ({
    commands: [
      `curl${insecure} ${origin}/keep-alive ${origin}/keep-alive`,
      `curl${insecure} -H 'Connection: close' ${origin}/keep-alive ${origin}/keep-alive`,
      `curl${insecure} --http1.0 ${origin}/keep-alive ${origin}/keep-alive`,
    ],
    see: 'Over HTTP/1.1 the first command says exchange 1, then exchange 2; the others say exchange 1 twice. HTTP/2 has no Connection field, so there all of them stay.',
  }),
};
