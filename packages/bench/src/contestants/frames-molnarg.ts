/** The frame layer of molnarg's http2 (npm `http2`), the HTTP/2 in plain JavaScript before Node had its own. */
import framer from 'molnarg-http2/lib/protocol/framer.js';
import { expectSame, runSteps } from '../contestant.ts';
import { CONTENT, dataFrames } from '../workloads/data-frames.ts';

const FRAMES = 64;

await runSteps(() => {
  const silent = { child: () => silent, trace: () => {}, error: () => {} };
  const bytes = Buffer.from(dataFrames([1], FRAMES));
  let frames = 0;
  let content = 0;
  const step = (): number => {
    const reader = new framer.Deserializer(silent, 'SERVER');
    frames = 0;
    content = 0;
    reader.on('data', ({ data }: { data: Uint8Array }) => {
      frames += 1;
      content += data.length;
    });
    // Flowing, without waiting for the next tick: frames come out as they are read.
    reader.resume();
    reader.write(bytes);
    for (let frame = reader.read(); frame !== null; frame = reader.read());
    return FRAMES;
  };
  step();
  expectSame('Frames and bytes', [frames, content], [FRAMES, FRAMES * CONTENT]);
  return step;
});
