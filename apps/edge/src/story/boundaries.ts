import type { Idea } from './idea.ts';

export const boundaries: Idea = {
  path: '/boundaries',
  name: 'Boundaries',
  headline: 'A connection carries bytes; only the message itself says where it ends.',
  lead: 'Write a message. It goes out twice on one connection, cut in two wherever you like. Then delete the length, or make it lie, and see where the server believes that the next message starts.',
  sentences: [
    'TCP, TLS and QUIC streams deliver bytes in order and nothing else: how they were cut on the way says nothing about messages.',
    'So each message says itself where it ends: by `Content-Length`, by chunks that end with an empty one, or, for a reply, by the end of the connection (RFC 9112 §6.3).',
    'When that is wrong, the rest of one message is read as the start of the next, and neither reuse nor pipelining can be trusted any more.',
  ],
  surprises: [
    'A length counts bytes, not characters: try a message with an ü.',
    'A request without `Content-Length` and without chunks has no content at all. Its content is then read as the next request, which is how requests are smuggled.',
    'The last chunk is not a bit somewhere: it is a chunk of size 0, the bytes `0␍␊`, and an empty line after it.',
    'A reply to HEAD announces a length and brings no content. Who sends content with it damages the next reply, and the page looks right all the same.',
  ],
  bytes: 'Some mistakes look right: the page is fine, and the browser quietly opens another connection.',
  build: { exercise: 'KA1', what: 'a reader that finds messages in bytes, however they are cut' },
  terminal: ({ origin, insecure }) => ({
    commands: [
      `curl${insecure} '${origin}/boundaries?framing=short'`,
      `curl${insecure} '${origin}/boundaries?framing=chunked&say=%C3%BC'`,
      `curl${insecure} --raw -sD - -H 'Accept: text/html' ${origin}/boundaries -o /dev/null`,
    ],
    see: 'The first two run this page’s experiment in the server’s memory. The third shows how this page itself says where it ends.',
  }),
};
