import type { Idea } from './idea.ts';

export const pipelining: Idea = {
  path: '/pipelining',
  name: 'Pipelining',
  headline: 'Replies come back in the order asked, because nothing else says whose they are.',
  lead: 'A client of our own, in this page, sends six requests in one write. Their handlers finish in any order. Look at which reply comes when, then let the server swap two of them and see who notices.',
  sentences: [
    'A client may send requests before the replies to earlier ones have come; the server must answer them in the order in which they were asked (RFC 9112 §9.3.2).',
    'A reply in HTTP/1.1 carries no name and no number: its place in the order is all that says to which request it belongs.',
    'So a reply that is finished early waits, hatched in the drawing, until every one before it is out.',
  ],
  surprises: [
    'Swap two replies, and every byte is still correct HTTP. The client files each under the wrong request, and nothing on the connection can tell it.',
    'One slow handler at the front holds all the others back. That is head-of-line blocking in HTTP itself, before TCP adds its own.',
    'Browsers keep pipelining switched off. Yours has never had two requests at a time on one HTTP/1.1 connection: see the tiles.',
    'Multiplexing gives each reply a number and so solves the order of replies. It does not solve the order of TCP’s bytes.',
  ],
  bytes: 'Six requests in one write, six replies behind each other, and no number anywhere.',
  build: { exercise: 'PL1', what: 'a server that answers in the order asked, whatever finishes first' },
  terminal: ({ origin, insecure }) => {
    const { host, protocol } = new URL(origin);
    const get = (path: string, more = ''): string => `GET ${path} HTTP/1.1\\r\\nHost: ${host}\\r\\n${more}\\r\\n`;
    const bytes = `${get('/tile/0?hold=900')}${get('/reqinfo', 'Connection: close\\r\\n')}`;
    const [name, port] = host.split(':');
    const peer =
      protocol === 'https:' ? `openssl s_client -quiet -connect ${name}:${port ?? 443}` : `nc ${name} ${port ?? 80}`;
    return {
      commands: [`printf '${bytes}' | ${peer}`, `curl${insecure} '${origin}/pipelining?swap=1'`],
      see: 'The first command sends two requests in one write over HTTP/1.1: the quick second one is answered after the slow first. The second command runs this page’s experiment in the server’s memory.',
    };
  },
};
