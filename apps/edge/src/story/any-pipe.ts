import type { Idea } from './idea.ts';

export const anyPipe: Idea = {
  path: '/any-pipe',
  name: 'Any pipe',
  headline: 'HTTP asks for reliable ordered bytes, not for TCP.',
  lead: 'The same exchange goes over every pipe that this page can reach: TCP, TLS, QUIC, a WebSocket, a channel between two ends inside this page. Then type it by hand, which is a pipe as well.',
  sentences: [
    'HTTP presumes a reliable transport that delivers bytes in order, or for HTTP/3 streams of such bytes, and nothing more (RFC 9110 §3.3).',
    'So one and the same state machine answers, whether its bytes come from a socket, a WebSocket, another corner of this page, or your keyboard.',
    'What a pipe adds is its own: TLS adds secrecy, QUIC adds streams that do not wait for each other, and none of it is in the messages.',
  ],
  surprises: [
    'The experiments on pipelining and multiplexing ran over a WebSocket, which itself began as an HTTP exchange. HTTP did not notice.',
    'A connection has no length in time: between two keys that you press, the server waits as it would for a slow network.',
    'UDP alone would not do: bytes may be lost or overtake each other. QUIC is what makes them reliable and ordered, stream by stream.',
  ],
  bytes: 'Over the WebSocket and inside this page, the bytes are the same.',
  build: { exercise: 'KA2', what: 'a server on two web streams: it never learns what carries them' },
  terminal: ({ origin, insecure }) => {
    const { host, hostname, port, protocol } = new URL(origin);
    const bytes = `GET /hello HTTP/1.1\\r\\nHost: ${host}\\r\\nConnection: close\\r\\n\\r\\n`;
    const peer =
      protocol === 'https:'
        ? `openssl s_client -quiet -connect ${hostname}:${port || 443}`
        : `nc ${hostname} ${port || 80}`;
    return {
      commands: [`printf '${bytes}' | ${peer}`, `curl${insecure} ${origin}/hello`],
      see: 'The first command is HTTP by hand over TCP or TLS, the second lets `curl` write the same.',
    };
  },
};
