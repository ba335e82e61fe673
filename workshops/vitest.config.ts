import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { nodeTests } from '../scripts/vitest/node.ts';

/** The track with the most exercises first: it decides when all is over. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const tracks = readdirSync(import.meta.dirname).filter((name) => /^\d-/.test(name));
    const size = ({ moduleId }: TestSpecification): number => {
      const track = tracks.find((name) => name.slice(2) === basename(moduleId, '.test.ts'));
      return track === undefined ? 0 : readdirSync(join(import.meta.dirname, track)).length;
    };
    return files.sort((a, b) => size(b) - size(a));
  }
}

// Two tracks at a time, and two tests of each: judging waits as much as it works, and more would make a browser on two cores late.
const config: ReturnType<typeof nodeTests> = nodeTests('workshops', {
  include: ['gate/*.test.ts'],
  maxWorkers: 2,
  maxConcurrency: 2,
  // A busy machine may take a minute for what takes a host seconds on its own.
  testTimeout: 240_000,
  sequence: { sequencer: LongestFirst },
});
export default config;
