import type { Idea } from '../story/idea.ts';

export const frames: Idea = {
  path: '/frames',
  name: 'Frames',
  headline: 'These are the frames that carried the page you are reading.',
  lead: 'Each line is one frame, or in HTTP/1.1 one piece of a message, in the order in which it passed. Choose one: its bytes, what each of them says, and what it changed. New ones appear while you read.',
  sentences: [
    'A frame says how long it is, what kind it is and whose it is before anything else, so a reader can sort it or skip it without knowing what is inside.',
    'A compressed head is a list of small orders: take a line from the table, spell one out, remember it; both ends keep the same table only because both carry out every order, in order.',
    'A stream is nothing but a state that both ends agree on: each frame takes one step in a table, and a step that the table does not have is an error.',
  ],
  surprises: [
    'The second request is often a tenth as long as the first: most of its lines are one byte, the number of a line that the table remembers.',
    'HTTP/1.1 has no frames. What says where a message ends stands inside the message: an empty line, a length, a chunk of size 0.',
    'In HTTP/3 each stream counts its own bytes from 0; there is no order between streams, so the table is filled by a stream of its own, and a head may have to wait for it.',
    'The frames that bring you this report are left out: each of them would make another one. They are counted, and their octets are in the windows.',
  ],
  bytes: 'Take them with you, as a qlog or as text.',
  build: { exercise: 'MX1', what: 'a reader that cuts frames out of bytes, however they come' },
  terminal: ({ origin, insecure, h2 }) => ({
    commands: [
      `curl${insecure} -s ${origin}/hello ${origin}/api/v1/connection/this.txt`,
      `curl${insecure} -s --http2 ${h2}/hello ${h2}/api/v1/connection/this.qlog`,
      `curl${insecure} -sN ${origin}/api/v1/connection/this/events`,
    ],
    see: 'In the lab, `this` is the connection that carries the command: the first prints its frames, one a line; the second writes a qlog; the third goes on as it happens. The ids of other connections stand in `x-conn`.',
  }),
};
