import type { Idea } from './idea.ts';

export const resume: Idea = {
  path: '/resume',
  name: 'Resumption',
  headline: 'Coming back is cheaper than arriving, and staying is cheaper than coming back.',
  lead: 'Three requests: one on the connection that is open, one after the server has ended it, one from a corner of your browser that does not know this server yet. Look at what each pays before its first byte.',
  sentences: [
    'On a connection that stayed there is no handshake at all: that is reuse.',
    'After its end a new connection is needed, and TLS may resume on it: with a key from the last session it skips the certificate and its proof (RFC 8446 §2.2). New it is all the same.',
    'Where no such key is at hand the handshake is a full one: that is arriving.',
  ],
  surprises: [
    'A refresh is quick for one of two different reasons: the connection was still there, or the session was resumed on a new one. The second is not reuse.',
    'A request without cookies, `credentials: "omit"`, has connections and a session cache of its own. It arrives as a stranger, from the very same page.',
    'With early data (0-RTT) a request travels inside the handshake of a resumed session. It may be replayed, so it is only for what may happen twice (RFC 8446 §8).',
    'How long a handshake took does not tell which kind it was: only the two ends know. Here the server says it.',
  ],
  bytes: 'One field on every response tells which of the three it was.',
  build: { exercise: 'KA8', what: 'a client that notices that its idle connection has died, and comes back' },
  terminal: ({ origin, insecure }) => ({
    commands: [
      `curl${insecure} --http1.1 ${origin}/resume ${origin}/resume`,
      `curl${insecure} --http1.1 -H 'Connection: close' ${origin}/resume ${origin}/resume`,
    ],
    see: 'The first command stays: exchange 2 on a connection that was open. The second, on an https address, comes back: a new connection that resumed the session.',
  }),
};
