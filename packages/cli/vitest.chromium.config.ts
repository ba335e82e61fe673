import { nodeTests } from '../../scripts/vitest/node.ts';

// The browser is started by the tests themselves: they read the NetLog it leaves.
export default nodeTests('interleave in Chromium', { include: ['src/chromium/**/*.test.ts'], testTimeout: 120_000 });
