import { nodeTests } from '../scripts/vitest/node.ts';

// Two at a time: judging waits as much as it works, and more would make a browser on two cores late.
const config: ReturnType<typeof nodeTests> = nodeTests('workshops', { include: ['gate/*.test.ts'], maxWorkers: 2 });
export default config;
