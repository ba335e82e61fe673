// A Worker that tells what it was told, for the tests of the lab.
export default {
  async fetch(request) {
    const { pathname } = new URL(request.url);
    if (pathname === '/echo')
      return new Response(request.body, { headers: { 'x-length': String(request.headers.get('content-length')) } });
    if (pathname === '/hello') return new Response('hello');
    if (pathname === '/throw') throw new Error('the Worker has failed');
    if (pathname === '/half') {
      let ticks = 0;
      return new Response(
        new ReadableStream({
          async pull(controller) {
            await new Promise((resolve) => setTimeout(resolve, 20));
            if (ticks++ === 2) controller.error(new Error('no more'));
            else controller.enqueue(new TextEncoder().encode('tick '));
          },
        }),
      );
    }
    if (pathname === '/ws') {
      const [client, server] = Object.values(new WebSocketPair());
      server.accept();
      server.addEventListener('message', (event) => server.send(`echo ${event.data}`));
      return new Response(null, { status: 101, webSocket: client });
    }
    return Response.json({ url: request.url, method: request.method, headers: [...request.headers], cf: request.cf });
  },
};
