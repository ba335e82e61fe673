/** The project's own HTTP/2 server behind the contract: `serveOn` of `@interleave/transport/web`. It needs nothing that is given. */
import { serveOn } from '@interleave/transport/web';
import type { Connection } from '../../raw/pipe.ts';
import { type Handler, judgePeer } from './judge-peer.ts';

async function serve(connection: Connection, handler: Handler): Promise<void> {
  const served = serveOn(connection, { protocol: 'h2' }, (request) => {
    const { pathname, search, host } = new URL(request.url);
    const headers = new Headers(request.headers);
    headers.set('host', host);
    return handler({ method: request.method, target: pathname + search, headers, body: request.body });
  });
  await served.closed;
}

await judgePeer(serve);
