import { Http1Connection } from '@interleave/wire/http1';
import { Http2Connection } from '@interleave/wire/http2';
import { concat } from '../pipe/server.ts';
import type { ByteParts } from './parts.ts';

export interface NamedBytes {
  readonly title: string;
  readonly bytes: Uint8Array;
  readonly parts: readonly ByteParts[];
}

/** The bytes with which our own client would ask for one target, in HTTP/1.1 and in HTTP/2. */
export function requestBytes(target: string, authority: string): NamedBytes[] {
  const http1 = new Http1Connection({ role: 'client', now: 0 });
  http1.sendRequest({ method: 'GET', target, authority, scheme: 'https' }, { endStream: true });
  const one = concat(http1.takeOutput());
  const line = one.indexOf(0x0a) + 1;

  const http2 = new Http2Connection({ role: 'client', now: 0 });
  // The preface and SETTINGS begin the connection; what is wanted here is one request on it.
  http2.takeOutput();
  // Streams 1 and 3 were earlier exchanges, so that the number is seen to count.
  for (const earlier of ['/', '/tile/0']) {
    http2.sendRequest({ method: 'GET', target: earlier, scheme: 'https', authority }, { endStream: true });
  }
  http2.takeOutput();
  http2.sendRequest({ method: 'GET', target, scheme: 'https', authority }, { endStream: true });
  const two = concat(http2.takeOutput());
  return [
    {
      title: 'HTTP/1.1',
      bytes: one,
      parts: [
        { from: 0, to: line, label: 'request line' },
        { from: line, to: one.length - 2, label: 'fields' },
        { from: one.length - 2, to: one.length, label: 'end of head' },
      ],
    },
    {
      title: 'HTTP/2',
      bytes: two,
      parts: [
        { from: 0, to: 3, label: 'length' },
        { from: 3, to: 4, label: 'HEADERS' },
        { from: 4, to: 5, label: 'flags' },
        { from: 5, to: 9, label: 'stream 5' },
        { from: 9, to: two.length, label: 'fields, compressed' },
      ],
    },
  ];
}
