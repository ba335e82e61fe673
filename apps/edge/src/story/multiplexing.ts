import type { Idea } from './idea.ts';

export const multiplexing: Idea = {
  path: '/multiplexing',
  name: 'Multiplexing',
  headline: 'One byte stream, many exchanges: each frame says whose it is.',
  lead: 'A client of our own, in this page, asks for twelve things at once on one HTTP/2 connection. The frames come mixed. Sort them by the number that each carries, then switch the numbers off.',
  sentences: [
    'HTTP/2 cuts every message into frames, and each frame begins with nine bytes that name its length, its type and its stream (RFC 9113 §4.1).',
    'A stream is one exchange’s lane: frames of many streams take turns in one ordered byte stream, and the number sorts them again.',
    'TCP below sees none of this. For it there is one row of bytes, and a byte that is missing holds back every stream behind it.',
  ],
  surprises: [
    'Reuse and multiplexing are two things. One after another on a connection is reuse, and HTTP/1.1 can do it; several at a time is multiplexing.',
    'Replies come in the order in which they are ready. None is taken for another: this solves the order of replies, not the order of TCP.',
    'There are two rulers over the same bytes: where a frame stands in the connection, and where its content stands in its stream.',
    'The numbers are odd because the client counts its streams so; even ones would belong to the server (RFC 9113 §5.1.1).',
  ],
  bytes: 'Nine bytes before every frame carry the whole idea.',
  build: { exercise: 'MX2', what: 'a server that sorts frames by their stream, and so answers many at a time' },
  terminal: ({ origin, insecure, h2 }) => ({
    commands: [`nghttp -nv ${h2}/tile/1 ${h2}/tile/2 ${h2}/tile/3`, `curl${insecure} ${origin}/multiplexing`],
    see: '`nghttp` prints each frame of a real connection with its stream id. The second command runs this page’s experiment in the server’s memory.',
  }),
};
