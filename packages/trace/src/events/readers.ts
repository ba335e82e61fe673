import { Http1Reader } from './read-http1.ts';
import { Http2Reader } from './read-http2.ts';
import { Http3Reader } from './read-http3.ts';
import { ConnectionReader, type ReaderFor } from './reader.ts';

/** Readers of every protocol. */
export const readerFor: ReaderFor = (protocol, vantagePoint) => {
  switch (protocol) {
    case 'http/1.1':
      return new ConnectionReader(new Http1Reader(vantagePoint));
    case 'h2':
      return http2Reader(protocol, vantagePoint);
    case 'h3':
      return new ConnectionReader(new Http3Reader(vantagePoint));
  }
};

/** The reader of HTTP/2 alone. */
export const http2Reader: ReaderFor = (_protocol, vantagePoint) => new ConnectionReader(new Http2Reader(vantagePoint));
