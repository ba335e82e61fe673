import { nodeTests } from '../scripts/vitest/node.ts';

// One file after another: what is judged here shares two cores with a browser.
const config: ReturnType<typeof nodeTests> = nodeTests('workshops', { include: ['*.test.ts'], fileParallelism: false });
export default config;
