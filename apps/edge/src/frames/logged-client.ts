import { ConnectionLog, http2Reader } from '@interleave/trace/events';
import { Http2Connection } from '@interleave/wire/http2';
import { PipeClient } from '../pipe/client.ts';

/** Our own client of HTTP/2 with a log of its frames: both ends are ours, so every byte can be seen anywhere. */
export class LoggedClient {
  readonly log: ConnectionLog;
  readonly client: PipeClient;

  /** `send` takes the bytes for the server. */
  constructor(send: (bytes: Uint8Array) => void, now: () => number) {
    this.log = new ConnectionLog({
      connectionId: 'pipe',
      vantagePoint: 'client',
      startedAt: 0,
      now,
      quic: false,
      reader: http2Reader,
    });
    this.log.protocol = 'h2';
    this.client = new PipeClient({
      connection: (note) =>
        new Http2Connection({
          role: 'client',
          now: now(),
          observe: (unit) => {
            note(unit);
            this.log.observe(unit);
          },
        }),
      send: (bytes) => {
        this.log.sent(bytes, null, false);
        send(bytes);
      },
      now,
    });
  }

  /** Bytes from the server. */
  receive(bytes: Uint8Array): void {
    this.log.received(bytes, null, false);
    this.client.receive(bytes);
  }

  /** Asks for these paths at once, with fields as a browser sends them, so that there is something to compress. */
  ask(paths: readonly string[]): Promise<void> {
    this.client.ask(
      paths.map((target) => ({ method: 'GET', target, scheme: 'http', authority: 'pipe', fields: FIELDS })),
    );
    return this.client.done();
  }
}

const FIELDS: readonly (readonly [string, string])[] = [
  ['accept', 'text/plain'],
  ['accept-language', 'en'],
  ['user-agent', 'interleave'],
  ['cookie', 'id=never-shown'],
];
