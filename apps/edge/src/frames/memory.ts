import { FrameModel } from '@interleave/trace/frames';
import { Http2Connection } from '@interleave/wire/http2';
import { PipeServer } from '../pipe/server.ts';
import { pipeService } from '../pipe/service.ts';
import { VirtualClock } from '../story/virtual-clock.ts';
import { LoggedClient } from './logged-client.ts';
import { PATHS } from './memory-paths.ts';

/** The frames of a run with both ends in this server's memory: what can be shown where nobody sees the visitor's own. */
export async function framesInMemory(): Promise<FrameModel> {
  const clock = new VirtualClock();
  const toClient: Uint8Array[] = [];
  const toServer: Uint8Array[] = [];
  const server = new PipeServer({
    service: pipeService(clock.wait),
    connection: new Http2Connection({ role: 'server', now: 0 }),
    now: () => clock.now,
    outlet: { send: (bytes) => toClient.push(bytes), close: () => {} },
  });
  const own = new LoggedClient(
    (bytes) => toServer.push(bytes),
    () => clock.now,
  );
  const done = own.ask(PATHS);
  await clock.run(() => {
    while (toServer.length > 0 || toClient.length > 0) {
      for (const bytes of toServer.splice(0)) server.receive(bytes);
      for (const bytes of toClient.splice(0)) own.receive(bytes);
    }
  });
  await done;
  const model = new FrameModel('client');
  model.add(own.log.snapshot('own').events);
  return model;
}
