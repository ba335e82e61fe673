import type { Idea } from './idea.ts';

export const headOfLine: Idea = {
  path: '/head-of-line',
  name: 'Head of line',
  headline: 'What gets lost is a range of bytes, and everything behind it on that connection waits.',
  lead: 'Choose bytes that are to come late, guess who waits for them, and look: with your own connections, where a lab holds bytes back, and in a model, where you move the hole byte by byte.',
  sentences: [
    'TCP hands bytes on in one order, so a range that is missing holds back all that has come behind it, whatever exchange it belongs to (RFC 9293 §3.4).',
    'The lost thing is not a request: it is a stretch of bytes, inside one frame, across two, or over a frame that belongs to no exchange at all.',
    'QUIC gives each stream an order of its own, so a lost datagram holds back the streams whose bytes were in it, and no other (RFC 9000 §2.2).',
  ],
  surprises: [
    'Six HTTP/1.1 connections lose less to one hole than one HTTP/2 connection does: the other five have orders of their own. Multiplexing ended the queue in the browser and made the shared order longer.',
    'The gain of HTTP/3 is not everywhere. Where replies are written each to its end, a hole in the last one holds back that one, on both roads.',
    'A loss slows the whole connection as well, because the sender takes it for a sign of a full network (RFC 9002 §7). While a connection is young that makes nearly everybody late, over QUIC too.',
    'HTTP/3 can still wait across streams: a field that refers to QPACK’s dynamic table waits for the stream that fills it (RFC 9204 §2.1.2). The model here leaves that table out.',
    'On TCP the lab holds bytes back and lets them go later; none is lost. On QUIC it drops datagrams. What was in one is encrypted, so lateness is measured here, and its cause is inferred.',
  ],
  bytes: 'What is missing knows nothing of frames: it begins and ends anywhere.',
  build: { exercise: 'HL2', what: 'who waits for a hole: those whose bytes are in it, and those who end behind it' },
  terminal: ({ origin, insecure }) => ({
    commands: [
      `curl${insecure} '${origin}/head-of-line?from=6380&lost=200'`,
      `curl${insecure} '${origin}/head-of-line?from=0&lost=39'`,
      `curl${insecure} '${origin}/head-of-line?from=20000&lost=200&order=turn'`,
    ],
    see: 'Each runs the model in the server’s memory: a hole inside one frame, over the server’s SETTINGS, and near the end of replies that come one after the other.',
  }),
};
