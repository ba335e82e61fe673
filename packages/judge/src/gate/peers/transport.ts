/** The project's own server behind the contract: `serveOn` of `@interleave/transport/web`. */
import { serveOn } from '@interleave/transport/web';
import type { Connection } from '../../raw/pipe.ts';
import { type Handler, judgePeer } from './judge-peer.ts';

async function serve(connection: Connection, handler: Handler): Promise<void> {
  const served = serveOn(connection, {}, (request) => {
    const { pathname, search } = new URL(request.url);
    return handler({ method: request.method, target: pathname + search, headers: request.headers, body: request.body });
  });
  await served.closed;
}

await judgePeer(serve);
