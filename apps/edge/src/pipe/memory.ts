import { concat, PipeServer } from './server.ts';
import { pipeService } from './service.ts';

/** What a server answered to some bytes, both ends in memory. */
export interface MemoryRun {
  readonly replies: Uint8Array;
  /** The server ended the connection by itself. */
  readonly ended: boolean;
}

/**
 * Gives these bytes to the server's core, as one piece each, and takes what it answers. Nothing is sent anywhere: this is how
 * the text for `curl` and a page without a script come by real answers.
 */
export function answerInMemory(...pieces: readonly Uint8Array[]): MemoryRun {
  const replies: Uint8Array[] = [];
  let ended = false;
  const server = new PipeServer({
    service: pipeService(null),
    now: () => 0,
    outlet: {
      send: (bytes) => replies.push(bytes),
      close: () => {
        ended = true;
      },
    },
  });
  for (const piece of pieces) server.receive(piece);
  return { replies: concat(replies), ended };
}
