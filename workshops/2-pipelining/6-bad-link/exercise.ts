import { defineExercise, type Exercise, type LinkStep, rfc, type Step } from '@interleave/judge/exercise';

/** Runs, each from its own seed. All but the last are short; that one has as many requests as a large page, and is the one that is drawn. */
const SEEDS = 24;
const REQUESTS = 200;
const FEW = 24;
/** Where the link is broken: behind every byte of the replies, and behind every fifth of the requests. */
const REPLIES = 230;
const ASKED = 180;
/** So many bytes fit into the narrow link, each way. */
const ROOM = 24;

const scene = {
  kind: 'link',
  file: 'http1/client.ts',
  export: 'pipeline',
  server: { file: 'http1/server.ts', export: 'serve', maxInFlight: 4 },
} as const;

type Break = Extract<LinkStep, { do: 'expectRecovery' }>['breaks'][number];

const breaks = (first: Break, next: Break): { title: string; steps: readonly Step[] } => {
  const what = `${first.at} bytes of ${first.toward === 'server' ? 'requests' : 'replies'}`;
  return {
    title: `${first.how === 'end' ? 'ended' : 'broken off'} after ${what}, then ${next.at} bytes behind a reply`,
    steps: [{ do: 'expectRecovery', breaks: [first, next] }],
  };
};
/** Both ways to end, in turn. The second break comes at another place each time, and never before a reply has. */
const how = (at: number): Break['how'] => (at % 2 === 0 ? 'end' : 'reset');
const second = (at: number): Break => ({ toward: 'client', at: (at * 37) % 150, how: how(at + 1), behindReply: true });

/** What a page asks for, and what comes back. */
const PAGE = Array.from({ length: REQUESTS }, (_, i) => (i % 40 === 7 ? `POST /${i + 1}` : `GET /${i + 1}`));

const exercise: Exercise = defineExercise({
  id: 'PL6',
  track: 'pipelining',
  folder: 'workshops/2-pipelining/6-bad-link',
  title: 'Your client, your server, a bad link',
  idea: 'Both ends are yours, and between them is what a network is: bytes that come late, in pieces, or not at all.',
  minutes: 25,
  capstone: true,
  buildsOn: ['KA7', 'KA8', 'PL1', 'PL2', 'PL3', 'PL4'],
  contract: `export function serve(connection: Connection, handler: Handler, options?: Options): Promise<void>;
export function pipeline(dial: () => Promise<Connection>): (request: Outgoing) => Promise<Response>;`,
  files: [
    { path: 'http1/server.ts', start: null, exports: ['serve'] },
    { path: 'http1/client.ts', start: null, exports: ['pipeline'] },
  ],
  startFails: [],
  checks: [
    {
      id: 'PL6-1',
      title: `up to ${REQUESTS} requests, ${SEEDS} seeds: every answer belongs to its question`,
      judge: 'raw',
      spec: rfc(9112, '9.3.2'),
      idea: 'How the bytes are cut, when they come and what ended before says nothing about whose they are. Only the order on this connection does.',
      scene,
      limits: { written: 4 * 1024 * 1024 },
      steps: [
        {
          do: 'each',
          cases: Array.from({ length: SEEDS }, (_, i) => ({
            title: `seed ${i + 1}`,
            steps: [{ do: 'expectEachOwn', requests: i === SEEDS - 1 ? REQUESTS : FEW, seed: i + 1 }] as const,
          })),
        },
      ],
    },
    {
      id: 'PL6-2',
      title: 'the link breaks at any byte: no GET is lost, no POST done twice',
      judge: 'raw',
      spec: rfc(9110, '9.2.2'),
      idea: 'A break leaves three kinds of requests: answered, not answered, and answered by half. Each of them needs its own ending, at every break.',
      scene,
      steps: [
        {
          do: 'each',
          cases: [
            ...Array.from({ length: REPLIES }, (_, at) => breaks({ toward: 'client', at, how: how(at) }, second(at))),
            ...Array.from({ length: ASKED / 5 }, (_, i) =>
              breaks({ toward: 'server', at: 5 * i, how: how(i) }, second(i)),
            ),
          ],
        },
      ],
    },
    {
      id: 'PL6-3',
      title: 'the link takes one byte at a time each way: it still ends',
      judge: 'raw',
      spec: { text: 'contract', url: '' },
      idea: 'When both ends write and neither reads, both wait for ever. Whoever has asked must be ready to be answered.',
      scene,
      steps: [{ do: 'expectThrough', requests: 60, room: ROOM }],
    },
    {
      id: 'PL6-C',
      title: `the client in the page, the server behind it: ${REQUESTS} requests on one WebSocket`,
      judge: 'smoke',
      spec: { text: 'contract', url: '' },
      idea: 'Two programs, one contract between them: bytes in order, each way. The same files run wherever there are streams.',
      scene: {
        kind: 'client',
        file: 'http1/client.ts',
        export: 'pipeline',
        behind: { file: 'http1/server.ts', export: 'serve' },
        handler: PAGE.map((request) => ({
          on: request,
          reply: { body: request.startsWith('POST') ? { echo: true } : `answer to ${request}` },
        })),
      },
      steps: [
        {
          do: 'askInPage',
          requests: PAGE.map((request) => ({
            request,
            ...(request.startsWith('POST') ? { body: `ticket for ${request}` } : {}),
            expect: { body: request.startsWith('POST') ? `ticket for ${request}` : `answer to ${request}` },
          })),
        },
        { do: 'expectSockets', count: 1 },
      ],
    },
  ],
});

export default exercise;
