/**
 * A Worker in front of the app's, in the same workerd. Miniflare reads a request's `cf` from the header `MF-CF-Blob` and
 * leaves it in place: this takes it out again, and puts back what Miniflare overwrote, so that the app sees the header fields
 * that the client sent. Nothing else passes through changed.
 */
export const FRONT_WORKER = `
export default {
  fetch(request, env) {
    const headers = new Headers(request.headers);
    headers.delete('mf-cf-blob');
    // Miniflare writes "br, gzip" here, whatever the client accepts.
    const accepted = request.cf?.clientAcceptEncoding;
    if (accepted) headers.set('accept-encoding', accepted);
    else headers.delete('accept-encoding');
    // Of the hop between the lab and workerd, not of the client's connection.
    if (!headers.has('upgrade')) headers.delete('connection');
    return env.APP.fetch(new Request(request, { headers, cf: request.cf }));
  },
};
`;
