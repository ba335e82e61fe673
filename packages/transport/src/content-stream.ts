import type { BodySink } from './content.ts';
import type { AbortReason } from './host.ts';

/** Something whose content can be read once: an exchange of either side. */
export interface ContentSource {
  read(sink: BodySink): void;
  pull(): void;
  cancel(): void;
}

/** The content as a stream that asks for no byte before its reader does. `errorOf` says what it fails with. */
export function contentStream(
  source: ContentSource,
  errorOf: (reason: AbortReason) => Error,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  let wake: (() => void) | null = null;
  return new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      start(controller) {
        source.read({
          data(chunk) {
            controller.enqueue(chunk as Uint8Array<ArrayBuffer>);
            wake?.();
          },
          end() {
            controller.close();
            wake?.();
          },
          abort(reason) {
            controller.error(errorOf(reason));
            wake?.();
          },
        });
      },
      pull() {
        return new Promise<void>((resolve) => {
          wake = resolve;
          source.pull();
        });
      },
      cancel() {
        source.cancel();
        wake?.();
      },
    },
    { highWaterMark: 0 },
  );
}
