/** Types of the peers that bring none, as far as they are used here. */

declare module 'undici/lib/llhttp/llhttp_simd-wasm.js' {
  const wasm: Uint8Array<ArrayBuffer>;
  export default wasm;
}

declare module 'hpack.js' {
  interface Line {
    readonly name: string;
    readonly value: string;
  }
  interface Decompressor {
    write(block: Uint8Array): boolean;
    execute(): void;
    read(): Line | null;
  }
  interface Compressor {
    write(lines: readonly Line[]): boolean;
    read(): Uint8Array | null;
  }
  const hpack: {
    decompressor: { create(options: { table: { maxSize: number } }): Decompressor };
    compressor: { create(options: { table: { maxSize: number } }): Compressor };
  };
  export default hpack;
}

declare module 'molnarg-http2/lib/protocol/framer.js' {
  import type { Transform } from 'node:stream';

  interface Log {
    child(about: object): Log;
    trace(...about: unknown[]): void;
    error(...about: unknown[]): void;
  }
  const framer: { Deserializer: new (log: Log, role: string) => Transform };
  export default framer;
}

declare module 'spdy-transport' {
  import type { EventEmitter } from 'node:events';
  import type { Duplex } from 'node:stream';

  type Stream = Duplex & { respond(status: number, fields: Record<string, string>): void };
  interface Connection extends EventEmitter {
    on(event: 'stream', listener: (stream: Stream) => void): this;
    on(event: 'error', listener: (error: Error) => void): this;
    start(version: number): void;
  }
  const transport: {
    connection: { create(socket: Duplex, options: { protocol: 'http2'; isServer: boolean }): Connection };
  };
  export default transport;
}

/** In Node's Buffer, though not in its types: the quickest way from bytes to a string. */
interface Buffer<TArrayBuffer extends ArrayBufferLike = ArrayBufferLike> extends Uint8Array<TArrayBuffer> {
  latin1Slice(start?: number, end?: number): string;
}
